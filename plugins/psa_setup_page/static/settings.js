// Plain fields for settings that no PSA has to be asked about; which there are comes from setup's JSON schema.

import { el } from "./dom.js";
import { input, labelled, select } from "./parts.js";

const defaultOf = ({ default: usual }) => (usual === undefined || usual === null || usual === "" ? "" : String(usual));

const NUMBER = /^-?\d+(\.\d+)?$/;

function typed({ kind }, text) {
  const words = text.trim();
  if (kind !== "string" && kind !== "choice" && NUMBER.test(words)) return Number(words);
  return words; // what is no number is saved as it is typed, and the check says what belongs there
}

function limits({ least, most }) {
  if (least === null) return "";
  return most === null ? ` ${least} or more.` : ` From ${least} to ${most}.`;
}

const hint = (field) => `${field.meaning}.${limits(field)}`;

/** A field for one setting; left empty, the setting is left out. `changed` is called after it was written. */
export function settingField(setup, field, changed) {
  const path = field.path.split(".");
  const value = setup.read(...path);
  if (field.kind === "other") {
    const text = value === undefined ? "left out" : JSON.stringify(value);
    return el("div", { class: "field" }, el("span", { class: "label" }, field.label), el("code", {}, text),
      el("span", { class: "facts" }, `${field.meaning}. It is set in the JSON.`));
  }
  const usual = defaultOf(field);
  const shown = value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  const box =
    field.kind === "choice"
      ? select([["", usual ? `Usual: ${usual}` : "Left out"], ...field.options.map((one) => [one, one])], shown)
      : input(shown, {
          placeholder: usual || (field.example ? `for example ${field.example}` : "usual for the PSA"),
          maxlength: 200,
        });
  box.addEventListener("change", () => {
    setup.write(path, box.value.trim() === "" ? undefined : typed(field, box.value));
    changed();
  });
  return labelled(field.label, box, hint(field));
}
