// The setup as a person edits it: an object by paths, and the text of the Variable that it becomes.

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isEmpty = (value) =>
  value === undefined ||
  value === "" ||
  (Array.isArray(value) && !value.length) ||
  (isObject(value) && !Object.keys(value).length);

/** Unknown keys stay. Where the form cannot show the text, there is no object, and the text is edited alone. */
export class SetupDocument {
  #object = null;
  #text = "";
  #listeners = [];

  constructor({ text, document }) {
    this.stored = text;
    this.replace(text, document);
  }

  /** Another text, with what the server read from it. */
  replace(text, object) {
    this.#text = text;
    this.#object = object === null ? null : structuredClone(object);
    for (const listener of this.#listeners) listener();
  }

  onChange(listener) {
    this.#listeners.push(listener);
  }

  /** For when everything that listens is drawn again. */
  forgetListeners() {
    this.#listeners = [];
  }

  get hasForm() {
    return this.#object !== null;
  }

  /** What would be saved. */
  get text() {
    return this.#text;
  }

  get isChanged() {
    return this.#text.trim() !== this.stored.trim();
  }

  read(...path) {
    return path.reduce((node, key) => (isObject(node) && Object.hasOwn(node, key) ? node[key] : undefined), this.#object);
  }

  /** Sets a value; an empty one is taken out, and with it the objects around it that become empty. */
  write(path, value) {
    const steps = [...path];
    const last = steps.pop();
    const around = [this.#object];
    for (const step of steps) {
      const node = around.at(-1);
      if (!Object.hasOwn(node, step) || !isObject(node[step])) define(node, step, {});
      around.push(node[step]);
    }
    if (isEmpty(value)) delete around.at(-1)[last];
    else define(around.at(-1), last, value);
    for (let at = steps.length; at > 0; at -= 1) if (isEmpty(around[at])) delete around[at - 1][steps[at - 1]];
    this.#text = JSON.stringify(this.#object, null, 2);
    for (const listener of this.#listeners) listener();
  }
}

// A name such as __proto__ is a key like any other.
function define(node, key, value) {
  Object.defineProperty(node, key, { value, writable: true, enumerable: true, configurable: true });
}
