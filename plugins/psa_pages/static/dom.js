// Builds the page's elements by DOM calls alone; the only place where untrusted text enters the page.

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

/** An element; children are nodes, or texts of this page's own. */
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

export function button(text, act, attributes = {}) {
  const node = el("button", { type: "button", class: "button", ...attributes }, ...[text].flat());
  node.addEventListener("click", act);
  return node;
}

/** Text for screen readers only. */
export const hiddenText = (text) => el("span", { class: "visually-hidden" }, text);

// Control characters are invisible and overrides reorder letters: both are shown as symbols instead.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202d\u202e]/g;
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function symbolOf(character) {
  const code = character.charCodeAt(0);
  if (code === 0x7f) return "\u2421";
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
}

const visible = (text) => String(text).replace(/\r\n?/g, "\n").replace(CONTROL, symbolOf);

/** Untrusted text in an element of its own, so that it cannot reorder or break the text around it. */
export function untrusted(text, tag = "bdi", attributes = {}) {
  const { class: more = "", ...rest } = attributes;
  return el(tag, { class: `untrusted ${more}`.trim(), dir: "auto", ...rest }, visible(text));
}

/** Untrusted text for places that take plain text only: an option, a label. */
export function plain(text, most = 200) {
  const line = visible(text).replace(BIDI, "").replace(/\s+/g, " ").trim();
  const letters = Array.from(line.slice(0, 2 * most));
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : line;
}

/** The name, or else the key in gray, or else a dash. */
export function named(thing) {
  if (thing?.name) return untrusted(thing.name, "bdi", { title: plain(thing.name) });
  if (thing?.key) return untrusted(thing.key, "bdi", { class: "quiet", title: "The PSA gave no name, only this key" });
  return el("span", { class: "quiet" }, "–");
}

/** Puts the children in this order and moves only those out of place, so that focus and selection stay. */
export function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, at) => {
    if (parent.childNodes[at] !== node) parent.insertBefore(node, parent.childNodes[at] ?? null);
  });
}

/** Nodes by name. A node whose data did not change is used again, with its focus, selection and scroll position. */
export class NodeCache {
  #nodes = new Map();

  /** `make(keep)` returns all nodes; it calls `keep(name, data, build)` for each. */
  draw(make) {
    const next = new Map();
    const drawn = make((name, data, build) => {
      const version = JSON.stringify(data);
      const was = this.#nodes.get(name);
      next.set(name, was?.version === version ? was : { version, node: build() });
      return next.get(name).node;
    });
    this.#nodes = next;
    return drawn;
  }
}

const ANNOUNCED_MS = 5000;

/** Has a screen reader read the text, after the one before; `urgent` interrupts. */
export function announce(text, { urgent = false } = {}) {
  const line = el("p", {}, text);
  document.getElementById(urgent ? "alerts" : "announcements").append(line);
  setTimeout(() => line.remove(), ANNOUNCED_MS);
}

export const typing = (target) => target instanceof Element && target.matches("input, select, textarea");
