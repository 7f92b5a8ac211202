// What the page shows, kept in the address's fragment only: a link restores it, and it is not sent to a server.

const STATES = ["open", "closed", "all"];
export const INTERVALS = [0, 15, 30, 60, 300];
const TEXTS = ["psa", "dag", "board", "status", "priority", "company", "owner", "q", "ticket"];
const FILTERS = { board: "", status: "", priority: "", company: "", owner: "", q: "" };
const DEFAULTS = { psa: "", dag: "", ...FILTERS, state: "open", pages: [], ticket: "", every: 30 };

/** `pages` are the cursors of the second to the current page, so that Previous works after a reload. */
function parse(fragment) {
  const params = new URLSearchParams(fragment.replace(/^#/, ""));
  const state = { ...DEFAULTS, pages: params.getAll("page") };
  for (const name of TEXTS) state[name] = params.get(name) ?? "";
  if (STATES.includes(params.get("state"))) state.state = params.get("state");
  const every = Number(params.get("every") ?? "30");
  if (INTERVALS.includes(every)) state.every = every;
  return Object.freeze(state);
}

function format(state) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) {
    if (name === "pages") value.forEach((cursor) => params.append("page", cursor));
    else if (value !== DEFAULTS[name]) params.set(name, value);
  }
  return `#${params}`;
}

/** Airflow's window, if it frames this page. */
function framing() {
  try {
    return parent !== window && parent.location.pathname.includes("/plugin/") ? parent : null;
  } catch {
    return null;
  }
}

// Repeats the state in Airflow's address bar, so that it can be copied. Its state object belongs to Airflow's router
// and is kept. The search text is left out: when a session ends, Airflow sends its address to its login, and logs it.
function mirror() {
  const frame = framing();
  const shown = format({ ...current, q: "" });
  if (!frame || frame.location.hash === shown) return;
  const address = frame.location.pathname + frame.location.search + shown;
  frame.history.replaceState(frame.history.state, "", address);
}

// A DAG's tab always starts with #dag=… only; after a reload the rest is in Airflow's address.
function restored() {
  const own = parse(location.hash);
  const frame = framing();
  if (!frame || !own.dag || own.psa) return own;
  const kept = parse(frame.location.hash);
  return kept.dag === own.dag ? kept : own;
}

let current = restored();
const listeners = [];

export const state = () => current;
export const onState = (listener) => listeners.push(listener);

export function filtered(of = current) {
  return of.state !== "open" || Object.keys(FILTERS).some((name) => of[name] !== "");
}

function set(next, write) {
  current = Object.freeze(next);
  const fragment = format(current);
  if (fragment !== location.hash) history[write](null, "", fragment);
  mirror();
  for (const listener of listeners) listener(current);
}

/** A change that the browser's Back button undoes. */
export const go = (change) => set({ ...current, ...change }, "pushState");

/** A change that the Back button skips: typing, an interval. */
export const put = (change) => set({ ...current, ...change }, "replaceState");

/** A changed filter starts at the first page again. */
export const filterBy = (change, step = go) => step({ ...change, pages: [] });
export const clearFilters = () => go({ ...FILTERS, state: "open", pages: [] });
export const showPsa = (psa) => go({ ...DEFAULTS, every: current.every, state: current.state, psa });

/** The address of the page alone, without Airflow around it. */
export function address() {
  return location.href.split("#")[0] + format({ ...current, dag: "" });
}

export const linkTo = (change) => format({ ...current, ...change });

function readAddress() {
  const next = parse(location.hash);
  if (format(next) !== format(current)) set(next, "replaceState");
}

addEventListener("popstate", readAddress);
addEventListener("hashchange", readAddress);
