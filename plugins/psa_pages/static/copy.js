// Copies a text to the clipboard.

import { el } from "./dom.js";

/** The old way to copy, for pages without https: browsers deny them the clipboard. */
function copyBySelection(text) {
  const field = el("textarea", { class: "visually-hidden", "aria-hidden": "true" }, text);
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  return copied;
}

/** Whether it was copied. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}
