// The page: connects the state in the address with the list, the open ticket, the filters and the live controls.

import { get } from "./api.js";
import { Banner } from "./banner.js";
import { button, plain, typing } from "./dom.js";
import { Filters } from "./filters.js";
import { Poller } from "./poller.js";
import { LiveControls } from "./live_controls.js";
import { notice, skeleton } from "./notice.js";
import { go, onState, put, showPsa, state } from "./state.js";
import { TicketPanel } from "./ticket.js";
import { Tickets } from "./tickets.js";
import { tick } from "./time.js";

const $ = (id) => document.getElementById(id);
const NARROW = matchMedia("(max-width: 60rem)");
const COVERED = ["skip", "head", "filters", "tickets"];

let psas = [];
let filters = null;
let opened = null;

const controls = new LiveControls($("live-controls"), () => refresh());
const tickets = new Tickets($("tickets"), controls);
const panel = new TicketPanel($("ticket"), close);

/** The PSA to show: in a DAG's tab the one of that DAG, else the one in the address, else the first. */
function chosenPsa() {
  const { dag, psa } = state();
  return psas.find((one) => (dag ? one.dag_id === dag : psa ? one.source === psa : true));
}

function unknownPsa() {
  const { dag, psa } = state();
  const title = dag ? "No tickets for this DAG" : "This PSA is not here";
  const text = dag
    ? `${plain(dag)} is not a DAG that copies a PSA's data, or you may not read it.`
    : `${plain(psa)} is not set up, or you may not read its DAG.`;
  const actions = psas.map((one) => [`${one.title} tickets`, () => showPsa(one.source)]);
  return notice({ iconName: "empty", title, text, actions });
}

const noPsa = () =>
  notice({
    iconName: "lock",
    title: "No PSA to show",
    text: [
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
  const hadFocus = $("psas").contains(current);
  $("psas").replaceChildren(...tabs);
  const here = tabs[psas.indexOf(psa)];
  here.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (hadFocus) here.focus();
}

function showNotice(node) {
  for (const id of ["psas", "filters", "live-controls"]) $(id).hidden = true;
  filters?.stop();
  filters = null;
  tickets.stop();
  panel.close();
  $("tickets").replaceChildren(node);
}

function show() {
  const psa = chosenPsa();
  if (!psa) return showNotice(psas.length ? unknownPsa() : noPsa());
  if (state().psa !== psa.source) return put({ psa: psa.source });
  if (filters?.psa !== psa) {
    head(psa);
    filters?.stop();
    filters = new Filters($("filters"), psa);
    filters.load();
    $("live-controls").hidden = false;
  }
  filters.show(state());
  tickets.show(psa);
  showTicket(psa);
}

function showTicket(psa) {
  const { ticket, every } = state();
  panel.poller.every = every;
  const was = opened;
  opened = ticket;
  document.body.classList.toggle("reading", Boolean(ticket));
  cover();
  if (ticket) panel.open(psa, ticket, tickets.known(ticket));
  else panel.close();
  // A ticket that the address opened on loading does not take the focus.
  if (was === null || ticket === was) return;
  if (ticket) panel.focus();
  else if (!tickets.list.focus(was)) $("tickets").focus();
}

// On a narrow screen the ticket covers the page: what is under it must not be reachable.
function cover() {
  const covered = Boolean(opened) && NARROW.matches;
  for (const id of COVERED) $(id).inert = covered;
}

function close() {
  go({ ticket: "" });
}

function refresh() {
  tickets.poller.poll();
  if (opened) panel.poller.poll();
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
  for (const part of [controls, tickets, panel, startBanner]) part.tick();
  tick(document);
}

// The list of PSAs is fetched once; until it has arrived, the page can only try again.
const starting = new Poller(async (signal) => ({ ...(await get("api/psas", signal)), age_seconds: 0 }), {
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
const startBanner = new Banner({ due: () => starting.due, retry: () => starting.poll() });

$("skip").addEventListener("click", () => $("tickets").focus());
NARROW.addEventListener("change", cover);
document.addEventListener("keydown", key);
setInterval(everySecond, 1000);
$("tickets").replaceChildren(skeleton(9, "The tickets are being fetched."));
starting.start();
