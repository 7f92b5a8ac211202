"""Filters of the ticket page: what a viewer chose, and whether the tickets that came fit it.

One rule for every vendor. When most tickets that can be judged contradict a filter, the server ignored it, and the
page is refused. When only some do, they are left out with a remark: a ticket may have changed since it was indexed.
The sync's listings are stricter (`filters`): there, one contradicting record could mean a wrong deletion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from include.connectors.common.tickets import ticket_key
from include.model.errors import ShapeError
from include.model.page import Record
from include.model.tickets import Reference, TicketQuery

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
    checked, left_out = Checked([]), set[int]()
    for one in filters if records else ():
        said = [(found, record) for record in records if (found := one.found(record)) is not None]
        others = [record for found, record in said if found not in one.wanted]
        if not others:
            continue
        if one.renamed and len({found for found, _ in said}) == 1:
            checked.remarks.append(one.renamed)
        elif is_ignored(len(others), len(said)):
            raise ShapeError(f"{what} delivered tickets that were filtered out by {one.name}: the filter was ignored.")
        elif one.may_lag:
            checked.remarks.append(
                f"{len(others):,} of these tickets say something else about their {one.name} than they were filtered "
                "by: they may have just changed."
            )
        else:
            checked.remarks.append(
                f"{len(others):,} tickets with another {one.name} were listed, and are left out here."
            )
            left_out |= {id(record) for record in others}
    checked.records = [record for record in records if id(record) not in left_out]
    return checked


def is_ignored(contradicting: int, judged: int) -> bool:
    """Whether a filter was ignored: most records that can be judged contradict it, and not one alone."""
    return contradicting > max(1, judged / 2)
