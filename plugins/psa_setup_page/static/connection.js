// The connection: what is filled in, what is missing in the vendor's words, and its test.

import { of, post } from "./api.js";
import { el, untrusted } from "./dom.js";
import { icon } from "./icons.js";
import { outward } from "./outward.js";
import { asking, section, warning } from "./parts.js";

const state = (field) => (field.filled ? "filled in" : field.required ? "missing" : "left out");

function row(field) {
  const hint = field.filled ? null : el("span", { class: "facts" }, "for example ", untrusted(field.example, "code"));
  return el(
    "li",
    { class: field.filled || !field.required ? "" : "missing" },
    el("code", {}, field.name.replace("extra.", "extra: ")),
    el("span", { class: "state", "data-state": state(field).replace(" ", "-") }, state(field)),
    el("span", { class: "meaning" }, field.meaning, hint),
  );
}

function kindRow({ kind, count, problem, right }) {
  const may = count === null ? "may be read" : `may be read: ${count.toLocaleString()} records`;
  return el(
    "li",
    { class: problem ? "missing" : "" },
    el("span", { class: "name" }, kind),
    problem
      ? el("span", { class: "meaning" }, untrusted(problem), right ? el("p", {}, "It needs the right: ", right, ".") : "")
      : el("span", { class: "meaning good" }, may),
  );
}

function shown({ kinds, remarks, problems, requests, seconds }) {
  const bad = kinds.filter(({ problem }) => problem).length;
  const verdict = bad ? `The login works. ${bad} of ${kinds.length} kinds cannot be read.` : "The login works, and all may be read.";
  return [
    el("p", { class: bad ? "bad" : "good" }, verdict),
    el("ul", { class: "rows", "aria-label": "What may be read" }, ...kinds.map(kindRow)),
    remarks.length ? warning(...remarks) : null,
    problems.length ? warning(...problems) : null,
    el("p", { class: "facts" }, `${requests} requests, answered in ${seconds.toFixed(1)} s.`),
  ].filter(Boolean);
}

export function connectionSection(psa, facts, setup) {
  const test = asking(
    [icon("refresh"), "Test the connection"],
    async () => shown(await post(of(psa, "test"), { text: setup.text })),
    { class: "button solid" },
  );
  const edit = outward(new URL("../connections", document.baseURI).href, { class: "button" }, "Airflow's connections");
  return section(
    "Connection",
    `The Airflow connection ${facts.conn_id} holds the login. It is edited in Airflow, under Admin, Connections.`,
    facts.problem ? warning(facts.problem) : null,
    el("ul", { class: "rows", "aria-label": "Fields of the connection" }, ...facts.fields.map(row)),
    el("div", { class: "actions" }, test.button, edit),
    test.place,
  );
}
