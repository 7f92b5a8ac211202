// The setup as JSON: shown, copied, pasted back, and checked by the same rules as a run's.

import { of, post } from "./api.js";
import { copy } from "./copy.js";
import { announce, button, el } from "./dom.js";
import { asking, section, warning } from "./parts.js";

/** `applied(text, answer)` is called when a pasted text was checked. */
export function jsonSection(psa, setup, name, applied) {
  const box = el("textarea", { id: "json", class: "input json", spellcheck: "false", autocomplete: "off" });
  const show = () => (box.value = setup.text);
  show();
  setup.onChange(show);
  const check = asking("Use this JSON", async () => {
    const answer = await post(of(psa, "check"), { text: box.value });
    applied(box.value, answer);
    if (answer.problem) return [warning(answer.problem)];
    announce("The JSON is used.");
    return [el("p", { class: "good" }, "It is valid, and the fields above show it."), ...answer.remarks.map(remark)];
  });
  const copied = el("span", { class: "facts", role: "status" });
  const copying = button("Copy", async () => {
    copied.textContent = (await copy(box.value)) ? "Copied." : "The browser does not allow it: copy the text by hand.";
  });
  const root = section(
    "The same as JSON",
    `This is the text of the Airflow Variable ${name}. Keep it in Git if you like, and paste it back here.`,
    el("label", { for: "json", class: "visually-hidden" }, "Setup as JSON"),
    box,
    el("div", { class: "actions" }, check.button, copying, copied),
    check.place,
  );
  return root;
}

const remark = (text) => el("p", {}, text);
