// The page's own server. Every way it can fail becomes one Problem with words for a person.

const PATIENCE_MS = 60_000;
const AGAIN_SECONDS = 30;

/** `words` are for a person; `retryAfter` is in how many seconds trying again may help, null when it cannot. */
export class Problem extends Error {
  constructor(kind, words, retryAfter = null) {
    super(kind);
    Object.assign(this, { kind, words, retryAfter });
  }
}

const LOST = "Airflow cannot be reached. The network or its web server may be down.";
const LATE = "Airflow did not answer within a minute.";
const UNREADABLE = "Airflow's answer could not be read.";
const SESSION = "Your Airflow session has ended.";
const RIGHTS = "Your Airflow user may not see this page.";

async function problemOf(response) {
  const body = await response.json().catch(() => null);
  if (body?.problem) {
    const { kind, message, retry_after_seconds: wait } = body.problem;
    return new Problem(String(kind), String(message), Number.isFinite(wait) ? wait : null);
  }
  if (response.status === 401) return new Problem("session", SESSION);
  if (response.status === 403) return new Problem("rights", RIGHTS);
  return new Problem("airflow", `Airflow answered with an error (${response.status}).`, AGAIN_SECONDS);
}

async function answer(path, options) {
  const response = await fetch(path, { ...options, credentials: "same-origin", cache: "no-store" });
  if (!response.ok) throw await problemOf(response);
  // A login page instead of data: fetch follows the redirect and sees 200.
  if (response.redirected) throw new Problem("session", SESSION);
  return response.json();
}

async function ask(path, options, signal) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  const giveUp = () => patience.abort();
  signal?.addEventListener("abort", giveUp);
  try {
    return await answer(path, { ...options, signal: patience.signal });
  } catch (error) {
    if (error instanceof Problem || signal?.aborted) throw error;
    if (patience.signal.aborted) throw new Problem("slow", LATE, AGAIN_SECONDS);
    if (error instanceof SyntaxError) throw new Problem("airflow", UNREADABLE, AGAIN_SECONDS);
    throw new Problem("airflow", LOST, AGAIN_SECONDS);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

/** Where to ask about one PSA. */
export const of = (psa, what) => `api/${encodeURIComponent(psa.source)}/${what}`;

export const get = (path, signal) => ask(path, {}, signal);

/** Questions travel in the body: an address would end up in a log. */
export function post(path, body, signal) {
  const headers = { "Content-Type": "application/json" };
  return ask(path, { method: "POST", headers, body: JSON.stringify(body) }, signal);
}
