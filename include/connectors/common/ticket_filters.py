"""Filters of the ticket page: what a viewer chose, and whether the tickets that came fit it.

One rule for every vendor. When most tickets that can be judged contradict a filter, the server ignored it, and the
page is refused. When only some do, they are left out with a remark: a ticket may have changed since it was indexed.
When no ticket can be judged, all are shown with a remark. The sync's listings are stricter (`filters`): there, one
contradicting record could mean a wrong deletion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from include.connectors.common.tickets import ticket_key
from include.model.errors import ShapeError
from include.model.page import Record
from include.model.tickets import Reference, State, TicketQuery
from include.model.wording import counted

REFERENCES = ("board", "status", "priority", "company", "owner")


@dataclass(frozen=True)
class TicketFilter:
    """A filter that the server was asked for, and how to see whether it honoured it."""

    name: str
    """What is filtered by, for messages."""
    found: Callable[[Record], str | None]
    """What a record says about it; None where it does not say."""
    wanted: frozenset[str]
    """What it should say: any of these."""
    may_lag: bool = False
    """The server's index may be ahead of the record's own fields: a contradicting record is kept, with a remark."""
    renamed: str = ""
    """The filter goes by names as of the last sync: the remark for when all records agree on another name."""


def state_filter(state: State, is_closed: Callable[[Record], bool | None]) -> TicketFilter:
    """The filter for open or closed tickets. One that was opened again may still say that it is closed."""

    def found(record: Record) -> str | None:
        closed = is_closed(record)
        return None if closed is None else (State.CLOSED if closed else State.OPEN).value

    return TicketFilter("state", found, frozenset((state.value,)), may_lag=True)


def chosen(query: TicketQuery) -> dict[str, Sequence[Reference]]:
    """The references that the viewer filters by, by the name of the ticket's field; any of several will do."""
    single = {"board": query.board, "company": query.company, "owner": query.owner}
    several = {"status": query.statuses, "priority": query.priorities}
    found = {name: [one] for name, one in single.items() if one} | {n: some for n, some in several.items() if some}
    return {name: found[name] for name in REFERENCES if name in found}


def chosen_keys(query: TicketQuery, names: Mapping[str, str]) -> dict[str, list[str]]:
    """The keys that the viewer filters by; raises FormError for one that is not a whole number.

    `names` is what a person calls each field, such as {"owner": "person"}.
    """
    return {
        field_: [ticket_key(one.key, names.get(field_, field_)) for one in some]
        for field_, some in chosen(query).items()
    }


@dataclass
class Checked:
    """The records of a page that fit, and remarks about the ones that do not."""

    records: list[Record]
    remarks: list[str] = field(default_factory=list)


def check_filters(filters: Iterable[TicketFilter], records: Sequence[Record], what: str) -> Checked:
    """The records that fit every filter; raises ShapeError where the server ignored one.

    `what` names vendor and path.
    """
    verdicts = [_judged(one, records, what) for one in filters] if records else []
    left_out = {id(record) for others, _ in verdicts for record in others}
    fitting = [record for record in records if id(record) not in left_out]
    return Checked(fitting, [remark for _, remark in verdicts if remark])


def _judged(one: TicketFilter, records: Sequence[Record], what: str) -> tuple[list[Record], str]:
    """The records to leave out, and a remark about the filter."""
    said = [(found, record) for record in records if (found := one.found(record)) is not None]
    others = [record for found, record in said if found not in one.wanted]
    if not said:
        return [], f"Whether the server filtered by {one.name} cannot be seen: no ticket shows its {one.name}."
    if not others:
        return [], ""
    if one.renamed and len({found for found, _ in said}) == 1:
        return [], one.renamed
    if is_ignored(len(others), len(said)):
        raise ShapeError(f"{what} delivered tickets that were filtered out by {one.name}: the filter was ignored.")
    if one.may_lag:
        return [], (
            f"The filter by {one.name} does not fit {len(others):,} of these tickets: what they say about it may be "
            "out of date, or the server did not filter by it."
        )
    number = counted(len(others), "ticket")
    return others, f"Left out here: {number} with another {one.name} that the server listed too."


def is_ignored(contradicting: int, judged: int) -> bool:
    """Whether a filter was ignored: most records that can be judged contradict it, and not one alone."""
    return contradicting > max(1, judged / 2)
