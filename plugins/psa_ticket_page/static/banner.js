// A strip that says in plain words what is wrong, how old the rest is, and when the next try comes.

import { announce, button, el } from "./dom.js";
import { icon } from "./icons.js";
import { outward } from "./outward.js";
import { clock, span } from "./time.js";

const TITLES = {
  down: "The PSA does not answer",
  slow: "The PSA is slow",
  limit: "The PSA asks to wait",
  login: "The PSA refused the login",
  rights: "A right is missing",
  gone: "This ticket is gone",
  setup: "The setup is not complete",
  answer: "The PSA's answer was not understood",
  form: "This question cannot be asked",
  session: "Please log in again",
  warehouse: "The warehouse does not answer",
  airflow: "No answer from Airflow",
};

const titleOf = (problem) => TITLES[problem.kind] ?? "Something went wrong";

// Airflow sends whoever is not logged in from here to its login, whichever kind it has.
const login = () => outward(new URL("../api/v2/auth/login", document.baseURI).href, { class: "button" }, "Log in");

export class Banner {
  #root = el("div", { class: "banner", role: "group", "aria-label": "Problem", hidden: true });
  #count = el("span", { class: "count", "aria-hidden": "true" });
  #due = () => null;
  #said = "";

  /** `due` tells when the next try comes, `again` tries now. */
  constructor({ due, again }) {
    this.#due = due;
    this.again = again;
  }

  get node() {
    return this.#root;
  }

  /** `shownAt` is when what stays on the page was fetched. */
  show(problem, shownAt) {
    const kept = shownAt ? el("p", {}, "Shown here is how it was at ", clock(shownAt), ".") : null;
    const words = el("div", { class: "words" }, el("strong", {}, titleOf(problem)), el("p", {}, problem.words), kept);
    const act = problem.kind === "session" ? login() : null;
    const again = button("Try now", () => this.again());
    this.#root.replaceChildren(icon("warning"), words, el("div", { class: "actions" }, this.#count, act, again));
    this.#root.hidden = false;
    this.tick();
    this.#announce(problem);
  }

  // Every retry that fails alike would otherwise be read out again.
  #announce(problem) {
    const words = `${titleOf(problem)}. ${problem.words}`;
    if (words !== this.#said) announce(words, { urgent: true });
    this.#said = words;
  }

  recovered() {
    if (this.#said) announce("It works again.");
    this.hide();
  }

  hide() {
    this.#said = "";
    this.#root.hidden = true;
  }

  tick() {
    if (this.#root.hidden) return;
    const due = this.#due();
    const left = due === null ? null : Math.ceil((due - Date.now()) / 1000);
    this.#count.textContent = left === null ? "" : left > 0 ? `Next try in ${span(left)}` : "Trying…";
  }
}
