// Polls: at the same times as the other viewers, one request at a time, and not while the page is hidden.

import { Problem } from "./api.js";

const MAX_RETRY_SECONDS = 300;

export class Poller {
  #ask;
  #observer;
  #request = null;
  #timer = 0;
  #due = null;
  #failures = 0;
  #retrySeconds = null;
  #needsLogin = false;
  #seconds = 30;
  #fetched = null;

  /** `ask(signal)` returns the answer; `observer` has `asking(bool)`, `answered(answer)` and `failed(problem)`. */
  constructor(ask, observer) {
    this.#ask = ask;
    this.#observer = observer;
    document.addEventListener("visibilitychange", () => this.#visibilityChanged());
  }

  /** The time of the next request in ms since the epoch, null when none is planned. */
  get due() {
    return this.#due;
  }

  /** Starts with another question: a request under way is cancelled. */
  start() {
    this.stop();
    this.poll();
  }

  stop() {
    this.#request?.abort();
    this.#request = null;
    this.#failures = 0;
    this.#needsLogin = false;
    this.#fetched = null;
    this.#plan(null);
  }

  /** The interval in seconds; 0 stops polling. */
  set every(seconds) {
    if (seconds === this.#seconds) return;
    this.#seconds = seconds;
    if (this.#failures) this.#plan(seconds ? this.#retrySeconds : null);
    else if (this.#fetched !== null) this.#afterAnswer((Date.now() - this.#fetched) / 1000);
  }

  async poll() {
    if (this.#request) return;
    const request = (this.#request = new AbortController());
    this.#plan(null);
    this.#observer.asking(true);
    let outcome;
    try {
      const answer = await this.#ask(request.signal);
      outcome = () => this.#answered(answer);
    } catch (error) {
      if (!(error instanceof Problem) && !request.signal.aborted) throw error;
      outcome = () => this.#failed(error);
    }
    if (this.#request !== request) return;
    this.#request = null;
    this.#observer.asking(false);
    outcome();
  }

  #answered(answer) {
    this.#failures = 0;
    this.#needsLogin = false;
    this.#fetched = Date.now() - 1000 * answer.age_seconds;
    this.#afterAnswer(answer.age_seconds);
    this.#observer.answered(answer);
  }

  // Counted from the time of the fetch, not of the receipt, so that all viewers of a question share the next request.
  #afterAnswer(age) {
    this.#plan(this.#seconds ? Math.max(1, this.#seconds - age) : null);
  }

  // Tries again only where waiting helps. Anything else needs a person, and more logins could lock the account.
  #failed(problem) {
    this.#failures += 1;
    this.#needsLogin = problem.kind === "session";
    const first = problem.retryAfter;
    this.#retrySeconds = first && Math.max(first, Math.min(first * 2 ** (this.#failures - 1), MAX_RETRY_SECONDS));
    this.#plan(this.#seconds ? this.#retrySeconds : null);
    this.#observer.failed(problem);
  }

  // The viewer may have logged in in another tab.
  #visibilityChanged() {
    if (this.#needsLogin && !document.hidden) this.poll();
    else this.#schedule();
  }

  #plan(seconds) {
    this.#due = seconds === null ? null : Date.now() + 1000 * seconds;
    this.#schedule();
  }

  #schedule() {
    clearTimeout(this.#timer);
    if (this.#due === null || document.hidden) return;
    this.#timer = setTimeout(() => this.poll(), Math.max(0, this.#due - Date.now()));
  }
}
