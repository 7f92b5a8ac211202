// The page: the PSA to set up, and the sections of its setup.

import { get, of, post } from "./api.js";
import { Banner } from "./banner.js";
import { companiesSection } from "./companies.js";
import { connectionSection } from "./connection.js";
import { SetupDocument } from "./document.js";
import { announce, button, el, plain } from "./dom.js";
import { customFields, fieldMap } from "./fields.js";
import { jsonSection } from "./json.js";
import { notice, skeleton } from "./notice.js";
import { asking, section, warning } from "./parts.js";
import { elsewhere, reviewSection } from "./review.js";
import { settingField } from "./settings.js";

const $ = (id) => document.getElementById(id);

let psas = [];
const opened = new Map(); // by source, so that switching PSAs loses nothing that was not saved
const banner = new Banner({ due: () => null, retry: () => start() });

/** What the page has of one PSA. */
class Opened {
  offer = {};
  isRead = false;

  constructor(psa, facts) {
    this.psa = psa;
    this.take(facts);
  }

  take({ variable, connection, form, document: object, problem, remarks }) {
    Object.assign(this, { variable, connection, form, problem, remarks });
    this.setup = new SetupDocument({ text: variable.text, document: problem ? null : object });
    this.companies = null;
  }

  tables() {
    return [...new Set([...Object.keys(this.form.field_map), ...this.form.custom_fields])];
  }

  async read() {
    const { psa } = this;
    const tables = this.tables();
    const [companies, ...fields] = await Promise.all([
      post(of(psa, "companies"), {}),
      ...tables.map((table) => post(of(psa, "fields"), { table })),
    ]);
    this.companies = companies;
    tables.forEach((table, at) => (this.offer[table] = fields[at]));
    this.isRead = true;
  }
}

const wanted = () => new URLSearchParams(location.hash.slice(1)).get("psa") ?? "";
const chosenPsa = () => psas.find((psa) => !wanted() || psa.source === wanted());

function head(psa) {
  document.title = `${psa.title} setup`;
  $("title").textContent = psas.length === 1 ? `${psa.title} setup` : "PSA setup";
  $("psas").hidden = psas.length < 2;
  const tabs = psas.map((one) =>
    button(one.title, () => go(one), { class: "tab", "aria-current": one === psa ? "page" : null }),
  );
  const hadFocus = $("psas").contains(document.activeElement);
  $("psas").replaceChildren(...tabs);
  if (hadFocus) tabs[psas.indexOf(psa)].focus();
}

function go(psa) {
  history.pushState(null, "", `#${new URLSearchParams({ psa: psa.source })}`);
  show();
}

function choicesOf(one, redraw) {
  const { psa } = one;
  const ask = asking(
    one.isRead ? "Read the choices again" : `Read the choices from ${psa.title}`,
    async () => {
      await one.read();
      redraw();
      announce(`The choices of ${psa.title} are here.`);
      return [el("p", { class: "good" }, `These are the choices of ${psa.title}.`)];
    },
    { class: one.isRead ? "button" : "button solid" },
  );
  return section(
    "What to sync",
    `Types, statuses and custom fields come from ${psa.title}, with example values. Reading them costs a few requests.`,
    el("div", { class: "actions" }, ask.button),
    ask.place,
  );
}

function formOf(one) {
  const { psa, setup, form } = one;
  const root = el("div", { class: "form" });
  const redraw = () => keepingFocus(root, draw);
  const plainFields = (isOfCompanies) =>
    form.fields
      .filter(({ path }) => path.startsWith("companies.") === isOfCompanies)
      .map((field) => settingField(setup, field, isOfCompanies ? redraw : () => {}));
  const groups = (table) => [
    form.custom_fields.includes(table) ? customFields(setup, table, one.offer[table], redraw) : null,
    form.field_map[table] ? fieldMap(setup, table, form.field_map[table], one.offer[table], redraw) : null,
  ];
  const draw = () =>
    root.replaceChildren(
      companiesSection(psa, setup, one.companies, [...plainFields(true), ...groups("companies")]),
      ...one
        .tables()
        .filter((table) => table !== "companies")
        .map((table) => section(table[0].toUpperCase() + table.slice(1), null, ...groups(table))),
      section("How a run works", null, el("div", { class: "columns" }, ...plainFields(false))),
    );
  draw();
  return { root, redraw };
}

