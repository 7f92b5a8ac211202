"""What the status page shows of tasks that list records at this moment."""

from __future__ import annotations

import json

import pytest

from include.status.progress import progress_lines

KEPT = {
    "table": "contacts",
    "records": 4914,
    "pages": 5,
    "share": 0.328,
    "records_per_second": 408.7,
    "requests_in_flight": 4,
    "seconds_to_go": 25,
}


def test_the_numbers_of_a_listing_are_shown_as_its_log_has_them() -> None:
    uncounted = {**KEPT, "table": "assets", "share": None, "seconds_to_go": None}
    details = {"table": "details of assets", "records": 120, "records_per_second": 4.0, "requests_in_flight": 1}
    assert list(progress_lines(map(json.dumps, (KEPT, uncounted, details)))) == [
        "contacts: 5 pages, 4,914 records, 33% of the listing, 409 records/s, 4 requests in flight, about 25 s to go",
        "assets: 5 pages, 4,914 records, 409 records/s, 4 requests in flight",
        "details of assets: 120 records, 4 records/s, 1 request in flight",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[1]",
        '"text"',
        "[" * 10_000,
        json.dumps({**KEPT, "table": "<b>assets</b>"}),
        json.dumps({**KEPT, "table": ["assets"]}),
        json.dumps({"table": "assets"}),
        '{"table": "assets", "records": NaN, "pages": -1, "share": Infinity, "seconds_to_go": 1e999}',
        json.dumps({"table": "assets", "records": "<b>5</b>", "pages": 10**400, "share": {}, "seconds_to_go": None}),
    ],
)
def test_what_someone_else_has_written_there_is_not_shown(text: str) -> None:
    assert list(progress_lines([text, json.dumps(KEPT)]))[1:] == []
    assert len(list(progress_lines([text, json.dumps(KEPT)]))) == 1
