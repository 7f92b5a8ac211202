// Which companies are synced: types and statuses to tick, and how many companies a choice leaves.

import { of, post } from "./api.js";
import { el, untrusted } from "./dom.js";
import { asking, group, section, tick } from "./parts.js";

const loosely = (name) => name.normalize("NFC").toLowerCase().split(/\s+/).filter(Boolean).join(" ");

/** Whether an entry of the setup, an id or a name in any case, stands for this choice. */
function means(entry, choice, choices) {
  const text = String(entry);
  if (choices.some(({ id, label }) => text === id || text === label)) return text === choice.id || text === choice.label;
  return loosely(text) !== "" && loosely(text) === loosely(choice.label);
}

function list(setup, path, caption, choices) {
  const chosen = () => [setup.read(...path) ?? []].flat();
  const known = choices ?? [];
  const change = (choice) => (isOn) => {
    const others = chosen().filter((entry) => !means(entry, choice, known));
    setup.write(path, isOn ? [...others, choice.id] : others);
  };
  const ticks = known.map((choice) =>
    tick({
      label: [untrusted(choice.label)],
      facts: choice.id === choice.label ? [] : ["id ", untrusted(choice.id, "code")],
      isOn: chosen().some((entry) => means(entry, choice, known)),
      change: change(choice),
    }),
  );
  const strangers = chosen().filter((entry) => !known.some((choice) => means(entry, choice, known)));
  const missing = strangers.map((entry) =>
    tick({
      label: [untrusted(String(entry))],
      facts: [choices ? "The PSA does not have it." : "Chosen in the setup."],
      isOn: true,
      change: (isOn) =>
        setup.write(path, isOn ? [...chosen(), entry] : chosen().filter((other) => other !== entry)),
    }),
  );
  const none = ticks.length + missing.length ? null : el("p", { class: "quiet" }, "All are synced.");
  return group(caption, el("div", { class: "ticks" }, ...ticks, ...missing), none);
}

/** `offer` is null until the PSA was asked. */
export function companiesSection(psa, setup, offer, fields) {
  const byType = setup.read("companies", "status_from") === "type";
  const types = offer === null || offer.types !== null;
  const statuses = byType && offer ? offer.types : (offer?.statuses ?? null);
  const count = asking("Count the companies", async () => {
    const { selected, stored } = await post(of(psa, "count"), { text: setup.text });
    const now = stored ? ` ${stored.toLocaleString()} are in the warehouse now.` : "";
    return [el("p", {}, `This choice leaves ${selected.toLocaleString()} companies.${now}`)];
  });
  return section(
    "Companies",
    "A company is synced if it has any of the ticked types and any of the ticked statuses. No tick in a list: all of them.",
    types ? list(setup, ["companies", "types"], "Types", offer?.types ?? null) : null,
    list(setup, ["companies", "statuses"], byType ? "Statuses (the company's type)" : "Statuses", statuses),
    ...fields,
    el("div", { class: "actions" }, count.button),
    count.place,
  );
}
