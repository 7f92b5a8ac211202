"""Which tickets HaloPSA is asked for, and whether its rows bear that out: filters it does not know it ignores."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from include.connectors.common.ticket_filters import is_ignored
from include.connectors.common.tickets import folded, ticket_key, try_pick, words
from include.connectors.common.values import text
from include.connectors.halopsa.columns import key_of
from include.connectors.halopsa.ticket_columns import NOBODY_KEY, TICKETS, is_closed
from include.model.errors import FormError, ShapeError
from include.model.tickets import Reference, State, TicketQuery

PRIORITY = re.compile(r"-?[0-9]{1,10}/(-?[0-9]{1,10})")
STATES = {State.OPEN: {"open_only": "true"}, State.CLOSED: {"closed_only": "true"}}
RENAMED = (
    "All of these name one team, but not by the name of the last sync: the team was renamed, or HaloPSA did not filter "
    "by team."
)
UNSURE = (
    "{number} of these say of their state otherwise than HaloPSA lists them: it may have changed again, or HaloPSA did "
    "not filter by it."
)


@dataclass(frozen=True)
class Filter:
    """`params` ask for it; `told` is what a row says of it, None where it does not, and `wanted` what it should say.

    `by_name`: what is wanted may have another name since the last sync. `is_unsure`: rows may lag behind, so that one
    that says otherwise is no reason to leave it out.
    """

    name: str
    params: Mapping[str, str]
    told: Callable[[Any], str | None] = lambda _: None
    wanted: frozenset[str] = field(default_factory=frozenset)
    by_name: bool = False
    is_unsure: bool = False


def filters(query: TicketQuery) -> Iterator[Filter]:
    """What the server is to leave out. A priority has one number for all SLAs, so that one filter takes in others."""
    if query.state in STATES:
        yield Filter("state", STATES[query.state], state_of, frozenset((query.state.value,)), is_unsure=True)
    if board := query.board:
        params = {"team": ticket_key(board.key, "team")}
        yield Filter("team", params, team_of, frozenset(filter(None, [team(board.name or "")])), by_name=True)
    if query.statuses:
        keys = [ticket_key(status.key, "status") for status in query.statuses]
        params = {"status_id" if len(keys) == 1 else "status": ",".join(keys)}
        yield Filter("status", params, id_of("status_id"), frozenset(keys))
    if query.priorities:
        numbers = list(dict.fromkeys(priority_number(priority.key) for priority in query.priorities))
        yield Filter("priority", {"priority": ",".join(numbers)}, id_of("priority_id"), frozenset(numbers))
    if query.company:
        key = ticket_key(query.company.key, "company")
        yield Filter("company", {"client_id": key}, id_of("client_id"), frozenset((key,)))
    if query.owner:
        key = ticket_key(query.owner.key, "person")
        yield Filter("agent", {"agent_id": key}, agent_of, frozenset((key,)))
    if typed := text(query.text):
        yield Filter("text", {"search": typed.strip()})  # where Halo looks for it, no row tells


def priority_number(key: str | None) -> str:
    """What tickets are filtered by: the key without the SLA."""
    found = PRIORITY.fullmatch(key or "")
    if not found:
        raise FormError("This is not a priority of HaloPSA.")
    return found[1]


def id_of(name: str) -> Callable[[Any], str | None]:
    return lambda record: try_pick(key_of, record, name)


def agent_of(record: Any) -> str | None:
    return (try_pick(key_of, record, "agent_id") or NOBODY_KEY) if "agent_id" in record else None


def team_of(record: Any) -> str | None:
    """By its name: rows do not tell its id."""
    return team(words(record, "team")) or None


def team(name: str) -> str:
    return folded(name.strip())


def state_of(record: Any) -> str | None:
    closed = is_closed(record)
    return None if closed is None else (State.CLOSED if closed else State.OPEN).value


def sifted(chosen: Sequence[Filter], records: Sequence[Any]) -> tuple[list[Any], list[str]]:
    """The rows that fit, and sentences about filters that the rows do not bear out."""
    found = [verdict(one, records) for one in chosen if one.wanted and records]
    left_out = {id(record) for others, _ in found for record in others}
    return [record for record in records if id(record) not in left_out], [remark for _, remark in found if remark]


def verdict(one: Filter, records: Sequence[Any]) -> tuple[list[Any], str]:
    """The rows to leave out, and what to say of them; raises ShapeError where most show that the filter was ignored."""
    told = [(said, record) for record in records if (said := one.told(record)) is not None]
    others = [record for said, record in told if said not in one.wanted]
    if not told:
        return [], f"Whether HaloPSA filtered by {one.name} cannot be seen: no row tells it."
    if not others:
        return [], ""
    if one.by_name and len({said for said, _ in told}) == 1:
        return [], RENAMED
    if is_ignored(len(others), len(told)):
        raise ShapeError(f"HaloPSA: {TICKETS.path} delivered tickets that were filtered out by {one.name}.")
    if one.is_unsure:
        return [], UNSURE.format(number=len(others))
    return others, f"HaloPSA also listed {len(others):,} of another {one.name}, left out here."


def has_priority(priorities: Sequence[Reference], key: str | None) -> bool:
    """Whether a ticket's priority is one of these, as far as it tells its SLA."""
    return not priorities or key is None or key in {wanted.key for wanted in priorities}
