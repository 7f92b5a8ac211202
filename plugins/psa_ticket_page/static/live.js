// Asks again and again: in step with the other viewers, never twice at once, and not while nobody looks.

import { Problem } from "./api.js";

const LONGEST_RETRY = 300;

export class Live {
  #ask;
  #told;
  #request = null;
  #timer = 0;
  #due = null;
  #failures = 0;
  #patience = null;
  #needsLogin = false;
  #seconds = 30;
  #fetched = null;

  /** `ask(signal)` gives the answer; `told` has `asking(bool)`, `answered(answer)` and `failed(problem)`. */
  constructor(ask, told) {
    this.#ask = ask;
    this.#told = told;
    document.addEventListener("visibilitychange", () => this.#returned());
  }

  /** When the next look is due in ms since the epoch, null when none is. */
  get due() {
    return this.#due;
  }

  /** Another question: what is under way is given up. */
  start() {
    this.stop();
    this.look();
  }

  stop() {
    this.#request?.abort();
    this.#request = null;
    this.#failures = 0;
    this.#needsLogin = false;
    this.#fetched = null;
    this.#plan(null);
  }

  /** 0 is never. */
  set every(seconds) {
    if (seconds === this.#seconds) return;
    this.#seconds = seconds;
    if (this.#failures) this.#plan(seconds ? this.#patience : null);
    else if (this.#fetched !== null) this.#afterAnswer((Date.now() - this.#fetched) / 1000);
  }

  async look() {
    if (this.#request) return;
    const request = (this.#request = new AbortController());
    this.#plan(null);
    this.#told.asking(true);
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
    this.#told.asking(false);
    outcome();
  }

  #answered(answer) {
    this.#failures = 0;
    this.#needsLogin = false;
    this.#fetched = Date.now() - 1000 * answer.age_seconds;
    this.#afterAnswer(answer.age_seconds);
    this.#told.answered(answer);
  }

  // From the time of the fetch, not of the receipt: so all viewers of one question share the next request too.
  #afterAnswer(age) {
    this.#plan(this.#seconds ? Math.max(1, this.#seconds - age) : null);
  }

  // Only where waiting helps. Anything else needs a person; asking on could even lock an account.
  #failed(problem) {
    this.#failures += 1;
    this.#needsLogin = problem.kind === "session";
    const first = problem.retryAfter;
    this.#patience = first && Math.max(first, Math.min(first * 2 ** (this.#failures - 1), LONGEST_RETRY));
    this.#plan(this.#seconds ? this.#patience : null);
    this.#told.failed(problem);
  }

  // Who comes back has perhaps logged in elsewhere.
  #returned() {
    if (this.#needsLogin && !document.hidden) this.look();
    else this.#wake();
  }

  #plan(seconds) {
    this.#due = seconds === null ? null : Date.now() + 1000 * seconds;
    this.#wake();
  }

  #wake() {
    clearTimeout(this.#timer);
    if (this.#due === null || document.hidden) return;
    this.#timer = setTimeout(() => this.look(), Math.max(0, this.#due - Date.now()));
  }
}
