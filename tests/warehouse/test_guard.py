"""What the deletion guard holds back, why, and where its limits are."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from include.model.errors import HeldBack
from include.model.page import Reject
from include.model.setup import DeletionGuard
from include.warehouse.connection import Connection
from include.warehouse.staging import Staging
from tests.support.staged_runs import Row, asset, assets, extracted, live, load, places

GUARD = DeletionGuard(rows=2, share=0.1)


def second(connection: Connection, first: Sequence[Row], rows: Sequence[Row], rejected: int = 0) -> Staging:
    """A run that follows one which has stored the first rows."""
    load(extracted(connection, "first", first))
    rejects = [Reject(f"rejected {number}", "no name") for number in range(rejected)]
    return extracted(connection, "second", rows, began=5, rejects=rejects)


def held(staging: Staging, guard: DeletionGuard = GUARD) -> str | None:
    """Why a merge, or its deletions, are held back, or None; what is held back has written nothing."""
    before = places(staging.connection)
    try:
        counts, note = load(staging, guard)
    except HeldBack as error:
        assert places(staging.connection) == before
        return str(error)
    assert not counts.held or places(staging.connection) == before  # no record of these tests is new or changed
    return note if counts.held else None


@pytest.mark.parametrize(
    ("stored", "listed", "allowed"),
    [
        (5, 3, True),  # two rows are always allowed
        (5, 2, False),
        (30, 27, True),  # and so is a tenth
        (29, 26, False),
        (2, 1, True),
        (2, 0, False),  # an empty listing is never plausible while rows are live
        (0, 0, True),
    ],
)
def test_a_few_rows_or_a_small_share_may_be_marked_deleted(
    connection: Connection, stored: int, listed: int, allowed: bool
) -> None:
    message = held(second(connection, assets(stored), assets(listed)))
    assert (message is None) == allowed
    assert message is None or f"the PSA listed {listed} records; {stored - listed} of the {stored} live rows" in message
    assert len(live(connection)) == (listed if allowed else stored)


@pytest.mark.parametrize(("others", "allowed"), [(3, True), (4, False)])
def test_where_many_rows_vanish_and_most_others_are_not_what_is_stored_nothing_is_merged(
    connection: Connection, others: int, allowed: bool
) -> None:
    """As after a login to another account, whose records have the same numbers."""
    listed = [asset(str(id_), name=f"Other {id_}" if id_ <= others else "Laptop") for id_ in range(1, 7)]
    staging, before = second(connection, assets(20), listed), places(connection)
    if allowed:
        counts, _ = load(staging, GUARD)
        assert (counts.updated, counts.held) == (others, 14)
        return
    with pytest.raises(HeldBack, match="Of the 6 records, 4 are new or differ from what is stored"):
        load(staging, GUARD)
    assert places(connection) == before


def test_a_column_that_is_empty_in_all_that_remain_is_held_back_also_where_many_rows_vanish(
    connection: Connection,
) -> None:
    listed = [asset(str(id_), serial_number=None, notes="x") for id_ in range(1, 11)]
    first = assets(20, serial_number="S", notes="x")
    message = held(second(connection, first, listed), DeletionGuard(rows=9, share=0))
    assert message is not None
    assert "'serial_number' is filled in 10 stored rows" in message


def test_a_column_that_only_vanishing_rows_have_holds_nothing_else_back(connection: Connection) -> None:
    first = [asset(str(id_), serial_number="S" if id_ > 10 else None) for id_ in range(1, 21)]
    staging = second(connection, first, [*assets(9), asset("10", name="Server")])
    counts, _ = load(staging, GUARD)
    assert (counts.updated, counts.unchanged, counts.held, counts.deleted) == (1, 9, 10, 0)


def test_deletions_that_the_vendor_reports_count_too(connection: Connection) -> None:
    reported = [*assets(7), *(asset(str(id_), is_deleted=True) for id_ in (8, 9, 10))]
    message = held(second(connection, assets(10), reported))
    assert message is not None
    assert "3 of the 10 live rows would be marked deleted" in message


def test_rows_that_are_marked_deleted_already_do_not_count(connection: Connection) -> None:
    load(extracted(connection, "earlier", assets(40), began=-5))
    message = held(second(connection, assets(20), assets(17)))
    assert message is not None
    assert "3 of the 20 live rows would be marked deleted" in message


@pytest.mark.parametrize(
    ("listed", "rejected", "allowed"), [(3, 2, True), (3, 3, False), (27, 3, True), (26, 3, False), (0, 3, False)]
)
def test_a_few_records_or_a_small_share_may_be_rejected(
    connection: Connection, listed: int, rejected: int, allowed: bool
) -> None:
    message = held(second(connection, assets(listed), assets(listed), rejected))
    assert (message is None) == allowed
    assert message is None or f"{rejected} of {listed + rejected} records had to be rejected" in message


def test_parents_that_may_not_be_read_are_no_invalid_records(connection: Connection) -> None:
    hidden = [Reject(None, "may not be read", scope=("company_source_id", str(number))) for number in range(20, 30)]
    load(extracted(connection, "first", assets(3)))
    assert held(extracted(connection, "second", assets(3), began=5, rejects=hidden)) is None


@pytest.mark.parametrize(("filled", "allowed"), [(2, True), (3, False)])
def test_a_column_that_is_empty_in_every_record_is_held_back_where_more_rows_had_it(
    connection: Connection, filled: int, allowed: bool
) -> None:
    first = [asset(str(id_), serial_number="S" if id_ <= filled else None) for id_ in range(1, 21)]
    message = held(second(connection, first, assets(20)))
    assert (message is None) == allowed
    assert message is None or f"'serial_number' is filled in {filled} stored rows, and in none of the 20" in message


def test_a_column_that_one_record_still_has_is_not_held_back(connection: Connection) -> None:
    rows = [asset("1", serial_number="S"), *assets(20)[1:]]
    assert held(second(connection, assets(20, serial_number="S"), rows)) is None


@pytest.mark.parametrize(
    ("values", "allowed"), [({"100 %": None, "bay": "1"}, False), ({"bay": "1"}, True), (None, True)]
)
def test_a_custom_field_may_become_empty_only_when_setup_no_longer_chooses_it(
    connection: Connection, values: dict[str, str | None] | None, allowed: bool
) -> None:
    staging = second(connection, assets(9, custom_fields={"100 %": "yes"}), assets(9, custom_fields=values))
    message = held(staging)
    assert (message is None) == allowed
    assert message is None or "'custom field 100 %' is filled in 9 stored rows" in message


def test_one_company_is_judged_by_its_own_rows_and_the_message_names_it(connection: Connection) -> None:
    load(extracted(connection, "first", [*assets(4), *(asset(f"2-{id_}", company="2") for id_ in range(40))]))
    message = held(extracted(connection, "second", assets(1), began=5, company="1"))
    assert message is not None
    assert (
        "3 of the 4 live rows of company 1 would be marked deleted. The deletion guard allows 2 rows, or 10%."
        in message
    )
    message = held(extracted(connection, "third", [], began=6, company="1"))
    assert message is not None
    assert "4 of the 4 live rows of company 1" in message
    assert "with 'Approve deletions' for this kind and company 1 again." in message


def test_without_the_guard_everything_passes(connection: Connection) -> None:
    staging = second(connection, assets(9, serial_number="S"), [], rejected=5)
    counts, _ = load(staging, None)
    assert (counts.deleted, counts.rejected) == (9, 5)
