"""Lets a night pass over a world: rows come, change, move and go, and the world's clock moves on by a day."""

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
MOVING = ("contacts", "assets")  # people change their employer, machines are sold on
# Shares of a table that a lifelike night touches.
ADDED, EDITED, DELETED, MOVED = 0.004, 0.02, 0.002, 0.001

Amounts = int | Mapping[str, int] | None


@dataclass(frozen=True)
class DailyChanges:
    """What happened, as ids per kind. A deleted company is still there, marked; any other deleted row is gone."""

    added: Mapping[str, tuple[int, ...]]
    edited: Mapping[str, tuple[int, ...]]
    deleted: Mapping[str, tuple[int, ...]]
    moved: Mapping[str, tuple[int, ...]]


def apply_daily_changes(
    world: World,
    seed: int = 1,
    *,
    adds: Amounts = None,
    edits: Amounts = None,
    deletes: Amounts = None,
    moves: Amounts = 0,
) -> DailyChanges:
    """One night. Amounts: one number for each kind alike, numbers by kind, or lifelike shares when None.

    `moves` are rows that go to another company.
    """
    rng = SeededRandom(f"{world.seed}/night/{seed}")
    world.now += timedelta(days=1)
    deleted = {kind: _delete(world, rng, kind, _amount(deletes, world, kind, DELETED)) for kind in KINDS}
    edited_ids = {kind: _edit(world, rng, kind, _amount(edits, world, kind, EDITED)) for kind in KINDS}
    moved = {kind: _move(world, rng, kind, _amount(moves, world, kind, MOVED)) for kind in MOVING}
    added = {kind: _add(world, rng, kind, _amount(adds, world, kind, ADDED)) for kind in KINDS}
    return DailyChanges(added, edited_ids, deleted, moved)


def edited(row: Any, *, at: datetime) -> Any:
    """The row after somebody changed its most visible text, and with it the time of its last change."""
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


def _moment(world: World, rng: SeededRandom) -> datetime:
    return rng.moment_before(world.now, days=1)


def _alive(world: World, kind: str) -> list[int]:
    return [id_ for id_, row in sorted(_table(world, kind).items()) if not getattr(row, "is_deleted", False)]


def _delete(world: World, rng: SeededRandom, kind: str, amount: int) -> tuple[int, ...]:
    table = _table(world, kind)
    chosen = rng.choose(_alive(world, kind), amount)
    for id_ in chosen:
        if kind == "companies":
            at = _moment(world, rng)
            table.add(replace(table[id_], is_deleted=True, deleted_at=at, updated_at=at))
        else:
            del table[id_]
    return tuple(sorted(chosen))


def _edit(world: World, rng: SeededRandom, kind: str, amount: int) -> tuple[int, ...]:
    table = _table(world, kind)
    chosen = rng.choose(_alive(world, kind), amount)
    for id_ in chosen:
        table.add(edited(table[id_], at=_moment(world, rng)))
    return tuple(sorted(chosen))


def _move(world: World, rng: SeededRandom, kind: str, amount: int) -> tuple[int, ...]:
    """To another company, and there to one of its sites or to none; a machine leaves its user behind."""
    table = _table(world, kind)
    chosen = rng.choose(_alive(world, kind), amount) if len(world.companies) > 1 else []
    for id_ in chosen:
        row = table[id_]
        company_id = rng.pick([other for other in world.companies.ids if other != row.company_id])
        site_id = rng.maybe(0.7, world.sites.by("company_id").get(company_id) or (None,))
        left = {"contact_id": None} if kind == "assets" else {}
        changes = {"company_id": company_id, "site_id": site_id, "updated_at": _moment(world, rng), **left}
        table.add(replace(row, **changes))
    return tuple(sorted(chosen))


def _add(world: World, rng: SeededRandom, kind: str, amount: int) -> tuple[int, ...]:
    table = _table(world, kind)
    ids = rng.ids(table.next_id())
    return tuple(table.add(_made(world, rng, kind, next(ids))).id for _ in range(amount))


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
