// The SPARQL editor over the plain text field, which goes on to hold what is sent.
import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { minimalSetup, EditorView } from "codemirror";
import { bracketMatching } from "@codemirror/language";
import { keymap, lineNumbers } from "@codemirror/view";
import { sparql } from "codemirror-lang-sparql";

const field = document.querySelector("textarea[data-editor]");

// Names of our own vocabulary, asked for once, when first needed.
let terms = null;
async function complete(context) {
  const word = context.matchBefore(/[A-Za-z]+:[A-Za-z0-9-]*/);
  if (!word || (word.from === word.to && !context.explicit)) return null;
  terms ??= fetch("/suggest/terms").then((answer) => answer.json()).catch(() => []);
  const options = (await terms).map((t) => ({ label: t.name, detail: t.kind, info: t.meaning, type: "keyword" }));
  return { from: word.from, options, validFor: /^[A-Za-z]+:[A-Za-z0-9-]*$/ };
}

if (field) {
  const host = document.createElement("div");
  host.className = "app-editor";
  field.parentNode.insertBefore(host, field);
  // In a tree of its own: the styles that the editor makes need no permission of the page.
  const root = host.attachShadow({ mode: "open" });
  const inside = document.createElement("div");
  root.append(inside);
  const label = document.querySelector(`label[for="${field.id}"]`);
  const language = sparql();
  const view = new EditorView({
    doc: field.value,
    parent: inside,
    root,
    extensions: [
      minimalSetup,
      lineNumbers(),
      bracketMatching(),
      autocompletion(),
      keymap.of(completionKeymap),
      language,
      language.language.data.of({ autocomplete: complete }),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": label ? label.textContent.trim() : "Query" }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) field.value = update.state.doc.toString();
      }),
      EditorView.theme({ "&": { fontSize: "16px", maxHeight: "28em" }, ".cm-scroller": { overflow: "auto", minHeight: "14em" } }),
    ],
  });
  field.hidden = true;
  if (label) label.addEventListener("click", () => view.focus());
  const line = Number(field.dataset.line || 0);
  if (line > 0 && line <= view.state.doc.lines) {
    const at = view.state.doc.line(line);
    view.dispatch({ selection: { anchor: at.from, head: at.to }, scrollIntoView: true });
  }
}
