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
  const asks = input.form?.hasAttribute("data-asks");
  accessibleAutocomplete({
    element: place,
    id: input.id,
    name: input.name,
    defaultValue: input.value,
    required: input.required,
    minLength: 2,
    confirmOnBlur: false,
    showNoOptionsFound: false,
    // In the flow of the page, so that no list ever lies over a button.
    displayMenu: "inline",
    source: suggestions(input.dataset.suggest),
    templates: template,
    menuAttributes: { "aria-label": "Suggestions" },
    tAssistiveHint: () =>
      asks
        ? "When suggestions are there, use the up and down arrows to look through them, space to choose one and enter to ask."
        : "When suggestions are there, use the up and down arrows to look through them and enter to choose.",
  });
  input.remove();
  const made = place.querySelector("input");
  if (asks) {
    // Enter always asks: with the suggestion looked at, or with what is typed. The library would keep the key for itself.
    place.addEventListener(
      "keydown",
      (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        event.stopPropagation();
        const form = made.form;
        const chosen = document.activeElement?.closest?.("[role=option]");
        if (chosen) chosen.click();
        // The field has what was chosen after the library has drawn itself anew.
        setTimeout(() => form.requestSubmit(), chosen ? 30 : 0);
      },
      true,
    );
  }
  if (described) made.setAttribute("aria-describedby", `${described} ${made.getAttribute("aria-describedby") ?? ""}`.trim());
}

// On a phone an answer for the whole country opens with what is short; everything is there to be opened.
if (matchMedia("(max-width: 639px)").matches) {
  for (const fold of document.querySelectorAll("details[data-narrow]")) fold.open = false;
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
