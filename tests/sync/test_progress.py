"""What the log tells while an extraction goes on."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import pytest

from include.model.counts import DetailCounts
from include.model.page import Page
from include.model.traffic import Traffic
from include.model.wording import LINE, counted, duration, wrapped
from include.sync.detail_progress import DetailProgress
from include.sync.progress import Progress


def test_every_tenth_second_tells_pages_records_rate_and_the_estimated_end(caplog: pytest.LogCaptureFixture) -> None:
    seconds = [0.0]
    progress = Progress("assets", lambda: seconds[0])
    with caplog.at_level(logging.INFO):
        for page in range(1, 11):
            seconds[0] += 3
            progress.add_page(Page([], done=page * 1000, expected=20_000), records=1000)
        progress.finish(Traffic(requests=12, retries=1))
    assert " ".join(caplog.messages).replace("     ", " ") == (
        "assets: 4 pages, 4,000 records, 20% of the listing, 333 records/s, about 48 s to go. "
        "assets: 8 pages, 8,000 records, 40% of the listing, 333 records/s, about 36 s to go. "
        "assets: complete. 10,000 records on 10 pages in 30 s (333 records/s), 12 requests, 1 of them repeated."
    )
    assert all(len(message) <= LINE for message in caplog.messages)


def progress_of(shown: list[Mapping[str, object]], *, earlier: int = 0, in_flight: int = 0) -> Progress:
    """The progress after four pages within 12 seconds, of a listing whose first records an earlier attempt has read."""
    seconds = [0.0]

    def show(numbers: Mapping[str, object]) -> None:
        shown.append(numbers)
        if earlier < 0:
            raise OSError("the API server is away")

    progress = Progress("assets", lambda: seconds[0], lambda: in_flight, show)
    progress.records = max(earlier, 0)
    for page in range(1, 9):
        seconds[0] += 3
        progress.add_page(Page([], done=progress.records + 1000, expected=20_000), records=1000)
        assert progress.records == max(earlier, 0) + page * 1000
    return progress


def test_what_is_logged_is_shown_in_numbers_with_the_requests_in_flight(caplog: pytest.LogCaptureFixture) -> None:
    shown: list[Mapping[str, object]] = []
    with caplog.at_level(logging.INFO):
        progress_of(shown, in_flight=4)
    assert "333 records/s, 4 requests in flight, about 48 s to go." in " ".join(" ".join(caplog.messages).split())
    assert shown[0] == {
        "table": "assets",
        "records": 4000,
        "pages": 4,
        "share": 0.2,
        "records_per_second": 333.3,
        "requests_in_flight": 4,
        "seconds_to_go": 48,
    }
    assert len(shown) == 2


def test_a_complete_listing_is_shown_as_complete_if_it_took_long_enough_to_be_shown_at_all() -> None:
    shown: list[Mapping[str, object]] = []
    progress_of(shown).finish(Traffic())
    assert (shown[-1]["records"], shown[-1]["share"], shown[-1]["seconds_to_go"]) == (8000, 1.0, 0)
    quick: list[Mapping[str, object]] = []
    Progress("assets", lambda: 0.0, show=quick.append).finish(Traffic())
    assert not quick


def test_records_of_an_earlier_attempt_make_the_listing_no_faster() -> None:
    shown: list[Mapping[str, object]] = []
    progress_of(shown, earlier=8000)
    assert (shown[0]["records"], shown[0]["records_per_second"], shown[0]["seconds_to_go"]) == (12_000, 333.3, 24)


def test_progress_that_cannot_be_shown_stops_no_listing_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    shown: list[Mapping[str, object]] = []
    with caplog.at_level(logging.INFO):
        progress_of(shown, earlier=-1)
    assert len(shown) == 1
    assert caplog.text.count("Airflow does not keep the progress of this task (OSError).") == 1


def test_half_a_minute_of_details_is_logged_and_shown(caplog: pytest.LogCaptureFixture) -> None:
    seconds, shown = [0.0], list[Mapping[str, object]]()
    progress = DetailProgress("assets", lambda: seconds[0], lambda: 4, shown.append)
    with caplog.at_level(logging.INFO):
        for _ in range(5):
            seconds[0] += 10
            progress.add(DetailCounts(asked=40, updated=3, unchanged=37), seconds_left=3600)
    assert " ".join(" ".join(caplog.messages).split()) == (
        "assets: details of 120 records so far, 9 of them changed their rows, 4.0 records/s, 4 requests in flight; "
        "the time for details ends in 1 h 0 min."
    )
    assert shown == [{"table": "details of assets", "records": 120, "records_per_second": 4.0, "requests_in_flight": 4}]


def test_a_long_sentence_becomes_lines_that_lose_nothing() -> None:
    sentence = "word " * 60 + "x" * 200
    assert " ".join(line.strip() for line in wrapped(sentence)) == sentence


def test_numbers_read_as_people_say_them() -> None:
    assert [counted(1, "row"), counted(2000, "row")] == ["1 row", "2,000 rows"]
    assert [duration(s) for s in (0.42, 12, 200, 7500)] == ["0.4 s", "12 s", "3 min 20 s", "2 h 5 min"]
