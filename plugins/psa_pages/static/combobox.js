// A field that looks up names as the viewer types: the ARIA pattern of a combobox with a list box.

import { button, el, untrusted, plain } from "./dom.js";
import { icon } from "./icons.js";

const PAUSE_MS = 250;

export class Combobox {
  #options = [];
  #active = -1;
  #timer = 0;
  #request = null;
  #chosen = { key: "", name: "" };

  /** `find(text, signal)` returns [{key, name}]; `choose(key, name)` is called with the choice, "" for none. */
  constructor({ id, label, any, find, choose }) {
    Object.assign(this, { id, any, find, choose });
    this.input = el("input", {
      id,
      type: "text",
      role: "combobox",
      class: "input",
      autocomplete: "off",
      spellcheck: "false",
      maxlength: 100,
      placeholder: any,
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": `${id}-list`,
    });
    this.list = el("ul", { id: `${id}-list`, role: "listbox", class: "popup", "aria-label": label, hidden: true });
    this.clear = button(icon("close"), () => this.#take({ key: "", name: "" }), {
      class: "clear",
      "aria-label": `Clear ${label.toLowerCase()}`,
      hidden: true,
    });
    const box = el("div", { class: "combobox" }, this.input, this.clear, this.list);
    this.node = el("div", { class: "field" }, el("label", { for: id }, label), box);
    this.#listen();
  }

  #listen() {
    this.input.addEventListener("input", () => this.#search(PAUSE_MS));
    this.input.addEventListener("click", () => this.list.hidden && this.#search(0));
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("blur", () => this.#close());
    // Keeps the focus in the field: losing it would close the list before the click arrives.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const at = [...this.list.children].indexOf(event.target.closest("[role=option]"));
      if (at >= 0) this.#take(this.#options[at]);
    });
  }

  /** The choice in the page's address; the name may arrive later than the key. */
  set(key, name) {
    this.#chosen = { key, name: name ?? key };
    if (document.activeElement !== this.input) this.#close();
    this.clear.hidden = !key;
  }

  #search(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#find(), pause);
  }

  async #find() {
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    const typed = this.input.value.trim();
    const text = typed === plain(this.#chosen.name) ? "" : typed;
    if (this.list.hidden) this.#open([], "Looking…");
    try {
      const found = await this.find(text, request.signal);
      if (request.signal.aborted) return;
      this.#open(found, text ? "No such name" : "No names");
    } catch (problem) {
      if (!request.signal.aborted) this.#open([], problem.message ?? "These names could not be read.");
    }
  }

  #open(options, otherwise) {
    this.#options = options;
    this.#active = -1;
    const rows = options.map(({ key, name }, at) =>
      untrusted(name ?? key, "li", {
        id: `${this.id}-${at}`,
        role: "option",
        "aria-selected": String(key === this.#chosen.key),
      }),
    );
    this.list.replaceChildren(
      ...(rows.length ? rows : [el("li", { class: "quiet", role: "presentation" }, otherwise)]),
    );
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.input.removeAttribute("aria-activedescendant");
  }

  #close() {
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.input.value = this.#chosen.key ? plain(this.#chosen.name) : "";
  }

  #take(option) {
    this.set(option.key, option.name);
    this.#close();
    this.input.focus();
    this.choose(option.key, option.name);
  }

  #key(event) {
    const open = !this.list.hidden;
    if (event.key === "Escape" && open) {
      event.stopPropagation();
      this.#close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (open) this.#step(event.key === "ArrowDown" ? 1 : -1);
      else this.#search(0);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (open && this.#active >= 0) this.#take(this.#options[this.#active]);
      else if (!this.input.value.trim()) this.#take({ key: "", name: "" });
    }
  }

  #step(by) {
    const count = this.#options.length;
    if (!count) return;
    this.#active = (this.#active + by + (this.#active < 0 && by < 0 ? 1 : 0) + count) % count;
    [...this.list.children].forEach((row, at) => row.classList.toggle("active", at === this.#active));
    const row = this.list.children[this.#active];
    row.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", row.id);
  }
}
