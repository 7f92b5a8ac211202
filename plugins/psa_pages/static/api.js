// Requests to the page's own API. Every failure becomes a Problem with a sentence for the viewer.

const TIMEOUT_MS = 60_000;
const RETRY_SECONDS = 30;

/** `message` is for the viewer; `retryAfter` is in how many seconds a retry may help, null when it cannot. */
export class Problem extends Error {
  constructor(kind, message, retryAfter = null) {
    super(message);
    Object.assign(this, { kind, retryAfter });
  }
}

const UNREACHABLE = "Airflow cannot be reached. The network or its web server may be down.";
const TIMED_OUT = "Airflow did not answer within a minute.";
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
  return new Problem("airflow", `Airflow answered with an error (${response.status}).`, RETRY_SECONDS);
}

async function answer(path, options) {
  const response = await fetch(path, { ...options, credentials: "same-origin", cache: "no-store" });
  if (!response.ok) throw await problemOf(response);
  // Airflow redirected to its login page: fetch follows the redirect and sees 200.
  if (response.redirected) throw new Problem("session", SESSION);
  return response.json();
}

async function ask(path, options, signal) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
  const giveUp = () => controller.abort();
  signal?.addEventListener("abort", giveUp);
  try {
    return await answer(path, { ...options, signal: controller.signal });
  } catch (error) {
    if (error instanceof Problem || signal?.aborted) throw error;
    if (controller.signal.aborted) throw new Problem("slow", TIMED_OUT, RETRY_SECONDS);
    if (error instanceof SyntaxError) throw new Problem("airflow", UNREADABLE, RETRY_SECONDS);
    throw new Problem("airflow", UNREACHABLE, RETRY_SECONDS);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

/** The address of a question about one PSA. */
export const of = (psa, what) => `api/${encodeURIComponent(psa.source)}/${what}`;

export const get = (path, signal) => ask(path, {}, signal);

/** The question is sent in the body, because addresses are logged. */
export function post(path, body, signal) {
  const headers = { "Content-Type": "application/json" };
  return ask(path, { method: "POST", headers, body: JSON.stringify(body) }, signal);
}