/** Drawing replaces every field: the one at the same place gets the focus again. */
function keepingFocus(root, draw) {
  const fields = () => [...root.querySelectorAll("input, select, button, summary")];
  const signs = (node) => node.closest("[data-field]")?.dataset.field ?? node.closest(".field")?.textContent;
  const active = root.contains(document.activeElement) ? document.activeElement : null;
  const sign = active && [active.type, signs(active)].join();
  const openOnes = [...root.querySelectorAll("details")].map((details) => details.open);
  draw();
  root.querySelectorAll("details").forEach((details, at) => (details.open = Boolean(openOnes[at])));
  if (active) fields().find((node) => [node.type, signs(node)].join() === sign)?.focus();
}

function draw(one) {
  const { psa, setup } = one;
  setup.forgetListeners();
  const review = reviewSection(psa, setup, one.variable, {
    saved: (variable) => {
      one.variable = variable;
      setup.stored = variable.text;
      draw(one);
      announce("The setup is saved. The next run uses it.");
      $("setup").prepend(el("p", { class: "saved", role: "note" }, "Saved. The next run uses this setup."));
      $("setup").focus();
    },
    reload: () => load(psa),
  });
  const json = jsonSection(psa, setup, one.variable.name, (text, answer) => {
    if (answer.problem) return;
    const had = setup.hasForm;
    one.problem = "";
    one.remarks = answer.remarks;
    setup.replace(text, answer.document);
    if (had && setup.hasForm) form?.redraw();
    else draw(one);
  });
  const form = setup.hasForm ? formOf(one) : null;
  const said = [one.problem, ...one.remarks, elsewhere(one.variable)].filter(Boolean);
  const changed = el("span", { class: "facts" });
  const tell = () => (changed.textContent = setup.isChanged ? "Not saved yet." : "");
  setup.onChange(tell);
  tell();
  const preview = button("Preview and save", () => review.preview(), { class: "button solid" });
  const bar = el("div", { class: "bar" }, preview, changed);
  $("setup").replaceChildren(
    ...(said.length ? [warning(...said)] : []),
    connectionSection(psa, one.connection, setup),
    ...(form ? [choicesOf(one, () => form.redraw()), form.root] : []),
    json,
    review.root,
    bar,
  );
}

async function load(psa) {
  $("setup").setAttribute("aria-busy", "true");
  $("setup").replaceChildren(skeleton(6, `The setup of ${psa.title} is being read.`));
  try {
    const facts = await get(of(psa, "setup"));
    const before = opened.get(psa.source);
    if (before) before.take(facts);
    else opened.set(psa.source, new Opened(psa, facts));
    if (chosenPsa() === psa) draw(opened.get(psa.source));
  } catch (problem) {
    failed(problem);
  } finally {
    $("setup").removeAttribute("aria-busy");
  }
}

function failed(problem) {
  $("setup").replaceChildren(banner.node);
  banner.show(problem, null);
}

function nothing() {
  const { title, text } = psas.length
    ? { title: "This PSA is not here", text: `${plain(wanted())} is no PSA that you may set up.` }
    : { title: "No PSA to set up", text: "Here is each PSA whose DAG you may read, and whose Variable and connection you may edit." };
  $("psas").hidden = true;
  $("setup").replaceChildren(notice({ iconName: "lock", title, text }));
}

function show() {
  const psa = chosenPsa();
  if (!psa) return nothing();
  head(psa);
  const one = opened.get(psa.source);
  if (one) draw(one);
  else load(psa);
}

async function start() {
  try {
    psas = (await get("api/psas")).psas;
    banner.hide();
    show();
  } catch (problem) {
    failed(problem);
  }
}

$("skip").addEventListener("click", () => $("setup").focus());
addEventListener("popstate", show);
addEventListener("hashchange", show);
addEventListener("beforeunload", (event) => {
  if ([...opened.values()].some(({ setup }) => setup.isChanged)) event.preventDefault();
});
$("setup").replaceChildren(skeleton(6, "The setup is being read."));
start();
