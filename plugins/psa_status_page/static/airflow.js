// Links to Airflow's own pages. Its frame may not leave by itself, so inside it Airflow's document follows them.

import { el } from "./dom.js";
import { icon } from "./icons.js";

function followFromAirflow(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  try {
    if (parent === window) return;
    const a = parent.document.createElement("a");
    a.href = event.currentTarget.href;
    parent.document.body.append(a);
    a.click();
    a.remove();
    event.preventDefault();
  } catch {
    // Framed by another origin: the browser decides whether the link may be followed.
  }
}

/** A link below the address of Airflow itself. */
function link(path, ...children) {
  const a = el("a", { class: "log" }, ...children);
  a.href = new URL(`../${path}`, document.baseURI).href;
  a.addEventListener("click", followFromAirflow);
  return a;
}

/** The log of a task, or the question that it asks a person. */
export function logLink({ dag_id: dag, run_id: run, task_id: task }) {
  const path = ["dags", dag, "runs", run, "tasks", task].map(encodeURIComponent).join("/");
  if (task.endsWith(".decide")) return link(`${path}/required_actions`, icon("forward"), `Question of ${task}`);
  return link(path, icon("forward"), `Log of ${task}`);
}

/** The page of a run. */
export const runLink = (dag, run, text) => link(["dags", dag, "runs", run].map(encodeURIComponent).join("/"), text);
