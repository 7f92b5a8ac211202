"""Walking a listing by key, and what proves its end."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from include.http.numbered import Numbered
from include.http.paging import Keyset, integer_key
from include.model.errors import ServerError, ShapeError, Truncated
from include.model.page import START, Page, Position, PositionLost


class Server:
    """Records 1 to `size`; `cap` is the longest page it deals, `poison` the record that breaks its page."""

    def __init__(
        self, size: int, *, cap: int = 1000, counted: int | None = None, poison: int = 0, outage: int = 0
    ) -> None:
        self.size, self.cap, self.counted, self.poison, self.outage = size, cap, counted, poison, outage
        self.asked = 0
        self.deleted = 0  # the records up to this one

    def fetch(self, after: int | None, size: int, _: int) -> Page:
        self.asked += 1
        keys = range(max(after or 0, self.deleted) + 1, self.size + 1)[: min(size, self.cap)]
        self.outage -= 1
        if self.poison in keys or self.outage >= 0:
            raise ServerError("broken", status=500)
        return Page([{"id": key} for key in keys])

    def next_key(self, after: int | None) -> int | None:
        return (after or 0) + 1

    def count(self, after: int | None) -> int | None:
        return None if self.counted is None else self.counted - max(after or 0, self.deleted)

    def keyset(self, **changes: Any) -> Keyset:
        return replace(Keyset("things", self.fetch, self.next_key, self.count, 100, 25, 5), **changes)

    def walk(self, **changes: Any) -> list[Page]:
        return list(self.keyset(**changes).pages())


def listed(pages: list[Page]) -> list[Any]:
    return [record["id"] for page in pages for record in page.records]


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 250, 300])
@pytest.mark.parametrize("cap", [25, 30, 100, 1000])
@pytest.mark.parametrize("counted", [True, False])
def test_every_record_is_listed_whatever_the_server_cuts_and_counts(size: int, cap: int, counted: bool) -> None:
    server = Server(size, cap=cap, counted=size if counted else None)
    assert listed(server.walk()) == list(range(1, size + 1))


def test_a_count_saves_the_last_request() -> None:
    server = Server(250, counted=250)
    server.walk()
    assert server.asked == 3


def test_an_end_before_the_count_is_no_end() -> None:
    with pytest.raises(Truncated, match="ended after 250 records, the server counts 251"):
        Server(250, counted=251).walk()


def test_a_duplicate_does_not_stand_in_for_a_missing_record() -> None:
    def fetch(after: int | None, *_: int) -> Page:
        return Page([] if after else [{"id": key} for key in (1, 2, 2)])

    with pytest.raises(Truncated):
        Server(3, counted=3).walk(fetch=fetch)


def test_one_record_that_breaks_its_page_is_stepped_over() -> None:
    pages = Server(250, counted=250, poison=137).walk()
    assert listed(pages) == [key for key in range(1, 251) if key != 137]
    assert [(r.source_id, r.reason) for page in pages for r in page.rejects] == [
        ("137", "the server cannot deliver this record: broken")
    ]


@pytest.mark.parametrize("outage", range(1, 8))
def test_a_short_outage_rejects_nothing(outage: int) -> None:
    pages = Server(250, counted=250, outage=outage).walk()
    assert listed(pages) == list(range(1, 251))
    assert not any(page.rejects for page in pages)


def test_an_outage_is_not_taken_for_bad_records() -> None:
    def gone(_: int | None) -> int | None:
        raise ServerError("down", status=500)

    with pytest.raises(ServerError, match="down"):
        Server(250, counted=250, outage=1000).walk(next_key=gone)


@pytest.mark.parametrize(
    ("keys", "said"),
    [((2, 1), "order of 'id'"), ((None, None), "no record of a page of 2 has a usable 'id'")],
)
def test_a_page_that_cannot_be_walked_on_from_is_refused(keys: tuple[Any, ...], said: str) -> None:
    with pytest.raises(ShapeError, match=said):
        Server(2, counted=2).walk(fetch=lambda *_: Page([{"id": key} for key in keys]))


def test_a_server_that_ignores_the_key_is_refused() -> None:
    server = Server(300, counted=300)
    with pytest.raises(ShapeError, match="asked for ids above 100, got 1"):
        server.walk(fetch=lambda _, size, tries: server.fetch(None, size, tries))


def test_keys_spelled_as_text_are_keys() -> None:
    pages = Server(2, counted=2).walk(fetch=lambda *_: Page([{"id": "1"}, {"id": "2"}]))
    assert listed(pages) == ["1", "2"]


# ---- from a position ----


def pages_until(server: Server, seen: int, **changes: Any) -> tuple[list[Page], Position]:
    """The pages of an attempt that ends after so many records, and its last position."""
    pages = []
    for page in server.keyset(**changes).pages(START):
        pages.append(page)
        if page.done >= seen:
            break
    assert pages[-1].position is not None
    return pages, pages[-1].position


def test_a_listing_goes_on_behind_a_position() -> None:
    server = Server(250, counted=250)
    first, position = pages_until(server, 100)
    assert listed(first) + listed(list(server.keyset().pages(position))) == list(range(1, 251))
    assert server.asked == 3


def test_a_position_in_another_listing_is_lost() -> None:
    _, position = pages_until(Server(250, counted=250), 100)
    with pytest.raises(PositionLost, match="another listing"):
        list(Server(250, counted=250).keyset(listing="others").pages(position))


def test_records_that_the_first_attempt_was_not_given_make_the_next_one_begin_again() -> None:
    server = Server(250, counted=250)

    def without_some(after: int | None, size: int, tries: int) -> Page:
        page = server.fetch(after, size, tries)
        return replace(page, records=[record for record in page.records if record["id"] not in (7, 8)])

    _, position = pages_until(server, 90, fetch=without_some)
    with pytest.raises(PositionLost, match="248 records were listed in two attempts, the PSA counts 250"):
        list(server.keyset().pages(position))


def test_what_was_deleted_before_a_position_does_not_stand_in_for_what_is_missing_behind_it() -> None:
    server = Server(250, counted=250)
    _, position = pages_until(server, 100)
    server.deleted, server.size = 50, 220
    with pytest.raises(Truncated, match="ended after 120 records, the server counts 150"):
        list(server.keyset().pages(position))


# ---- by number ----


def numbered(*sheets: Page) -> list[Page]:
    """A listing whose last page comes for ever, with one request in flight and with several."""

    def fetch(number: int) -> Page:
        return sheets[min(number, len(sheets)) - 1]

    def outcome(at_once: int) -> list[Page] | Truncated:
        try:
            pages = Numbered("things", fetch, integer_key, at_once=at_once).pages()
            return [replace(page, asked_at=None) for page in pages]
        except Truncated as error:
            return error

    one, several = outcome(1), outcome(4)
    assert str(one) == str(several)
    if isinstance(one, Truncated):
        raise one
    return one


def test_the_pages_that_the_first_one_announces_are_in_flight_together() -> None:
    three_at_once = threading.Barrier(3, timeout=10.0)

    def fetch(number: int) -> Page:
        if number > 1:
            three_at_once.wait()
        return Page([{"id": number}], pages=4)

    pages = list(Numbered("things", fetch, integer_key, at_once=3).pages())
    assert listed(pages) == [1, 2, 3, 4]
    assert [page.asked_at is not None for page in pages] == [False, True, True, True]


def test_a_listing_that_is_counted_needs_no_announced_pages_to_have_several_in_flight() -> None:
    both = threading.Barrier(2, timeout=10.0)

    def fetch(number: int) -> Page:
        if number > 1:
            both.wait()
        return Page([{"id": number * 2 - 1}, {"id": number * 2}][: 6 - number * 2 + 1], total=5)

    assert listed(list(Numbered("things", fetch, integer_key, at_once=2).pages())) == [1, 2, 3, 4, 5]


def test_while_pages_that_no_one_announces_are_full_more_of_them_are_in_flight() -> None:
    three_at_once = threading.Barrier(3, timeout=10.0)
    asked: list[int] = []

    def fetch(number: int) -> Page:
        asked.append(number)
        if number in (5, 6, 7):
            three_at_once.wait()
        keys = range(10 * number, 10 * number + 10) if number < 9 else ()
        return Page([{"id": key} for key in keys])

    pages = list(Numbered("things", fetch, integer_key, at_once=3).pages())
    assert listed(pages) == list(range(10, 90))
    assert set(asked) <= set(range(1, 12))


def test_behind_a_short_page_only_one_is_asked_for() -> None:
    asked: list[int] = []

    def fetch(number: int) -> Page:
        asked.append(number)
        return Page([{"id": key} for key in (range(3) if number == 1 else ())])

    list(Numbered("things", fetch, integer_key, at_once=4).pages())
    assert asked == [1, 2]


@pytest.mark.parametrize(("full", "most"), [(1, 3), (2, 4), (3, 5)])
def test_a_list_of_few_pages_that_no_one_announces_costs_one_request_behind_its_end(full: int, most: int) -> None:
    asked: list[int] = []

    def fetch(number: int) -> Page:
        asked.append(number)
        length = 10 if number <= full else 4 if number == full + 1 else 0
        return Page([{"id": 10 * number + key} for key in range(length)])

    assert len(listed(list(Numbered("things", fetch, integer_key, at_once=4).pages()))) == 10 * full + 4
    assert max(asked) <= most


def test_what_a_page_means_is_decided_in_the_order_of_pages() -> None:
    decided: list[int] = []

    def in_order(number: int, page: Page) -> Page:
        decided.append(number)
        return page

    keyed = [Page([{"id": number}], pages=6) for number in range(1, 7)]
    list(Numbered("things", lambda number: keyed[number - 1], integer_key, at_once=4, in_order=in_order).pages())
    assert decided == [1, 2, 3, 4, 5, 6]


def sheet(*keys: int | None, total: int | None = None, pages: int | None = None) -> Page:
    return Page([{"id": key} for key in keys], total=total, pages=pages)


def test_a_listing_ends_with_its_last_announced_page_however_long_the_pages_are() -> None:
    assert listed(numbered(sheet(1, 2, pages=3), sheet(3, pages=3), sheet(4, 5, pages=3))) == [1, 2, 3, 4, 5]


def test_the_number_of_pages_is_read_anew_on_every_page() -> None:
    assert listed(numbered(sheet(1, pages=1 + 1), sheet(2, pages=3), sheet(3, pages=3))) == [1, 2, 3]


def test_a_listing_ends_when_all_that_is_counted_has_come() -> None:
    assert listed(numbered(sheet(1, 2, total=3), sheet(3, total=3))) == [1, 2, 3]


def test_the_same_page_for_ever_is_no_proof_that_all_has_come() -> None:
    with pytest.raises(Truncated, match="2 different records were listed, the server counted 3 and then 3"):
        numbered(sheet(1, 2, total=3))


def test_without_any_count_a_page_that_brings_nothing_new_is_the_end() -> None:
    assert set(listed(numbered(sheet(1, 2), sheet(3), sheet(3)))) == {1, 2, 3}
    assert listed(numbered(sheet(1, 2), sheet())) == [1, 2]


def test_a_count_that_changes_while_pages_are_read_proves_nothing() -> None:
    with pytest.raises(Truncated, match="counted 4 and then 3"):
        numbered(sheet(1, 2, total=4), sheet(3, total=3))


def test_a_record_that_comes_twice_does_not_stand_in_for_one_that_is_missing() -> None:
    with pytest.raises(Truncated):
        numbered(sheet(1, 2, total=4, pages=2), sheet(2, 3, total=4, pages=2))


def test_a_record_without_a_key_counts() -> None:
    assert listed(numbered(sheet(1, None, total=2))) == [1, None]


def test_an_empty_page_where_records_are_counted_is_not_the_end() -> None:
    with pytest.raises(Truncated):
        numbered(sheet(total=5))


def test_an_empty_page_where_more_are_announced_is_not_the_end() -> None:
    with pytest.raises(Truncated, match="an empty page came where 3 more were announced"):
        numbered(sheet(1, 2, pages=5), sheet(pages=5))


def test_a_long_first_page_that_comes_again_shows_a_server_that_does_not_page() -> None:
    with pytest.raises(Truncated, match="as if the server ignored its number"):
        numbered(sheet(*range(40)))
    assert listed(numbered(sheet(1, 2, 3))) == [1, 2, 3, 1, 2, 3]


def test_a_record_without_a_key_that_comes_again_does_not_stand_in_for_another() -> None:
    with pytest.raises(Truncated):
        numbered(sheet(1, None, total=4))
    assert len(listed(numbered(sheet(1, None), sheet(2, None)))) == 6


# ---- by number, from a position ----


def resumed(read: list[Page], now: list[Page], *, at: int) -> list[Page]:
    """The pages of a further attempt at a listing that an earlier one has read up to this page."""

    def listing(sheets: list[Page]) -> Numbered:
        return Numbered("things", lambda number: sheets[min(number, len(sheets)) - 1], integer_key)

    first = [page for page, _ in zip(listing(read).pages(START), range(at), strict=False)]
    position = first[-1].position
    assert position is not None
    known = frozenset(map(str, listed(first)))
    return list(listing(now).pages(replace(position, known=lambda: known)))


def test_pages_go_on_behind_a_position_whose_page_is_as_it_was() -> None:
    sheets = [sheet(1, 2, total=5), sheet(3, 4, total=5), sheet(5, total=5)]
    assert [listed([page]) for page in resumed(sheets, sheets, at=2)] == [[], [5]]
    assert [page.done for page in resumed(sheets, sheets, at=2)] == [4, 5]


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (sheet(2, 3, total=5), "records have moved"),
        (sheet(3, 4, total=4), "counts 4 records now, and counted 5"),
    ],
)
def test_a_position_is_lost_when_its_page_is_not_as_it_was(now: Page, reason: str) -> None:
    sheets = [sheet(1, 2, total=5), sheet(3, 4, total=5), sheet(5, total=5)]
    with pytest.raises(PositionLost, match=reason):
        resumed(sheets, [sheets[0], now, sheets[2]], at=2)


def test_a_record_that_moved_behind_a_position_does_not_stand_in_for_one_that_moved_before_it() -> None:
    sheets = [sheet(1, 2, total=6), sheet(3, 4, total=6), sheet(5, 6, total=6)]
    with pytest.raises(PositionLost, match="5 different records were listed, the server counted 6 and then 6"):
        resumed(sheets, [sheet(1, 6, total=6), sheets[1], sheet(5, 2, total=6)], at=2)


def test_records_that_are_not_stored_count_behind_a_position() -> None:
    sheets = [sheet(1, None, total=4), sheet(3, total=4), sheet(4, total=4)]
    assert listed(resumed(sheets, sheets, at=2)) == [4]


def test_the_last_page_of_a_listing_is_a_position() -> None:
    sheets = [sheet(1, 2, total=3), sheet(3, total=3)]
    assert listed(resumed(sheets, sheets, at=2)) == []
