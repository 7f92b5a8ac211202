// What a person reads at three in the morning: whether all is fresh, else what is not, since when, and whose log says why.

import { el, untrusted } from "./dom.js";
import { icon } from "./icons.js";
import { logLink } from "./airflow.js";
import { moment } from "./time.js";

const WORDS = {
  late: "too old",
  never: "never synced",
  failed: "not loaded",
  held: "held by the deletion guard",
};

function since(problem) {
  if (!problem.since) return "never complete until now. ";
  return el("span", {}, "complete up to ", moment(problem.since), ". ");
}

function line(psa, problem) {
  const is_all = problem.tables.length === psa.tables.length;
  const what = is_all ? "all tables" : problem.tables.length ? problem.tables.join(", ") : "last run";
  return el(
    "li",
    { class: "problem" },
    el("strong", {}, `${psa.title}: ${what} ${problem.tables.length ? WORDS[problem.state] : "failed"}`),
    ", ",
    since(problem),
    untrusted(problem.reason, "span"),
    problem.log ? el("p", {}, logLink(problem.log)) : null,
  );
}

/** Of the PSAs that are shown. */
export function headline(answer, psas) {
  const lines = psas.flatMap((psa) => psa.problems.map((problem) => line(psa, problem)));
  const is_all = psas.length === answer.psas.length;
  const used = psas.some((psa) => psa.in_use);
  const fresh = !lines.length && used;
  const alone = fresh ? "All fresh." : used ? "Not fresh." : "Not synced yet: its DAG is paused.";
  return el(
    "section",
    { class: `headline ${fresh ? "good" : lines.length ? "bad" : ""}`.trim(), "aria-label": "In short" },
    el("h2", {}, icon(fresh ? "check" : "warning"), is_all ? answer.headline : alone),
    lines.length ? el("ul", {}, ...lines) : null,
  );
}
