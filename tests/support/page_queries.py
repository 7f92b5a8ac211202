"""JavaScript for the browser that shows the page."""

# Runs before the page does. A refused violation of the policy is as bad as one that succeeded.
RECORD_VIOLATIONS = """
window.__violations = [];
addEventListener("securitypolicyviolation", (event) => window.__violations.push(event.violatedDirective));
"""

# The places of the page's own controls.
CONTROL_BOXES = """() => ({
  boxes: ["head", "title", "psas", "filters", "text", "board", "status", "priority", "company", "owner"].map((id) => {
    const node = document.getElementById(id);
    const box = node?.getBoundingClientRect();
    return box && [id, ...[box.x, box.y, box.width, box.height].map(Math.round)];
  }),
})"""

# Elements and attributes that the page itself never creates.
FOREIGN_ELEMENTS = """() => {
  const scripts = ["theme.js", "main.js"];
  const sheets = ["theme.css", "page.css", "controls.css", "layout.css", "filters.css", "list.css", "ticket.css"];
  const plain = new Set(["html", "head", "body", "meta", "title", "link", "script", "button", "div", "section",
    "header", "h1", "h2", "h3", "nav", "form", "main", "aside", "p", "noscript", "span", "bdi", "label", "input",
    "select", "option", "optgroup", "svg", "path", "table", "thead", "tbody", "tr", "th", "td", "a", "dl", "dt",
    "dd", "ul", "ol", "li", "strong", "time"]);
  const attributes = new Set(["class", "id", "role", "type", "title", "for", "name", "value", "placeholder",
    "tabindex", "hidden", "disabled", "selected", "checked", "autocomplete", "spellcheck", "maxlength",
    "datetime", "dir", "scope", "label", "rel", "href", "target", "content", "charset", "lang",
    "src", "style", "viewBox", "d", "inert"]);
  const found = [];
  const ids = new Set();
  for (const node of document.querySelectorAll("*")) {
    if (!plain.has(node.localName)) found.push(`element ${node.localName}`);
    if (node.id && ids.has(node.id)) found.push(`id ${node.id} twice`);
    ids.add(node.id);
    for (const { name, value } of node.attributes) {
      if (!attributes.has(name) && !/^(aria|data)-[a-z-]+$/.test(name)) found.push(`attribute ${name}`);
      if (name === "style" && !/^(--dot: #?[0-9a-z]+;)?$/.test(value)) found.push(`style ${value}`);
      if (name === "href" && node.localName === "a" && !/^(#|https?:)/.test(value)) found.push(`link ${value}`);
    }
  }
  const all = (selector) => [...document.querySelectorAll(selector)];
  const names = (selector, key) => all(selector).map((node) => node.getAttribute(key)).sort();
  const same = (one, other) => JSON.stringify(one) === JSON.stringify([...other].sort());
  if (!same(names("script", "src"), scripts)) found.push("scripts");
  if (!same(names("link[rel=stylesheet]", "href"), sheets)) found.push("style sheets");
  if (document.querySelectorAll("form").length !== 1) found.push("forms");
  if (document.querySelectorAll("meta").length !== 3) found.push("metas");
  if (document.querySelectorAll("link").length !== sheets.length + 1) found.push("links");
  if (window.polluted !== undefined || {}.polluted !== undefined) found.push("prototype");
  return [...new Set(found)];
}"""

# Texts of tickets that are visible outside of their cell, row, entry or page.
MISPLACED_TEXTS = """(highest) => {
  const found = [];
  const say = (what, node) => found.push(`${what}: ${node.textContent.slice(0, 60)}`);
  const meet = (a, b) => ({
    left: Math.max(a.left, b.left), top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right), bottom: Math.min(a.bottom, b.bottom),
  });
  const exists = (box) => box.right - box.left > 1 && box.bottom - box.top > 1;
  const clips = (node) => getComputedStyle(node).overflowX !== "visible";
  const seen = (node, within) => {
    let box = node.getBoundingClientRect();
    for (let up = node; up !== within.parentElement; up = up.parentElement) {
      if (clips(up)) box = meet(box, up.getBoundingClientRect());
    }
    return box;
  };
  const inside = (a, b) =>
    a.left >= b.left - 1 && a.top >= b.top - 1 && a.right <= b.right + 1 && a.bottom <= b.bottom + 1;
  const hold = (place, what) => {
    const box = place.getBoundingClientRect();
    if (!exists(box)) return;
    for (const text of place.querySelectorAll(".untrusted")) {
      const shown = seen(text, place);
      if (exists(shown) && !inside(shown, box)) say(`out of ${what}`, text);
    }
  };
  // What is not on the screen yet has no layout of its own, so that its box would not fit its text.
  const entries = [...document.querySelectorAll("#ticket .entry")];
  for (const entry of entries) entry.style.contentVisibility = "visible";
  if (document.scrollingElement.scrollWidth > innerWidth) found.push("the page is too wide");
  for (const row of document.querySelectorAll("tbody tr")) {
    const height = row.getBoundingClientRect().height;
    if (height > highest) say(`a row is ${height} high`, row);
    hold(row, "its row");
    const cells = [...row.children];
    cells.forEach((cell, at) => {
      hold(cell, "its cell");
      const others = cells.slice(at + 1).map((other) => other.getBoundingClientRect());
      if (others.some((other) => exists(meet(cell.getBoundingClientRect(), other)))) say("cells overlap", row);
    });
  }
  for (const place of document.querySelectorAll("#ticket .bar, #ticket dd, #ticket li, #ticket h2, #ticket .body")) {
    hold(place, place.className || place.localName);
  }
  const panel = document.querySelector("#ticket .content");
  if (panel && getComputedStyle(panel).overflowX !== "clip" && panel.scrollWidth > panel.clientWidth + 1) {
    found.push("the ticket is too wide");
  }
  for (const entry of entries) entry.removeAttribute("style");
  return [...new Set(found)];
}"""
