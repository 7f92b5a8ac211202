// The page: one state in the address, one list, one open ticket, and what happens when the state changes.

import { get } from "./api.js";
import { Banner } from "./banner.js";
import { button, plain, typing } from "./dom.js";
import { Filters } from "./filters.js";
import { Live } from "./live.js";
import { Look } from "./look.js";
import { notice, skeleton } from "./notice.js";
import { go, onState, put, showPsa, state } from "./state.js";
import { TicketPanel } from "./ticket.js";
import { Tickets } from "./tickets.js";
import { tick } from "./time.js";

const $ = (id) => document.getElementById(id);
const NARROW = matchMedia("(max-width: 60rem)");
const UNDER_THE_TICKET = ["skip", "head", "filters", "tickets"];

let psas = [];
let filters = null;
let opened = null;

const look = new Look($("look"), () => refresh());
const tickets = new Tickets($("tickets"), look);
const panel = new TicketPanel($("ticket"), close);

/** A DAG's tab shows its PSA and no other. */
function choose() {
  const { dag, psa } = state();
  return psas.find((one) => (dag ? one.dag_id === dag : psa ? one.source === psa : true));
}

function wrongPlace() {
  const { dag, psa } = state();
  const title = dag ? "No tickets for this DAG" : "This PSA is not here";
  const words = dag
    ? `${plain(dag)} is none of the DAGs that copy a PSA's data, or you may not read it.`
    : `${plain(psa)} is not set up, or you may not read its DAG.`;
  const actions = psas.map((one) => [`${one.title} tickets`, () => showPsa(one.source)]);
  return notice({ sign: "none", title, words, actions });
}

const noPsa = () =>
  notice({
    sign: "lock",
    title: "No PSA to show",
    words: [
      "This page shows the tickets of each PSA that is set up and whose DAG you may read.",
      "There is none at this moment. An Airflow administrator can add a connection, or give you the right.",
    ],
  });

function head(psa) {
  const several = psas.length > 1 && !state().dag;
  $("title").textContent = several ? "Tickets" : `${psa.title} tickets`;
  document.title = `${psa.title} tickets`;
  $("psas").hidden = !several;
  const current = document.activeElement;
  const tabs = psas.map((one) =>
    button(one.title, () => showPsa(one.source), { class: "tab", "aria-current": one === psa ? "page" : null }),
  );
  const held = $("psas").contains(current);
  $("psas").replaceChildren(...tabs);
  const here = tabs[psas.indexOf(psa)];
  here.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (held) here.focus();
}

function showNothing(what) {
  for (const id of ["psas", "filters", "look"]) $(id).hidden = true;
  filters?.stop();
  filters = null;
  tickets.stop();
  panel.close();
  $("tickets").replaceChildren(what);
}

function show() {
  const psa = choose();
  if (!psa) return showNothing(psas.length ? wrongPlace() : noPsa());
  if (state().psa !== psa.source) return put({ psa: psa.source });
  if (filters?.psa !== psa) {
    head(psa);
    filters?.stop();
    filters = new Filters($("filters"), psa);
    filters.load();
    $("look").hidden = false;
  }
  filters.show(state());
  tickets.show(psa);
  showTicket(psa);
}

function showTicket(psa) {
  const { ticket, every } = state();
  panel.live.every = every;
  const was = opened;
  opened = ticket;
  document.body.classList.toggle("reading", Boolean(ticket));
  cover();
  if (ticket) panel.open(psa, ticket, tickets.known(ticket));
  else panel.close();
  // What the address opened by itself takes no focus.
  if (was === null || ticket === was) return;
  if (ticket) panel.focus();
  else if (!tickets.list.focus(was)) $("tickets").focus();
}

// Where the ticket takes the whole screen, nothing under it may be reached.
function cover() {
  const covered = Boolean(opened) && NARROW.matches;
  for (const id of UNDER_THE_TICKET) $(id).inert = covered;
}

function close() {
  go({ ticket: "" });
}

function refresh() {
  tickets.live.look();
  if (opened) panel.live.look();
}

function key(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "Escape" && opened) close();
  else if (event.key === "r" && filters) refresh();
  else if (event.key === "/" && filters) filters.focus();
  else return;
  event.preventDefault();
}

function everySecond() {
  if (document.hidden) return;
  for (const part of [look, tickets, panel, startBanner]) part.tick();
  tick(document);
}

// The list of PSAs is asked for once; until it is here, trying again is all there is to do.
const starting = new Live(async (signal) => ({ ...(await get("api/psas", signal)), age_seconds: 0 }), {
  asking: (is) => $("tickets").setAttribute("aria-busy", String(is)),
  failed: (problem) => {
    $("tickets").replaceChildren(startBanner.node);
    startBanner.show(problem, null);
  },
  answered: (answer) => {
    starting.stop();
    startBanner.hide();
    psas = answer.psas;
    onState(show);
    show();
  },
});
const startBanner = new Banner({ due: () => starting.due, again: () => starting.look() });

$("skip").addEventListener("click", () => $("tickets").focus());
NARROW.addEventListener("change", cover);
document.addEventListener("keydown", key);
setInterval(everySecond, 1000);
$("tickets").replaceChildren(skeleton(9, "The tickets are being fetched."));
starting.start();
