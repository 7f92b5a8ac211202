"""Several pages of a listing by key in flight: nothing is left out or comes twice, wherever the keys are."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.http.paging import Keyset
from include.model.errors import RequestRefused, ServerError, Truncated
from include.model.page import START, Page, Record

PAGE, IN_FLIGHT = 10, 4


class Server:
    """Records with these keys, ten a page; `broken` is the one that cannot be delivered, `hidden` are only counted."""

    def __init__(self, keys: list[int], *, cap: int = PAGE, broken: int | None = None, hidden: int = 0) -> None:
        self.keys, self.cap, self.broken, self.hidden = sorted(keys), cap, broken, hidden
        self.asked: list[int | None] = []

    def fetch(self, after: int | None, size: int, _: int) -> Page:
        self.asked.append(after)
        keys = [key for key in self.keys if after is None or key > after][: min(size, self.cap)]
        if self.broken in keys:
            raise ServerError("broken", status=500)
        return Page([self.record(key) for key in keys])

    def record(self, key: int) -> Record:
        return {"id": key}

    def next_key(self, after: int | None) -> int | None:
        return next((key for key in self.keys if after is None or key > after), None)

    def count(self, after: int | None) -> int:
        return self.hidden + sum(after is None or key > after for key in self.keys)

    def keyset(self, **changes: Any) -> Keyset:
        usual = Keyset("things", self.fetch, self.next_key, self.count, PAGE, PAGE, 5, "things", IN_FLIGHT)
        return replace(usual, **changes)

    def listed(self, **changes: Any) -> list[Any]:
        return [record["id"] for page in self.keyset(**changes).pages() for record in page.records]


KEYS = st.one_of(
    st.sets(st.integers(0, 400), max_size=200),
    st.sets(st.integers(0, 2**40), max_size=120),
    st.builds(
        lambda *parts: {start + key for start, length in parts for key in range(length)},
        *[st.tuples(st.integers(0, 10_000), st.integers(0, 60))] * 4,
    ),
)


@given(KEYS, st.sampled_from([1, 2, 4, 7]), st.sampled_from([3, 9, PAGE]))
def test_every_record_is_listed_once_and_in_order(keys: set[int], at_once: int, cap: int) -> None:
    assert Server(list(keys), cap=cap).listed(at_once=at_once) == sorted(keys)


@given(KEYS, st.data())
def test_one_record_that_breaks_its_page_is_the_only_one_that_is_rejected(keys: set[int], data: st.DataObject) -> None:
    broken = data.draw(st.sampled_from(sorted(keys))) if keys else None
    pages = list(Server(list(keys), broken=broken).keyset().pages())
    assert [record["id"] for page in pages for record in page.records] == sorted(keys - {broken})
    assert [reject.source_id for page in pages for reject in page.rejects] == [str(broken)] * bool(keys)


@given(KEYS.filter(len))
def test_a_record_that_is_counted_and_never_comes_is_missed(keys: set[int]) -> None:
    with pytest.raises(Truncated):
        Server(list(keys), hidden=1).listed()


@given(KEYS.filter(lambda keys: len(keys) > PAGE), st.data())
def test_a_listing_goes_on_behind_any_of_its_pages(keys: set[int], data: st.DataObject) -> None:
    server = Server(list(keys))
    pages = list(server.keyset().pages(START))
    number = data.draw(st.integers(0, len(pages) - 2))
    rest = server.keyset().pages(pages[number].position)
    listed = [record["id"] for page in (*pages[: number + 1], *rest) for record in page.records]
    assert listed == server.keys


def test_a_record_without_a_key_comes_once() -> None:
    class Odd(Server):
        def record(self, key: int) -> Record:
            return {"id": None if key % 15 == 0 else key}

    listed = Odd(list(range(1, 201))).listed()
    assert (len(listed), listed.count(None)) == (200, 13)


def test_as_many_pages_as_may_be_are_in_flight_from_the_second_on() -> None:
    server, gate = Server(list(range(1, 101))), threading.Barrier(IN_FLIGHT, timeout=10)

    def fetch(after: int | None, size: int, tries: int) -> Page:
        if after is not None and after < 45:
            gate.wait()
        return server.fetch(after, size, tries)

    assert server.listed(fetch=fetch) == server.keys


def test_few_requests_are_added_where_keys_are_spread_evenly() -> None:
    keys = random.Random(1).sample(range(20_000), 10_000)  # noqa: S311 - no secret
    server = Server(keys, cap=500)
    assert server.listed(page_size=500) == server.keys
    assert len(server.asked) <= 1.25 * 20


def test_nothing_is_asked_for_behind_the_end() -> None:
    server = Server(list(range(1, 36)))
    server.listed()
    assert max(after or 0 for after in server.asked) < 35


@pytest.mark.parametrize("at_once", [1, IN_FLIGHT])
def test_a_listing_that_no_one_counts_is_read_page_by_page(at_once: int) -> None:
    server = Server(list(range(1, 36)))
    assert server.listed(count=lambda _: None, at_once=at_once) == server.keys
    assert server.asked == [None, 10, 20, 30]


def test_an_error_of_a_page_that_was_asked_for_ahead_ends_the_listing_in_its_place() -> None:
    server = Server(list(range(1, 101)))

    def fetch(after: int | None, size: int, tries: int) -> Page:
        if after is not None and after > 30:
            raise RequestRefused("no more", status=400)
        return server.fetch(after, size, tries)

    listed: list[Any] = []
    with pytest.raises(RequestRefused):
        for page in server.keyset(fetch=fetch).pages():
            listed += page.records
    assert [record["id"] for record in listed][:30] == list(range(1, 31))
