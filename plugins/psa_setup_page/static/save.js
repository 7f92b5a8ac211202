// Saves the Variable by Airflow's own API, in the person's session: Airflow checks the right and writes its audit log.

import { get, of, Problem } from "./api.js";

const VARIABLES = new URL("../api/v2/variables", document.baseURI).href;
const REFUSED = {
  401: ["session", "Your Airflow session has ended. Log in again in another tab, then save again."],
  403: ["rights", "Airflow does not let you change this Variable."],
};

/** Someone else has saved the Variable since it was read; `now` is what is there. */
export class Changed extends Error {
  constructor(now) {
    super("Someone else has saved this setup since you opened it.");
    this.now = now;
  }
}

async function send(address, method, body) {
  const headers = { "Content-Type": "application/json" };
  const options = { method, headers, body: JSON.stringify(body), credentials: "same-origin", cache: "no-store" };
  let answer;
  try {
    answer = await fetch(address, options);
  } catch {
    throw new Problem("airflow", "Airflow cannot be reached. Nothing is known to be saved: save again.");
  }
  if (answer.ok && !answer.redirected) return true;
  if ([404, 409].includes(answer.status)) return false;
  const [kind, message] = REFUSED[answer.redirected ? 401 : answer.status] ?? [
    "airflow",
    `Airflow refused to save it (${answer.status}).`,
  ];
  throw new Problem(kind, message);
}

const write = (variable, text) => {
  const body = { key: variable.name, value: text };
  if (!variable.exists) return send(VARIABLES, "POST", { ...body, description: "Setup of a PSA; see the page PSA setup" });
  return send(`${VARIABLES}/${encodeURIComponent(variable.name)}?update_mask=value`, "PATCH", body);
};

const isSame = (one, other) => one.exists === other.exists && one.text === other.text && one.place === other.place;

/** `read` is the Variable as the page has read it; returns it as it is after saving. */
export async function save(psa, read, text) {
  const before = await get(of(psa, "variable"));
  if (!isSame(before, read)) throw new Changed(before);
  const done = await write(before, text);
  const after = await get(of(psa, "variable"));
  if (!done || after.text !== text) throw new Changed(after);
  return after;
}
