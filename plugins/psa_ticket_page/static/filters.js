// The filter bar: select fields with the choices of the last sync, and names that are looked up on typing.

import { get, of, post } from "./api.js";
import { fill, statusGroups } from "./choices.js";
import { Combobox } from "./combobox.js";
import { button, el } from "./dom.js";
import { icon } from "./icons.js";
import { clearFilters, filterBy, filtered, put } from "./state.js";

const TYPING_MS = 400;
const STATES = [
  ["open", "Open"],
  ["closed", "Closed"],
  ["all", "All"],
];

function select(id, label, name) {
  const node = el("select", { id, class: "input" });
  node.addEventListener("change", () => filterBy({ [name]: node.value }));
  return { input: node, node: el("div", { class: "field" }, el("label", { for: id }, label), node) };
}

export class Filters {
  #choices = { boards: [], statuses: [], priorities: [], as_of: undefined };
  #names = new Map();
  #people = null;
  #timer = 0;
  #state = null;
  #error = "";

  constructor(root, psa) {
    this.psa = psa;
    this.root = root;
    this.board = select("board", psa.board, "board");
    this.status = select("status", "Status", "status");
    this.priority = select("priority", "Priority", "priority");
    this.company = this.#combobox("company", "Company", "Any", (text, signal) => this.#companies({ text }, signal));
    this.owner = this.#combobox("owner", "Owner", "Anyone", (text) => this.#owners(text));
    this.text = this.#textField();
    this.state = this.#stateField();
    this.#build();
  }

  #combobox(name, label, any, find) {
    const choose = (key, called) => {
      this.#names.set(`${name} ${key}`, called);
      filterBy({ [name]: key });
    };
    return new Combobox({ id: name, label, any, find, choose });
  }

  #textField() {
    const input = el("input", {
      id: "text",
      type: "search",
      class: "input",
      placeholder: "Text or number",
      maxlength: 200,
      autocomplete: "off",
    });
    input.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => filterBy({ q: input.value.trim() }, put), TYPING_MS);
    });
    // A form with several fields and no submit button is not submitted by Enter.
    input.addEventListener("keydown", (event) => event.key === "Enter" && this.#submit(event));
    return {
      input,
      node: el("div", { class: "field text" }, el("label", { for: "text" }, "Search"), icon("search"), input),
    };
  }

  #stateField() {
    const segments = STATES.map(([value, text]) => {
      const input = el("input", { type: "radio", name: "state", value });
      input.addEventListener("change", () => filterBy({ state: value }));
      return { input, node: el("label", {}, input, text) };
    });
    const nodes = segments.map(({ node }) => node);
    const group = el("div", { class: "segments", role: "radiogroup", "aria-label": "State" }, ...nodes);
    return { inputs: segments.map(({ input }) => input), node: el("div", { class: "field" }, group) };
  }

  #build() {
    const rest = ["board", "status", "priority", "company", "owner"].map((name) => this[name].node);
    this.count = el("span", {});
    this.more = button([icon("filter"), this.count], () => this.#toggle(), {
      class: "button more",
      "aria-expanded": "false",
      "aria-controls": "more",
    });
    this.clear = button("Clear filters", clearFilters, { class: "button plain" });
    this.note = el("p", { class: "remark" });
    const first = ["text", "state"].map((name) => this[name].node);
    const hidden = el("div", { id: "more", class: "rest" }, ...rest, this.clear);
    this.root.replaceChildren(...first, this.more, hidden, this.note);
    this.root.onsubmit = (event) => this.#submit(event);
    this.root.hidden = false;
  }

  #toggle() {
    const open = this.more.getAttribute("aria-expanded") !== "true";
    this.more.setAttribute("aria-expanded", String(open));
  }

  #submit(event) {
    event.preventDefault();
    clearTimeout(this.#timer);
    filterBy({ q: this.text.input.value.trim() }, put);
  }

  focus() {
    this.text.input.focus();
  }

  /** The page works without these lists, so a failure is only a remark below the filters. */
  async load() {
    try {
      this.#choices = await get(of(this.psa, "choices"));
    } catch (problem) {
      this.#error = `The lists of choices could not be read. ${problem.message ?? ""}`;
    }
    if (this.root.contains(this.note)) this.show(this.#state);
  }

  #companies(question, signal) {
    return post(of(this.psa, "companies"), question, signal).then(({ companies }) => companies);
  }

  // One request to the PSA, however often the list is opened; a failed one is tried again.
  async #owners(text) {
    this.#people ??= get(of(this.psa, "people")).catch((problem) => {
      this.#people = null;
      throw problem;
    });
    const { people } = await this.#people;
    const typed = text.toLocaleLowerCase();
    return people.filter(({ name, key }) => (name ?? key).toLocaleLowerCase().includes(typed));
  }

  show(state) {
    this.#state = state;
    const { boards, statuses, priorities } = this.#choices;
    const inUse = boards.filter(({ key, is_active: active }) => active !== false || key === state.board);
    fill(this.board.input, "Any", [["", inUse.map(({ key, name }) => [key, name ?? key])]], state.board);
    fill(this.status.input, "Any", statusGroups(statuses, state.board), state.status);
    fill(this.priority.input, "Any", [["", priorities.map(({ name }) => [name, name])]], state.priority);
    this.#showName(this.company, "company", state.company, (key) => this.#companies({ key }));
    this.#showName(this.owner, "owner", state.owner, () => this.#owners(""));
    if (document.activeElement !== this.text.input) this.text.input.value = state.q;
    for (const input of this.state.inputs) input.checked = input.value === state.state;
    this.clear.hidden = !filtered(state);
    const set = ["board", "status", "priority", "company", "owner"].filter((name) => state[name]).length;
    this.count.textContent = set ? `Filters (${set})` : "Filters";
    this.note.textContent = this.#remarks();
  }

  // A link contains only keys: the key is shown until its name has arrived.
  #showName(box, name, key, find) {
    const id = `${name} ${key}`;
    box.set(key, this.#names.get(id));
    if (!key || this.#names.has(id)) return;
    this.#names.set(id, undefined);
    find(key)
      .then((found) => {
        this.#names.set(id, found.find((one) => one.key === key)?.name ?? undefined);
        if (this.#state[name] === key) box.set(key, this.#names.get(id));
      })
      .catch(() => this.#names.delete(id));
  }

  /** Called when another PSA is shown: text that is still being typed here is dropped. */
  stop() {
    clearTimeout(this.#timer);
  }

  #remarks() {
    const never =
      this.#choices.as_of === null
        ? `The choices above appear after the first run of ${this.psa.dag_id}; the tickets are already live.`
        : "";
    return [this.#error, never].filter(Boolean).join(" ");
  }
}
