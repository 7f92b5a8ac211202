// The live controls: when the list was fetched, how long the PSA took, and how often to fetch it again.

import { copy } from "./copy.js";
import { announce, button, el } from "./dom.js";
import { icon } from "./icons.js";
import { address, INTERVALS, put, state } from "./state.js";
import { clock, span } from "./time.js";

const WORDS = { 0: "Off", 15: "15 s", 30: "30 s", 60: "1 min", 300: "5 min" };

/** "Fetched 14:03:22 · ConnectWise took 0.41 s" */
export function fetched(answer, psa) {
  const took = Number.isFinite(answer.psa_seconds) ? ` · ${psa.title} took ${answer.psa_seconds.toFixed(2)} s` : "";
  return ["Fetched ", clock(answer.fetched_at), took];
}

export class LiveControls {
  #dot = el("span", { class: "pulse", "aria-hidden": "true" });
  #when = el("span", { class: "fetched" });
  #old = el("span", { class: "old" });
  #every = el("select", { id: "every", class: "input" });
  #at = null;
  #failing = false;

  constructor(root, refresh) {
    for (const seconds of INTERVALS) this.#every.append(el("option", { value: seconds }, WORDS[seconds]));
    this.#every.addEventListener("change", () => put({ every: Number(this.#every.value) }));
    this.refresh = button(icon("refresh"), refresh, {
      class: "button square",
      "aria-label": "Refresh now",
      title: "Refresh now (r)",
    });
    this.copied = el("span", {}, "Copy link");
    const share = button([icon("link"), this.copied], () => this.#share(), { title: "Copy the address of this view" });
    const every = el("div", { class: "every" }, el("label", { for: "every" }, "Live every"), this.#every);
    root.replaceChildren(el("p", { class: "status" }, this.#dot, this.#when, this.#old), every, this.refresh, share);
  }

  async #share() {
    const done = await copy(address());
    this.copied.textContent = done ? "Copied" : "Not copied";
    announce(done ? "The link was copied." : "The browser did not let the link be copied.");
    setTimeout(() => (this.copied.textContent = "Copy link"), 2000);
  }

  asking(is) {
    this.refresh.classList.toggle("busy", is);
    this.refresh.setAttribute("aria-disabled", String(is));
  }

  answered(answer, psa) {
    this.#failing = false;
    this.#at = Date.now() - 1000 * answer.age_seconds;
    this.#when.replaceChildren(...fetched(answer, psa));
    this.tick();
  }

  clear() {
    this.#at = null;
    this.#when.replaceChildren();
    this.tick();
  }

  failed() {
    this.#failing = true;
    this.tick();
  }

  tick() {
    const { every } = state();
    this.#every.value = String(every);
    this.#dot.dataset.state = this.#failing ? "failed" : every ? "live" : "off";
    const age = this.#at === null ? 0 : (Date.now() - this.#at) / 1000;
    this.#old.textContent = age > Math.max(60, 2 * every) ? ` · ${span(age)} ago` : "";
  }
}
