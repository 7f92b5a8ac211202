"""From records to rows and rejects."""

from __future__ import annotations

from typing import Any

import pytest

from include.connectors.common.columns import Column, at
from include.connectors.common.mapping import Rows, map_page
from include.connectors.common.values import MAX_KEY_BYTES, InvalidValue, instant, integer, text
from include.connectors.contract import Stream
from include.model.page import Page, Record
from include.model.setup import Setup

COLUMNS: Any = {
    "source_id": at(text, "id"),
    "name": at(text, "name"),
    "is_default": at(integer, "flag"),
    "source_updated_at": at(instant, "_info.lastUpdated"),
}
GOOD = {"id": "1", "name": "Active", "_info": {"lastUpdated": "2026-03-01T12:00:00Z"}}
STREAM: Stream[Any] = Stream("company_statuses", lambda _: iter(()), COLUMNS)


def mapped(*records: Record, stream: Stream[Any] = STREAM) -> Rows:
    return map_page(stream, Page(list(records)), Setup())


@pytest.mark.parametrize("stamp", [{"lastUpdated": "2026-03-01 at noon"}, {"lastUpdated": 5}, "yesterday", ["x"], 7])
def test_a_stamp_that_is_invalid_costs_no_record_and_is_counted(stamp: Record) -> None:
    rows = mapped(GOOD, GOOD | {"_info": stamp}, GOOD | {"_info": stamp})
    assert [row["source_updated_at"] is None for row in rows.rows] == [False, True, True]
    assert (rows.rejects, dict(rows.unread)) == ([], {"source_updated_at": 2})


@pytest.mark.parametrize("stamp", [None, {}, [], "", " ", {"lastUpdated": " "}, {"lastUpdated": {}}])
def test_a_stamp_that_is_empty_in_any_form_is_empty(stamp: Record) -> None:
    rows = mapped(GOOD | {"_info": stamp})
    assert (rows.rows[0]["source_updated_at"], rows.rejects, dict(rows.unread)) == (None, [], {})


def test_an_invalid_value_elsewhere_rejects_its_record_with_the_key() -> None:
    assert [(one.source_id, one.reason) for one in mapped(GOOD | {"flag": "x"}).rejects] == [
        ("1", "flag: a whole number expected, got text of 1 characters")
    ]


@pytest.mark.parametrize("record", [None, [], "", "x", 5, True, [GOOD]])
def test_what_is_no_object_is_no_record(record: Record) -> None:
    (reject,) = mapped(record).rejects
    assert (reject.source_id, reject.reason.partition(",")[0]) == (None, "an object expected")


@pytest.mark.parametrize("key", [None, "", " ", [], {}, "\x00"])
def test_a_record_without_a_key_is_rejected(key: Record) -> None:
    (reject,) = mapped(GOOD | {"id": key}).rejects
    assert (reject.source_id, reject.reason) == (None, "the record has no id")


@pytest.mark.parametrize("letter", ["x", "\u00e9", "\U0001f600"])
def test_a_key_that_no_index_can_hold_rejects_its_record_alone(letter: str) -> None:
    longest = letter * (MAX_KEY_BYTES // len(letter.encode()))
    rows = mapped(GOOD | {"id": longest}, GOOD | {"id": longest + letter})
    assert [row["source_id"] for row in rows.rows] == [longest]
    assert [one.source_id for one in rows.rejects] == [longest + letter]


def test_what_else_is_known_of_an_invalid_stamp_is_used() -> None:
    def partly(_: Record, __: Setup) -> object:
        raise InvalidValue("one of two", usable=7)

    stream: Stream[Any] = Stream("company_statuses", STREAM.read, COLUMNS | {"source_updated_at": Column((), partly)})
    rows = mapped(GOOD, stream=stream)
    assert (rows.rows[0]["source_updated_at"], dict(rows.unread)) == (7, {"source_updated_at": 1})
