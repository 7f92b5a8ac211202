// The options of the filters' select fields, from the tables of the last sync.

import { el, plain } from "./dom.js";

const option = (value, text, chosen) => el("option", { value, selected: value === chosen }, plain(text));

/** A link may contain a choice that the last sync did not find: it stays selected and visible. */
export function fill(node, any, groups, chosen) {
  const known = groups.flatMap(([, options]) => options).some(([value]) => value === chosen);
  const rows = groups.map(([label, options]) => {
    const children = options.map(([value, text]) => option(value, text, chosen));
    return label ? el("optgroup", { label }, ...children) : children;
  });
  node.replaceChildren(
    option("", any, chosen),
    ...(chosen && !known ? [option(chosen, chosen, chosen)] : []),
    ...rows.flat(),
  );
}

/** The statuses of a board; those of closed tickets are in a group of their own. */
export function statusGroups(statuses, board) {
  const here = statuses.filter(({ boards }) => !board || !boards.length || boards.includes(board));
  const pick = (test) => here.filter(test).map(({ name }) => [name, name]);
  const open = ["Open", pick((status) => status.is_closed !== true)];
  const closed = ["Closed", pick((status) => status.is_closed === true)];
  const groups = [open, closed].filter(([, options]) => options.length);
  return groups.length > 1 ? groups : groups.map(([, options]) => ["", options]);
}
