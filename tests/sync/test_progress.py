"""What the log tells while an extraction goes on."""

from __future__ import annotations

import logging

import pytest

from include.model.page import Page
from include.model.traffic import Traffic
from include.model.wording import LINE, counted, duration, wrapped
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


def test_a_long_sentence_becomes_lines_that_lose_nothing() -> None:
    sentence = "word " * 60 + "x" * 200
    assert " ".join(line.strip() for line in wrapped(sentence)) == sentence


def test_numbers_read_as_people_say_them() -> None:
    assert [counted(1, "row"), counted(2000, "row")] == ["1 row", "2,000 rows"]
    assert [duration(s) for s in (0.42, 12, 200, 7500)] == ["0.4 s", "12 s", "3 min 20 s", "2 h 5 min"]
