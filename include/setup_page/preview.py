"""What the next run would do differently with another setup, as far as warehouse and PSA show it, in sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from include.connectors.common.companies import selected_companies
from include.connectors.common.setup import check_setup
from include.connectors.contract import PsaClient, ReadContext
from include.model.company import Company
from include.model.errors import PsaError
from include.model.setup import Setup
from include.model.wording import counted
from include.setup_page.field_effects import Effect, field_effects
from include.setup_page.setting_effects import setting_effects
from include.tickets.sessions import Session
from include.tickets.view import line
from include.warehouse.stored_rows import OF_A_COMPANY, StoredRows

SHOWN_NAMES = 20
BELONGING = "How many sites, assets and contacts come with them is known when a run has read them."
COMPARED = Effect(
    "companies",
    "Compared are the PSA as it is now and the rows of the last run, so what changed at the PSA since is included.",
    "note",
)
SAME = Effect("companies", "The same companies are synced as now.")
WITHOUT_COMPANY = Effect("companies", "Assets and contacts that belong to no company are synced, too.")
NOTHING = Effect("setup", "Nothing changes: the next run does what the last one did.")


@dataclass(frozen=True)
class Vanishing:
    """Rows of a table that would be marked deleted."""

    table: str
    rows: int
    live: int

    @property
    def noun(self) -> str:
        return self.table.removeprefix("company_")


def preview(session: Session, source: str, old: Setup, new: Setup) -> dict[str, Any]:
    """The effects of replacing one setup by another, and what preflight would refuse at this tenant."""
    stored = StoredRows(session.warehouse, source)
    effects = [*field_effects(session.connector, stored, old, new), *setting_effects(old, new)]
    problems, unknown = [], ""
    try:
        problems = check_setup(session.connector, session.client, new)
        if not problems and old.companies != new.companies:
            effects = [*_company_effects(session, stored, old, new), *effects]
    except PsaError as error:
        unknown = error.said
    return {
        "effects": [vars(effect) for effect in effects or [NOTHING] * (not unknown and old == new)],
        "problems": problems,
        "unknown": unknown,
    }


def _company_effects(session: Session, stored: StoredRows, old: Setup, new: Setup) -> Iterator[Effect]:
    names, selected = stored.companies(), _selected(session, new)
    existing = {company.id for company in selected if not company.is_deleted}
    if not names:
        yield Effect("companies", f"The first run copies {_companies(len(existing))}, with what belongs to them.")
        return
    gone = names.keys() - existing
    vanishing = [Vanishing("companies", len(gone), len(names)), *_belonging(stored, selected, new)]
    effects = [*_deletions(vanishing, [names[key] for key in gone], new), *_additions(existing - names.keys())]
    yield from [*effects, COMPARED] if effects else [SAME]
    if old.filters_companies and not new.filters_companies:
        yield WITHOUT_COMPANY


def _belonging(stored: StoredRows, selected: list[Company], new: Setup) -> Iterator[Vanishing]:
    """The rows that belong to none of the selected companies."""
    keys = [company.id for company in selected]
    for table in OF_A_COMPANY if new.filters_companies else ():
        yield Vanishing(table, stored.of_other_companies(table, keys), stored.live(table))


def _additions(added: Collection[str]) -> Iterator[Effect]:
    if added:
        yield Effect("companies", f"{_companies(len(added))} would appear. {BELONGING}")


def _deletions(found: list[Vanishing], names: list[str], new: Setup) -> Iterator[Effect]:
    vanishing = [one for one in found if one.rows]
    if not vanishing:
        return
    shown = ", ".join(sorted((line(name) or "" for name in names), key=str.casefold)[:SHOWN_NAMES])
    more = f" and {len(names) - SHOWN_NAMES:,} more" if len(names) > SHOWN_NAMES else ""
    whose = f" The companies: {shown}{more}." if names else " They belong to none of the companies."
    yield Effect("companies", f"{_listed(vanishing)} would be marked deleted.{whose}")
    held = [one for one in vanishing if not new.deletion_guard.allows(one.rows, one.live)]
    if held:
        yield Effect("companies", f"The deletion guard asks a person first: it does not allow {_listed(held)}.", "held")


def _selected(session: Session, setup: Setup) -> list[Company]:
    client: PsaClient = session.client
    client.http.at_once = setup.requests_in_flight
    return list(selected_companies(session.connector.company_search, ReadContext(client, setup)))


def _listed(vanishing: list[Vanishing]) -> str:
    *others, last = (f"{one.rows:,} of {one.live:,} {one.noun}" for one in vanishing)
    return f"{', '.join(others)} and {last}" if others else last


def _companies(number: int) -> str:
    return "1 company" if number == 1 else counted(number, "companie")
