// Suggestions while typing. Every form works without them.
import accessibleAutocomplete from "accessible-autocomplete";

function suggestions(kind) {
  let latest = 0;
  return async (query, populate) => {
    const mine = ++latest;
    try {
      const answer = await fetch(`/suggest?kind=${encodeURIComponent(kind)}&q=${encodeURIComponent(query)}`);
      const found = await answer.json();
      if (mine === latest) populate(found);
    } catch {
      if (mine === latest) populate([]);
    }
  };
}

const template = {
  inputValue: (one) => (one ? one.value ?? one : ""),
  suggestion: (one) => {
    // The library sets this as HTML; names are the record's own and still go through the browser's escaping.
    const shown = document.createElement("span");
    shown.textContent = one.kind ? `${one.label} (${one.kind})` : (one.label ?? one);
    return shown.innerHTML;
  },
};

for (const input of document.querySelectorAll("input[data-suggest]")) {
  const place = document.createElement("div");
  input.parentNode.insertBefore(place, input);
  const described = input.getAttribute("aria-describedby");
  accessibleAutocomplete({
    element: place,
    id: input.id,
    name: input.name,
    defaultValue: input.value,
    required: input.required,
    minLength: 2,
    confirmOnBlur: false,
    showNoOptionsFound: false,
    displayMenu: "overlay",
    source: suggestions(input.dataset.suggest),
    templates: template,
    menuAttributes: { "aria-label": "Suggestions" },
    tAssistiveHint: () => "When suggestions are there, use the up and down arrows to look through them and enter to choose.",
  });
  input.remove();
  const made = place.querySelector("input");
  if (described) made.setAttribute("aria-describedby", `${described} ${made.getAttribute("aria-describedby") ?? ""}`.trim());
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
