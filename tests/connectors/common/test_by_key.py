"""Records asked for by their keys."""

from __future__ import annotations

import logging

import pytest

from include.connectors.common.by_key import in_chunks, one_by_one, typed_key
from include.model.errors import NotFound
from include.model.page import Record

EXISTING = {"1": {"id": 1}, "3": {"id": 3}}


def read(key: str) -> Record:
    if key not in EXISTING:
        raise NotFound("answered 404.")
    return EXISTING[key]


def test_records_that_still_exist_come_one_a_page_and_the_others_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    pages = list(one_by_one(read, ["1", "2", "3"], what="PSA company"))
    assert [(page.records, page.done, page.expected) for page in pages] == [([{"id": 1}], 1, 3), ([{"id": 3}], 3, 3)]
    assert "PSA company 2 does not exist any more." in caplog.text


def test_more_missing_records_than_can_be_believed_are_an_error() -> None:
    assert len(list(one_by_one(read, ["1", "2", "3"], what="company", max_gone=1))) == 2
    with pytest.raises(NotFound):
        list(one_by_one(read, ["1", "2", "4"], what="company", max_gone=1))


def test_keys_are_cut_into_requests_of_a_size() -> None:
    assert list(in_chunks("abcde", 2)) == [["a", "b"], ["c", "d"], ["e"]]
    assert list(in_chunks([], 2)) == []


@pytest.mark.parametrize(
    ("typed", "key"), [("7", "7"), ("007", "7"), ("99", "99"), ("100", None), ("-1", None), ("", None), ("7a", None)]
)
def test_what_a_person_typed_is_a_key_where_it_can_be_one(typed: str, key: str | None) -> None:
    assert typed_key(typed, 100) == key


@pytest.mark.parametrize("typed", ["9" * 5000, "²", "٣"])
def test_digits_that_python_does_not_convert_are_no_key(typed: str) -> None:
    assert typed_key(typed, 10**30) is None
