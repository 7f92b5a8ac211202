// The options of the filters' plain lists, as last night's run saved them.

import { el, plain } from "./dom.js";

const option = (value, words, chosen) => el("option", { value, selected: value === chosen }, plain(words));

/** A link may name what last night did not have: it stays chosen and seen. */
export function fill(node, any, groups, chosen) {
  const known = groups.flatMap(([, options]) => options).some(([value]) => value === chosen);
  const rows = groups.map(([label, options]) => {
    const children = options.map(([value, words]) => option(value, words, chosen));
    return label ? el("optgroup", { label }, ...children) : children;
  });
  node.replaceChildren(
    option("", any, chosen),
    ...(chosen && !known ? [option(chosen, chosen, chosen)] : []),
    ...rows.flat(),
  );
}

/** The statuses of a board; those that end a ticket in a group of their own. */
export function statusGroups(statuses, board) {
  const here = statuses.filter(({ boards }) => !board || !boards.length || boards.includes(board));
  const pick = (test) => here.filter(test).map(({ name }) => [name, name]);
  const open = ["Open", pick((status) => status.is_closed !== true)];
  const closed = ["Closed", pick((status) => status.is_closed === true)];
  const groups = [open, closed].filter(([, options]) => options.length);
  return groups.length > 1 ? groups : groups.map(([, options]) => ["", options]);
}
