// What changed since the last answer: changed fields and new rows.

const MARKED_MS = 60_000;

const FIELDS = ["summary", "company", "contact", "board", "status", "priority", "owner", "updated_at"];

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// The PSA's clock and the server's clock may differ.
const CLOCKS_APART_MS = 120_000;

const NEW = Object.freeze({ isNew: true, fields: new Set() });

/**
 * Marks from two answers for the same page. A row that was not there before is marked as new if it was opened since;
 * not at all if it only moved here from a neighbouring page; else as updated.
 */
export function compare(before, after, { isFirst }) {
  const old = new Map(before.tickets.map((ticket) => [ticket.key, ticket]));
  const ended = before.next ? Date.parse(before.tickets.at(-1)?.updated_at) : NaN;
  const fetchedAt = Date.parse(before.fetched_at) - CLOCKS_APART_MS;
  const marks = new Map();
  for (const ticket of after.tickets) {
    const was = old.get(ticket.key);
    const fields = was ? FIELDS.filter((name) => !same(was[name], ticket[name])) : ["updated_at"];
    const moved = !was && (!isFirst || Date.parse(ticket.updated_at) <= ended);
    if (moved || !fields.length) continue;
    const isNew = !was && Date.parse(ticket.created_at) > fetchedAt;
    marks.set(ticket.key, isNew ? NEW : { isNew, fields: new Set(fields) });
  }
  return marks;
}

/** Marks for the entries that were not there before. */
export function added(before, after) {
  const old = new Set(before.map(({ key }) => key));
  return new Map(after.filter(({ key }) => !old.has(key)).map(({ key }) => [key, NEW]));
}

/** Marks that stay for a minute, so that a viewer who looked away sees them, too. */
export class Marks {
  #marks = new Map();

  add(marks) {
    const until = Date.now() + MARKED_MS;
    for (const [key, mark] of marks) {
      const was = this.#marks.get(key);
      const fields = new Set([...(was?.fields ?? []), ...mark.fields]);
      this.#marks.set(key, { isNew: mark.isNew || Boolean(was?.isNew), fields, until });
    }
  }

  of(key) {
    return this.#marks.get(key);
  }

  /** Removes old marks; returns whether there were any. */
  expire() {
    const old = [...this.#marks].filter(([, mark]) => mark.until <= Date.now());
    for (const [key] of old) this.#marks.delete(key);
    return old.length > 0;
  }

  clear() {
    this.#marks.clear();
  }
}

export const many = (count, one, several = `${one}s`) => `${count} ${count === 1 ? one : several}`;

/** "2 tickets changed, 1 new", or an empty text. */
export function summary(marks) {
  const all = [...marks.values()];
  const fresh = all.filter((mark) => mark.isNew).length;
  const changed = all.length - fresh;
  const text = [
    changed && `${many(changed, "ticket")} changed`,
    fresh && (changed ? `${fresh} new` : many(fresh, "new ticket")),
  ];
  return text.filter(Boolean).join(", ");
}
