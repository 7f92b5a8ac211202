// Light or dark, as in Airflow. A classic script, because it must run before the first paint.
"use strict";

(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // Airflow's page if it frames this one; reading a page of another origin throws.
  function airflow() {
    try {
      return parent === window ? null : parent.document.documentElement;
    } catch {
      return null;
    }
  }

  function chosen() {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null;
    }
  }

  function follow() {
    const classes = airflow()?.classList;
    const named = ["light", "dark"].find((name) => classes?.contains(name) ?? chosen() === name);
    root.dataset.theme = named ?? (dark.matches ? "dark" : "light");
  }

  follow();
  dark.addEventListener("change", follow);
  addEventListener("storage", follow);
  const framing = airflow();
  if (framing) new MutationObserver(follow).observe(framing, { attributes: true, attributeFilter: ["class"] });
})();
