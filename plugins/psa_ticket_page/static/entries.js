// The notes and time entries of a ticket, oldest first.

import { arrange, el, untrusted, NodeCache, named } from "./dom.js";
import { icon } from "./icons.js";
import { ago, moment } from "./time.js";

const VISIBLE = new Map([
  [true, ["Internal", "badge internal", "Not for the customer"]],
  [false, ["Customer sees it", "badge seen", "The customer can see this"]],
]);

function visibility(entry) {
  const [text, badge, title] = VISIBLE.get(entry.is_internal) ?? [
    "Visibility unknown",
    "badge closed",
    "The PSA does not say who sees it",
  ];
  return el("span", { class: badge, title }, entry.is_internal === true ? icon("lock") : null, text);
}

const spent = (hours) => el("span", { class: "badge hours" }, icon("clock"), `${Number(hours.toFixed(2))} h`);

/** Names only: the files stay in the PSA. */
export function files(names) {
  if (!names.length) return null;
  const items = names.map((name) => el("li", {}, icon("attachment"), untrusted(name)));
  return el("ul", { class: "files", "aria-label": "Attachments" }, ...items);
}

/** A text of any size in one text node; `cut` is how many characters the server left out. */
export function body(text, cut, psa) {
  const left = cut
    ? el("p", { class: "remark" }, `${cut.toLocaleString()} more characters are in ${psa.title}.`)
    : null;
  const block = untrusted(text, "div", { class: "body" });
  // A block that scrolls must be reachable by keyboard; whether it scrolls is known only after layout.
  requestAnimationFrame(() => {
    if (block.scrollHeight > block.clientHeight + 1) block.tabIndex = 0;
  });
  return [block, left];
}

function entryOf(entry, psa, isNew) {
  const when = el(
    "span",
    { class: "when" },
    moment(entry.at),
    entry.at ? " · " : null,
    entry.at ? ago(entry.at) : null,
  );
  const head = el(
    "header",
    {},
    el("strong", { class: "author" }, named(entry.author)),
    when,
    el(
      "span",
      { class: "badges" },
      isNew ? el("span", { class: "new" }, "New") : null,
      typeof entry.hours === "number" ? spent(entry.hours) : null,
      visibility(entry),
    ),
  );
  const kind = entry.is_internal === true ? "entry internal" : "entry";
  return el(
    "li",
    { class: isNew ? `${kind} fresh` : kind },
    head,
    entry.title ? untrusted(entry.title, "p", { class: "entry-title" }) : null,
    ...(entry.text ? body(entry.text, entry.cut, psa) : []),
    files(entry.attachments ?? []),
  );
}

export class Entries {
  #nodes = new NodeCache();
  node = el("ol", { class: "entries" });

  show(entries, psa, marks) {
    const nodes = this.#nodes.draw((keep) =>
      entries.map((entry, at) => {
        const isNew = Boolean(marks.of(entry.key));
        return keep(`${entry.key} ${at}`, [entry, isNew], () => entryOf(entry, psa, isNew));
      }),
    );
    arrange(this.node, nodes);
    return this.node;
  }
}
