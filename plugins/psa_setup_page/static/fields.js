// Custom fields of a table: ticked to be synced, or chosen to fill a column.

import { el, plain, untrusted } from "./dom.js";
import { group, input, labelled, newId, select, tick } from "./parts.js";

const titleOf = ({ id, label }) => (label && label !== id ? label : id);

/** The fields that can be chosen for a table: where the PSA has modules, those of the module that setup names. */
export function fieldsOf(setup, table, offer) {
  if (!offer) return null;
  if (offer.modules === null) return offer.fields;
  return offer.modules[String(setup.read("custom_field_modules", table))] ?? [];
}

/** A name for the warehouse from what people see in the PSA. */
function nameFor(field, taken) {
  const words = titleOf(field).normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const base = words.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "") || "field";
  let name = base;
  for (let number = 2; taken.includes(name); number += 1) name = `${base}_${number}`;
  return name;
}

function facts(field) {
  const examples = field.examples.flatMap((example, at) => [at ? " · " : "", untrusted(example)]);
  return [
    field.label && field.label !== field.id ? untrusted(field.id, "code") : null,
    field.note ? untrusted(field.note) : null,
    field.examples.length ? el("span", {}, "for example ", ...examples) : null,
    field.locked ? el("span", { class: "locked" }, `It ${field.locked}`) : null,
  ].filter(Boolean);
}

/** A tick for a field, and the name that it gets, where it has one. */
function row(setup, table, field, redraw) {
  const path = ["custom_fields", table];
  const chosen = () => setup.read(...path) ?? {};
  const names = Object.keys(chosen()).filter((name) => String(chosen()[name]) === field.id);
  const change = (isOn) => {
    if (isOn) setup.write([...path, nameFor(field, Object.keys(chosen()))], field.id);
    else for (const name of names) setup.write([...path, name], undefined);
    redraw();
  };
  const box = tick({
    label: [untrusted(titleOf(field))],
    facts: facts(field),
    isOn: names.length > 0,
    isLocked: Boolean(field.locked),
    change,
  });
  box.dataset.field = field.id;
  const inputs = names.map((name) => nameInput(setup, path, name, field, redraw));
  return el("div", { class: "choice" }, box, ...inputs);
}

function nameInput(setup, path, name, field, redraw) {
  const box = input(name, { maxlength: 200 });
  box.addEventListener("change", () => {
    const wanted = box.value.trim();
    const others = setup.read(...path) ?? {};
    if (!wanted || (wanted !== name && Object.hasOwn(others, wanted))) return void (box.value = name);
    const kept = Object.entries(others).map(([key, id]) => [key === name ? wanted : key, id]);
    setup.write(path, Object.fromEntries(kept));
    redraw();
  });
  return labelled(`Name of ${plain(titleOf(field), 60)} in the warehouse`, box);
}

/** Ticks for all fields; those that no record was seen to have are folded away. */
export function customFields(setup, table, offer, redraw) {
  const fields = fieldsOf(setup, table, offer);
  const chosen = Object.entries(setup.read("custom_fields", table) ?? {});
  const known = new Set((fields ?? []).map(({ id }) => id));
  const strangers = chosen
    .map(([name, id]) => ({ id: String(id), label: name, note: "", examples: [], locked: "" }))
    .filter(({ id }) => !known.has(id))
    .map((field) => ({ ...field, note: fields ? "The PSA does not have it." : "Chosen in the setup." }));
  const seen = (fields ?? []).filter((field) => field.on_records);
  const unseen = (fields ?? []).filter((field) => !field.on_records);
  const rows = (some) => some.map((field) => row(setup, table, field, redraw));
  const folded = unseen.length
    ? el(
        "details",
        {},
        el("summary", {}, `${unseen.length} more, which no record on the first page has`),
        el("div", { class: "choices" }, ...rows(unseen)),
      )
    : null;
  const none = seen.length + unseen.length + strangers.length ? null : el("p", { class: "quiet" }, nothing(fields, offer));
  return group(
    "Custom fields to sync",
    offer?.modules ? moduleSelect(setup, table, offer.modules, redraw) : null,
    el("div", { class: "choices" }, ...rows(strangers), ...rows(seen)),
    folded,
    none,
  );
}

function nothing(fields, offer) {
  if (!fields) return "None is chosen. Read the choices to see what the PSA offers.";
  return offer.modules ? "Choose the module that holds the custom fields of this table." : "The PSA has none here.";
}

function moduleSelect(setup, table, modules, redraw) {
  const chosen = String(setup.read("custom_field_modules", table) ?? "");
  const options = Object.entries(modules).map(([number, fields]) => [
    number,
    `${number}: ${fields.map(titleOf).join(", ")}`,
  ]);
  const known = !chosen || Object.hasOwn(modules, chosen) ? [] : [[chosen, `${chosen}: not found`]];
  const box = select([["", "No module"], ...known, ...options], chosen);
  box.addEventListener("change", () => {
    setup.write(["custom_field_modules", table], box.value ? Number(box.value) : undefined);
    redraw();
  });
  return labelled("Module", box);
}

/** For each column that can be filled: the field that fills it, and how it writes a date. */
export function fieldMap(setup, table, columns, offer, redraw) {
  const fields = fieldsOf(setup, table, offer) ?? [];
  return group(
    "Columns to fill from a custom field",
    el("div", { class: "columns" }, ...columns.map((column) => mapping(setup, table, column, fields, redraw))),
  );
}

function mapping(setup, table, { name, meaning, is_date: isDate }, fields, redraw) {
  const path = ["field_map", table, name];
  const mapped = setup.read(...path);
  const isLong = mapped !== null && typeof mapped === "object";
  const id = mapped === undefined ? "" : String(isLong ? mapped.field : mapped);
  const options = fields.map((field) => [field.id, `${titleOf(field)} (${field.id})`, Boolean(field.locked)]);
  const stranger = id && !fields.some((field) => field.id === id) ? [[id, id]] : [];
  const box = select([["", "The PSA's own value"], ...stranger, ...options], id);
  const format = isLong ? mapped.format : undefined;
  const write = (field, dates) =>
    setup.write(path, field ? (dates ? { ...(isLong ? mapped : {}), field, format: dates } : field) : undefined);
  box.addEventListener("change", () => {
    write(box.value, format);
    redraw();
  });
  const parts = [labelled(name, box, meaning)];
  if (isDate && id) {
    const dates = input(format, { placeholder: "as in 2026-03-01", maxlength: 60, id: newId("format") });
    dates.addEventListener("change", () => {
      write(id, dates.value.trim());
      redraw();
    });
    parts.push(labelled(`Format of the dates in ${name}`, dates, "%m/%d/%Y reads 03/01/2026; empty reads 2026-03-01"));
  }
  return el("div", { class: "mapping" }, ...parts);
}
