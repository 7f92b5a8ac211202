"""Conditions of a query, each with a check whether a record meets it. Only Autotask's filters need this.

The server silently drops a condition whose operator it does not know, and delivers everything: so operators are written
only here, and every record that comes back is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from include.connectors.common.tickets import folded
from include.connectors.common.values import boolean, instant, integer, pick, text, whole_key
from include.model.numbers import whole_number
from include.model.page import Record

Json = dict[str, Record]
ZONES = timedelta(days=1)  # a server may read a time in a zone of its own
WILDCARDS = re.compile(r"[%_\[\]^*?]")  # a server may take these for more than themselves


@dataclass(frozen=True)
class Condition:
    """A condition of a query; `holds` says whether a record meets it, or raises InvalidValue."""

    asked: Json
    holds: Callable[[Record], bool] = lambda _: True


def from_key(after: int | None) -> Json:
    """The keys above one, or all: a query without a condition is refused, and 0 is a key (the MSP's own company)."""
    return {"op": "gte", "field": "id", "value": 0} if after is None else {"op": "gt", "field": "id", "value": after}


def one_of(field: str, keys: Collection[str]) -> Condition:
    """`field` is one of so many keys, as many as one query may name."""
    numbers = [(key, whole_number(key)) for key in keys]
    asked = {"op": "in", "field": field, "value": [key if number is None else number for key, number in numbers]}
    wanted = frozenset(keys)
    return Condition(asked, lambda record: pick(whole_key, record, field) in wanted)


def flag(field: str, wanted: bool) -> Condition:
    """`field` is true, or false."""
    asked = {"op": "eq", "field": field, "value": wanted}
    return Condition(asked, lambda record: pick(boolean, record, field) is wanted)


def called(field: str, name: str, key: int | None) -> Condition:
    """`field` is this text, or the record has this key; the caller checks the records."""
    named = {"op": "eq", "field": field, "value": name}
    keyed = {"op": "eq", "field": "id", "value": key}
    return Condition(named if key is None else {"op": "or", "items": [named, keyed]})


def containing(field: str, words: str) -> Condition:
    """`field` has this text somewhere; the caller checks the records."""
    return Condition({"op": "contains", "field": field, "value": words})


def mentioning(fields: Sequence[str], words: str) -> Condition:
    """One of the fields has this text somewhere, in any case; not checked where the words have a wildcard."""
    asked = {"op": "or", "items": [containing(field, words).asked for field in fields]}
    if WILDCARDS.search(words):
        return Condition(asked)
    wanted = folded(words)
    return Condition(asked, lambda record: any(wanted in folded(pick(text, record, field) or "") for field in fields))


def other_than(field: str, key: str) -> Condition:
    """`field` is another key than this one."""
    asked = {"op": "noteq", "field": field, "value": int(key)}
    return Condition(asked, lambda record: pick(whole_key, record, field) != key)


def above(field: str, key: int) -> Condition:
    """`field` is a key above this one."""
    asked = {"op": "gt", "field": field, "value": key}
    return Condition(asked, lambda record: (found := pick(integer, record, field)) is not None and found > key)


def since(field: str, moment: datetime) -> Condition:
    """`field` is this moment or a later one."""
    asked = {"op": "gte", "field": field, "value": stamp(moment)}
    return Condition(asked, lambda record: (found := pick(instant, record, field)) is not None and found >= moment)


def changed_since(stamps: Sequence[str], moment: datetime) -> Condition:
    """One of the stamps is this moment or a later one; also a record without any, since it may be a new one.

    Edits move one stamp or another. Records that are older by the difference of time zones do not contradict it.
    """
    unstamped = {"op": "and", "items": [{"op": "notExist", "field": field} for field in stamps]}
    asked = {"op": "or", "items": [*(since(field, moment).asked for field in stamps), unstamped]}
    oldest = moment - ZONES

    def holds(record: Record) -> bool:
        found = [at for field in stamps if (at := pick(instant, record, field)) is not None]
        return not found or max(found) >= oldest

    return Condition(asked, holds)


def until(field: str, moment: datetime) -> Condition:
    """`field` is this moment or an earlier one, or empty."""
    earlier = {"op": "lte", "field": field, "value": stamp(moment)}
    asked = {"op": "or", "items": [earlier, {"op": "notExist", "field": field}]}
    return Condition(asked, lambda record: (found := pick(instant, record, field)) is None or found <= moment)


def stamp(moment: datetime) -> str:
    """UTC, in whole seconds: finer ones are not the same everywhere."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
