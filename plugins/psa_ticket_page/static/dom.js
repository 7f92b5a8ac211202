// Building the page: elements by DOM calls alone, and the one place where a stranger's text and links come in.

const SAFE = new Set([
  "class",
  "id",
  "role",
  "type",
  "title",
  "for",
  "name",
  "value",
  "placeholder",
  "tabindex",
  "hidden",
  "disabled",
  "selected",
  "checked",
  "autocomplete",
  "spellcheck",
  "maxlength",
  "datetime",
  "dir",
  "scope",
  "label",
  "rel",
]);

/** An element; children are nodes or our own words, which become text. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (!SAFE.has(name) && !/^(aria|data)-[a-z-]+$/.test(name)) throw new Error(`attribute ${name}`);
    node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function button(words, act, attributes = {}) {
  const node = el("button", { type: "button", class: "button", ...attributes }, ...[words].flat());
  node.addEventListener("click", act);
  return node;
}

/** Words for a screen reader alone. */
export const unseen = (words) => el("span", { class: "unseen" }, words);

// A control character would be invisible, an override would turn letters around: a picture is honest.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202d\u202e]/g;
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function picture(character) {
  const code = character.charCodeAt(0);
  if (code === 0x7f) return "\u2421";
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
}

const visible = (text) => String(text).replace(/\r\n?/g, "\n").replace(CONTROL, picture);

/** A stranger's text, which can reorder or break nothing around it. */
export function foreign(text, tag = "bdi", attributes = {}) {
  const { class: more = "", ...rest } = attributes;
  return el(tag, { class: `foreign ${more}`.trim(), dir: "auto", ...rest }, visible(text));
}

/** A stranger's text where only plain words go: an option, a label. */
export function plain(text, most = 200) {
  const line = visible(text).replace(BIDI, "").replace(/\s+/g, " ").trim();
  const letters = Array.from(line.slice(0, 2 * most));
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : line;
}

/** The name, else the key in a quiet voice, else a dash. */
export function named(thing) {
  if (thing?.name) return foreign(thing.name, "bdi", { title: plain(thing.name) });
  if (thing?.key) return foreign(thing.key, "bdi", { class: "quiet", title: "The PSA gave no name, only this key" });
  return el("span", { class: "quiet" }, "–");
}

/** The children in this order, moving only what is out of place, so that focus and selection stay. */
export function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, at) => {
    if (parent.childNodes[at] !== node) parent.insertBefore(node, parent.childNodes[at] ?? null);
  });
}

/** Nodes by name. One whose facts are as at the last drawing is kept, with its focus, selection and scrolling. */
export class Kept {
  #nodes = new Map();

  /** `make(keep)` draws all; `keep(name, facts, build)` is a part of it. */
  draw(make) {
    const next = new Map();
    const drawn = make((name, facts, build) => {
      const sign = JSON.stringify(facts);
      const was = this.#nodes.get(name);
      next.set(name, was?.sign === sign ? was : { sign, node: build() });
      return next.get(name).node;
    });
    this.#nodes = next;
    return drawn;
  }
}

const SAID_MS = 5000;

/** Says it to a screen reader, after what was said just before; `urgent` interrupts. */
export function announce(words, { urgent = false } = {}) {
  const line = el("p", {}, words);
  document.getElementById(urgent ? "warned" : "said").append(line);
  setTimeout(() => line.remove(), SAID_MS);
}

export const typing = (target) => target instanceof Element && target.matches("input, select, textarea");
