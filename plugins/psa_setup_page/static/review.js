// What the next run would do differently, then saving.

import { of, post } from "./api.js";
import { announce, button, el, untrusted } from "./dom.js";
import { asking, newId, warning } from "./parts.js";
import { Changed, save } from "./save.js";

const RUNS = "The next run that reads everything does this; nothing is changed before.";

function effect({ about, sentence, kind }) {
  return el("li", { "data-kind": kind }, el("span", { class: "name" }, about.replaceAll("_", " ")), untrusted(sentence));
}

function found({ effects, problems, unknown }) {
  return [
    problems.length ? warning("A run would stop in preflight with this setup:", ...problems) : null,
    unknown ? warning(`The PSA could not be asked, so this is from the warehouse alone. ${unknown}`) : null,
    effects.length ? el("ul", { class: "rows effects", "aria-label": "What changes" }, ...effects.map(effect)) : null,
    effects.length ? el("p", { class: "facts" }, RUNS) : null,
  ].filter(Boolean);
}

/** A sentence where the Variable is not kept in Airflow's own database, else nothing. */
export const elsewhere = ({ place }) =>
  place &&
  `Airflow reads this Variable from ${place}, which goes before its own database: it cannot be saved here. ` +
    "Copy the JSON, and save it there.";

/** `saved(variable)` is called after saving, `reload(variable)` to show what someone else has saved. */
export function reviewSection(psa, setup, variable, { saved, reload }) {
  const id = newId("review");
  const heading = el("h2", { id, tabindex: "-1" }, "What would change");
  const place = el("div", { class: "answer", "aria-live": "polite" });
  const root = el("section", { class: "card review", "aria-labelledby": id, hidden: true }, heading, place);

  function saving(text) {
    const put = asking(
      "Save",
      async () => {
        try {
          saved(await save(psa, variable, text));
          return [];
        } catch (problem) {
          if (!(problem instanceof Changed)) throw problem;
          announce(problem.message, { urgent: true });
          return [conflict(problem, reload)];
        }
      },
      { class: "button solid" },
    );
    const back = button("Go on editing", () => hide());
    return [el("div", { class: "actions" }, put.button, back), put.place];
  }

  async function preview() {
    const text = setup.text.trim() || "{}";
    root.hidden = false;
    heading.focus();
    place.replaceChildren(el("p", { class: "quiet" }, "The warehouse and the PSA are compared…"));
    place.setAttribute("aria-busy", "true");
    let parts;
    try {
      parts = found(await post(of(psa, "preview"), { old: variable.text, new: text }));
    } catch (problem) {
      const isInvalid = problem.kind === "form" || problem.kind === "session";
      place.replaceChildren(warning(problem.message));
      place.removeAttribute("aria-busy");
      if (isInvalid) return;
      parts = [warning(`What would change cannot be said now. ${problem.message}`)];
    }
    place.removeAttribute("aria-busy");
    place.replaceChildren(...parts, ...(variable.place ? [warning(elsewhere(variable))] : saving(text)));
    root.scrollIntoView({ block: "start" });
  }

  function hide() {
    root.hidden = true;
    place.replaceChildren();
  }

  setup.onChange(hide); // a preview of another setup must not be saved
  return { root, preview };
}

function conflict(problem, reload) {
  return el(
    "div",
    {},
    warning(`${problem.message} Nothing of yours was saved. Copy your JSON first if you want to keep it.`),
    el("div", { class: "actions" }, button("Show what is saved now", () => reload(problem.now))),
  );
}
