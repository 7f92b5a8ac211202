// Pieces that the sections of the page share: a section, a tick with its text, a problem in its place.

import { button, el, plain, untrusted } from "./dom.js";
import { icon } from "./icons.js";

let count = 0;

/** An id of its own, for a label and its field. */
export const newId = (name) => `${name}-${(count += 1)}`;

/** A section with a heading and a sentence under it. */
export function section(title, lead, ...children) {
  const id = newId("section");
  return el(
    "section",
    { class: "card", "aria-labelledby": id },
    el("h2", { id, tabindex: "-1" }, title),
    lead ? el("p", { class: "lead" }, lead) : null,
    ...children,
  );
}

/** A group of fields with a caption that screen readers repeat. */
export const group = (caption, ...children) =>
  el("fieldset", { class: "group" }, el("legend", {}, caption), ...children);

/** A check box with what stands beside it; `change(isOn)` is called when it is ticked or not. */
export function tick({ label, facts = [], isOn, isLocked = false, change }) {
  const id = newId("tick");
  const box = el("input", {
    id,
    type: "checkbox",
    checked: isOn,
    disabled: isLocked && !isOn,
    "aria-describedby": facts.length ? `${id}-facts` : null,
  });
  box.addEventListener("change", () => change(box.checked));
  const about = facts.length ? el("span", { id: `${id}-facts`, class: "facts" }, ...facts) : null;
  return el("div", { class: "tick" }, box, el("div", { class: "about" }, el("label", { for: id }, ...label), about));
}

/** A field with its label above it. */
export function labelled(label, input, hint = null) {
  input.id ||= newId("field");
  const note = hint ? el("span", { id: `${input.id}-hint`, class: "facts" }, hint) : null;
  if (note) input.setAttribute("aria-describedby", note.id);
  return el("div", { class: "field" }, el("label", { for: input.id }, label), input, note);
}

export function input(value, attributes = {}) {
  const node = el("input", { class: "input", type: "text", autocomplete: "off", spellcheck: "false", ...attributes });
  node.value = value ?? "";
  return node;
}

/** `options` are pairs of value and text. */
export function select(options, chosen) {
  const nodes = options.map(([value, text, isLocked]) =>
    el("option", { value, selected: value === chosen, disabled: isLocked && value !== chosen }, plain(text)),
  );
  return el("select", { class: "input" }, ...nodes);
}

export function warning(...sentences) {
  return el("div", { class: "warning", role: "note" }, icon("warning"), el("div", {}, ...sentences.map(paragraph)));
}

const paragraph = (text) => untrusted(text, "p");

/** A button that asks something: busy while it is asked, and its place shows what went wrong. */
export function asking(text, ask, attributes = {}) {
  const place = el("div", { class: "answer", "aria-live": "polite" });
  let isBusy = false;
  const node = button(
    text,
    async () => {
      if (isBusy) return;
      isBusy = true;
      node.setAttribute("aria-disabled", "true");
      node.classList.add("busy");
      place.setAttribute("aria-busy", "true");
      place.replaceChildren(el("p", { class: "quiet" }, "Asking…"));
      try {
        place.replaceChildren(...(await ask()));
      } catch (problem) {
        place.replaceChildren(warning(problem.message ?? "Something went wrong."));
      } finally {
        isBusy = false;
        node.removeAttribute("aria-disabled");
        node.classList.remove("busy");
        place.removeAttribute("aria-busy");
      }
    },
    attributes,
  );
  return { button: node, place };
}
