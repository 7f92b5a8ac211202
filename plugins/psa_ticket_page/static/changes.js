// What is different from the last look: cells that changed and rows that came.

const MARKED_MS = 60_000;

const FIELDS = ["summary", "company", "contact", "board", "status", "priority", "owner", "updated_at"];

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// The PSA's clock and the server's are not one.
const CLOCKS_APART_MS = 120_000;

const NEW = Object.freeze({ isNew: true, fields: new Set() });

/**
 * Marks from looking twice at one page. A row that was not there is new if it was opened since; if it only slid in
 * from the page before or after it is nothing; else something happened to it that brought it here.
 */
export function compare(before, after, { isFirst }) {
  const old = new Map(before.tickets.map((ticket) => [ticket.key, ticket]));
  const ended = before.next ? Date.parse(before.tickets.at(-1)?.updated_at) : NaN;
  const looked = Date.parse(before.fetched_at) - CLOCKS_APART_MS;
  const marks = new Map();
  for (const ticket of after.tickets) {
    const was = old.get(ticket.key);
    const fields = was ? FIELDS.filter((name) => !same(was[name], ticket[name])) : ["updated_at"];
    const slid = !was && (!isFirst || Date.parse(ticket.updated_at) <= ended);
    if (slid || !fields.length) continue;
    const isNew = !was && Date.parse(ticket.created_at) > looked;
    marks.set(ticket.key, isNew ? NEW : { isNew, fields: new Set(fields) });
  }
  return marks;
}

/** What was said since: entries that were not there. */
export function added(before, after) {
  const old = new Set(before.map(({ key }) => key));
  return new Map(after.filter(({ key }) => !old.has(key)).map(({ key }) => [key, NEW]));
}

/** Marks that stay a minute, so that a person who looked away sees them too. */
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

  /** Whether any mark has had its time. */
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

/** "2 tickets changed, 1 new", or nothing. */
export function inWords(marks) {
  const all = [...marks.values()];
  const fresh = all.filter((mark) => mark.isNew).length;
  const changed = all.length - fresh;
  const words = [
    changed && `${many(changed, "ticket")} changed`,
    fresh && (changed ? `${fresh} new` : many(fresh, "new ticket")),
  ];
  return words.filter(Boolean).join(", ");
}
