"""Changes a world as one day would: rows are added, edited, moved and deleted, and its clock advances by a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from simulator import generators
from simulator.seeded_random import SeededRandom
from simulator.table import Table
from simulator.world import World

KINDS = ("companies", "sites", "contacts", "assets")
MOVING = ("contacts", "assets")  # the rows that can go to another company
# Shares of a table that an ordinary day changes.
ADDED, EDITED, DELETED, MOVED = 0.004, 0.02, 0.002, 0.001

Amounts = int | Mapping[str, int] | None


@dataclass(frozen=True)
class DailyChanges:
    """The ids of the changed rows, by kind."""

    added: Mapping[str, tuple[int, ...]]
    edited: Mapping[str, tuple[int, ...]]
    deleted: Mapping[str, tuple[int, ...]]  # companies are only marked as deleted; other rows are removed
    moved: Mapping[str, tuple[int, ...]]  # to another company


def apply_daily_changes(
    world: World,
    seed: int = 1,
    *,
    adds: Amounts = None,
    edits: Amounts = None,
    deletes: Amounts = None,
    moves: Amounts = 0,
    are_added_today: bool = True,
) -> DailyChanges:
    """Apply the changes of one day.

    Each amount is one number for every kind, or a number by kind, or None for an ordinary share of the table.
    `moves` are rows that go to another company. Unless `are_added_today`, added rows are dated at random in the past.
    """
    rng = SeededRandom(f"{world.seed}/night/{seed}")
    world.now += timedelta(days=1)
    deleted = {kind: _delete(world, rng, kind, _amount(deletes, world, kind, DELETED)) for kind in KINDS}
    edited_ids = {kind: _edit(world, rng, kind, _amount(edits, world, kind, EDITED)) for kind in KINDS}
    moved = {kind: _move(world, rng, kind, _amount(moves, world, kind, MOVED)) for kind in MOVING}
    added = {kind: _add(world, rng, kind, _amount(adds, world, kind, ADDED)) for kind in KINDS}
    for kind, ids in added.items() if are_added_today else ():
        for id_ in ids:
            _table(world, kind).add(_as_new(_table(world, kind)[id_], at=world.now))
    return DailyChanges(added, edited_ids, deleted, moved)


def edited(row: Any, *, at: datetime) -> Any:
    """The row with a change of its most visible text and of the time of its last update."""
    names = {one.name for one in fields(row)}
    text = next(name for name in ("name", "last_name", "summary", "text", "notes", "caption") if name in names)
    changes: dict[str, object] = {text: f"{getattr(row, text) or ''} (edited)".lstrip()}
    if "updated_at" in names:
        changes["updated_at"] = at
    return replace(row, **changes)


def _table(world: World, kind: str) -> Table[Any]:
    table: Table[Any] = getattr(world, kind)
    return table


def _amount(given: Amounts, world: World, kind: str, share: float) -> int:
    if given is None:
        return max(1, round(len(_table(world, kind)) * share))
    return given if isinstance(given, int) else given.get(kind, 0)


def _time_of_change(world: World, rng: SeededRandom) -> datetime:
    return rng.moment_before(world.now, days=1)


def _existing_ids(world: World, kind: str) -> list[int]:
    return [id_ for id_, row in sorted(_table(world, kind).items()) if not getattr(row, "is_deleted", False)]


def _delete(world: World, rng: SeededRandom, kind: str, amount: int) -> tuple[int, ...]:
    table = _table(world, kind)
    chosen = rng.choose(_existing_ids(world, kind), amount)
    for id_ in chosen:
        if kind == "companies":
            at = _time_of_change(world, rng)
            table.add(replace(table[id_], is_deleted=True, deleted_at=at, updated_at=at))
        else:
            del table[id_]
    return tuple(sorted(chosen))


def _edit(world: World, rng: SeededRandom, kind: str, amount: int) -> tuple[int, ...]:
    table = _table(world, kind)
    chosen = rng.choose(_existing_ids(world, kind), amount)
    for id_ in chosen:
        table.add(edited(table[id_], at=_time_of_change(world, rng)))
    return tuple(sorted(chosen))


def _move(world: World, rng: SeededRandom, kind: str, amount: int) -> tuple[int, ...]:
    """Move rows to another company, to one of its sites or to none. A moved asset has no contact any more."""
    table = _table(world, kind)
    chosen = rng.choose(_existing_ids(world, kind), amount) if len(world.companies) > 1 else []
    for id_ in chosen:
        row = table[id_]
        company_id = rng.pick([other for other in world.companies.ids if other != row.company_id])
        site_id = rng.maybe(0.7, world.sites.by("company_id").get(company_id) or (None,))
        cleared = {"contact_id": None} if kind == "assets" else {}
        changes = {"company_id": company_id, "site_id": site_id, "updated_at": _time_of_change(world, rng), **cleared}
        table.add(replace(row, **changes))
    return tuple(sorted(chosen))


def _add(world: World, rng: SeededRandom, kind: str, amount: int) -> tuple[int, ...]:
    table = _table(world, kind)
    ids = rng.ids(table.next_id())
    return tuple(table.add(_made(world, rng, kind, next(ids))).id for _ in range(amount))


def _as_new(row: Any, *, at: datetime) -> Any:
    """The row with this day in the times of its creation and last update, and of its deletion where it is deleted."""
    names = [one.name for one in fields(row) if one.name in ("created_at", "updated_at", "deleted_at")]
    return replace(row, **{name: at for name in names if getattr(row, name)})


def _made(world: World, rng: SeededRandom, kind: str, id_: int) -> Any:
    if kind == "companies":
        return generators.company(rng, id_=id_, now=world.now, custom_fields=world.fields_of("company"))
    company_id = rng.pick(world.companies.ids)
    site_ids = world.sites.by("company_id").get(company_id, ())
    if kind == "sites":
        return generators.site(rng, id_=id_, company_id=company_id, is_primary=not site_ids, now=world.now)
    if kind == "contacts":
        custom_fields = world.fields_of("contact")
        return generators.contact(
            rng, id_=id_, company_id=company_id, site_ids=site_ids, now=world.now, custom_fields=custom_fields
        )
    return generators.asset(
        rng,
        id_=id_,
        company_id=company_id,
        site_ids=site_ids,
        contact_ids=world.contacts.by("company_id").get(company_id, ()),
        now=world.now,
        custom_fields=world.fields_of("asset"),
    )
