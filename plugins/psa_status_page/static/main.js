// The page: asks for the status every half minute, and shows the headline and a section for each PSA.

import { get } from "./api.js";
import { Banner } from "./banner.js";
import { arrange, el, NodeCache, plain } from "./dom.js";
import { headline } from "./headline.js";
import { notice, skeleton } from "./notice.js";
import { Poller } from "./poller.js";
import { legend } from "./pictures.js";
import { PsaSection } from "./psa.js";
import { clock, setClock, tick } from "./time.js";

const $ = (id) => document.getElementById(id);
const cache = new NodeCache();
const sections = new Map();
let answer = null;

/** The DAG in whose tab the page is, or the PSA that a link names: only that PSA is shown. */
const where = () => new URLSearchParams(location.hash.replace(/^#/, ""));

function chosen() {
  const dag = where().get("dag");
  const psa = where().get("psa");
  return answer.psas.filter((one) => (dag ? one.dag_id === dag : psa ? one.source === psa : true));
}

function sectionOf(psa) {
  if (!sections.has(psa.source)) sections.set(psa.source, new PsaSection(psa));
  return sections.get(psa.source).show(psa);
}

function nothing() {
  const dag = where().get("dag") ?? where().get("psa");
  if (!answer.psas.length || !dag) {
    const text = "This page shows each PSA whose DAG you may read. There is none at this moment.";
    return notice({ iconName: "lock", title: "No PSA to show", text });
  }
  const text = `${plain(dag)} is not a DAG that copies a PSA's data, or you may not read it.`;
  return notice({ iconName: "empty", title: "No status for this DAG", text });
}

function show() {
  if (!answer) return;
  const psas = chosen();
  const is_alone = psas.length < answer.psas.length && psas.length === 1;
  $("title").textContent = is_alone ? `${psas[0].title} status` : "PSA status";
  document.title = $("title").textContent;
  const nodes = psas.length
    ? cache.draw((keep) => [
        keep("headline", [is_alone, psas, answer.headline], () => headline(answer, psas)),
        ...psas.map(sectionOf),
        keep("legend", "", legend),
      ])
    : [nothing()];
  arrange($("status"), nodes);
  $("fetched").replaceChildren("As of ", clock(answer.fetched_at));
  tick(document);
}

const poller = new Poller(async (signal) => ({ ...(await get("api/status", signal)), age_seconds: 0 }), {
  asking: (is) => $("status").setAttribute("aria-busy", String(is)),
  failed: (problem) => {
    if (!answer) $("status").replaceChildren();
    banner.show(problem, answer?.fetched_at);
  },
  answered: (found) => {
    banner.recovered();
    answer = found;
    setClock(found);
    show();
  },
});
const banner = new Banner({ due: () => poller.due, retry: () => poller.poll() });

function everySecond() {
  if (document.hidden) return;
  banner.tick();
  tick(document);
}

$("problem").replaceChildren(banner.node);
$("status").replaceChildren(skeleton(6, "The status is being read."));
$("skip").addEventListener("click", () => $("status").focus());
addEventListener("hashchange", show);
setInterval(everySecond, 1000);
poller.start();
