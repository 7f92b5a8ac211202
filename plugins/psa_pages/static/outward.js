// Links that leave the page. Airflow's frame forbids popups, so inside it Airflow's own document opens them.

import { el } from "./dom.js";

/** The address if it is http or https, else null: it comes from the PSA's answer. */
function web(address) {
  try {
    const url = new URL(address);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function anchor(owner, href) {
  const a = owner.createElement("a");
  a.href = href;
  a.target = "_blank";
  a.rel = "noopener noreferrer";
  return a;
}

function openFromAirflow(event) {
  try {
    if (parent === window) return;
    const a = anchor(parent.document, event.currentTarget.href);
    parent.document.body.append(a);
    a.click();
    a.remove();
    event.preventDefault();
  } catch {
    // Framed by another origin: the browser decides whether the link may open.
  }
}

/** A link that opens in a new tab, or null when the address is not http or https. */
export function outward(address, attributes, ...children) {
  const href = web(address);
  if (!href) return null;
  const a = anchor(document, href);
  for (const [name, value] of Object.entries(attributes)) a.setAttribute(name, value);
  a.append(...children, el("span", { class: "visually-hidden" }, " (opens in a new tab)"));
  a.addEventListener("click", openFromAirflow);
  return a;
}
