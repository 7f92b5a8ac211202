"""What the ticket page learns from the last sync."""

from __future__ import annotations

import pytest

from include.warehouse.connection import Connection
from include.warehouse.lookups import MOST_COMPANIES, Lookups
from tests.support.staged_runs import SOURCE, Row, asset, at, extracted, load


@pytest.fixture
def lookups(connection: Connection) -> Lookups:
    return Lookups(connection, SOURCE)


def sync(connection: Connection, table: str, *rows: Row, run: str = "run", began: float = 0) -> None:
    load(extracted(connection, run, rows, table=table, began=began))


def board(key: str, name: str, *, is_active: bool | None = True) -> Row:
    return {"source_id": key, "name": name, "is_active": is_active}


def status(key: str, name: str | None, board: str | None = None, order: int = 0, *, closed: bool = False) -> Row:
    return {"source_id": key, "name": name, "board_source_id": board, "sort_order": order, "is_closed": closed}


def priority(key: str, name: str | None, order: int, color: str | None = None) -> Row:
    return {"source_id": key, "name": name, "sort_order": order, "color": color}


def company(key: str, name: str | None) -> Row:
    return {"source_id": key, "name": name}


def test_before_the_first_sync_there_is_nothing_to_choose(lookups: Lookups) -> None:
    assert lookups.choices() == {"boards": [], "statuses": [], "priorities": [], "as_of": None}
    assert (lookups.companies(""), lookups.names({}), lookups.names({"companies": ["1"]})) == (
        [],
        {},
        {"companies": {}},
    )


def test_boards_come_by_name_and_those_not_in_use_last(connection: Connection, lookups: Lookups) -> None:
    sync(connection, "service_boards", board("0", "gone"), run="first", began=-5)
    rows = (
        board("1", "Aardvark", is_active=False),
        board("2", "beta"),
        board("3", "Alpha"),
        board("4", "c", is_active=None),
    )
    sync(connection, "service_boards", *rows)
    found = [(one["key"], one["is_active"]) for one in lookups.choices()["boards"]]
    assert found == [("3", True), ("2", True), ("4", None), ("1", False)]


def test_a_label_of_several_statuses_is_one_choice_that_is_closed_when_all_of_them_are(
    connection: Connection, lookups: Lookups
) -> None:
    sync(
        connection,
        "ticket_statuses",
        status("1", "New", "7", 1),
        status("2", "New", "8", 5),
        status("3", "Done", "7", 3, closed=True),
        status("4", "Done", "8", 3, closed=False),
        status("5", "Closed", None, 9, closed=True),
        status("6", None, "7", 0),
    )
    assert lookups.choices()["statuses"] == [
        {"name": "New", "is_closed": False, "boards": ["7", "8"]},
        {"name": "Done", "is_closed": False, "boards": ["7", "8"]},
        {"name": "Closed", "is_closed": True, "boards": []},
    ]
    assert lookups.status_keys("New", None) == ["1", "2"]
    assert lookups.status_keys("New", "8") == ["2"]
    assert lookups.status_keys("Closed", "8") == ["5"]  # belongs to no board, so to any
    assert lookups.status_keys("new", None) == []


def test_priorities_come_in_the_vendors_order_with_one_colour_each(connection: Connection, lookups: Lookups) -> None:
    rows = (priority("1", "Low", 9), priority("2", "High", 1, "red"), priority("3", "Low", 8, "grey"))
    sync(connection, "ticket_priorities", *rows, priority("4", "Plain", 10), priority("5", None, 0))
    assert lookups.choices()["priorities"] == [
        {"name": "High", "color": "red"},
        {"name": "Low", "color": "grey"},
        {"name": "Plain", "color": None},
    ]
    assert lookups.priority_keys("Low") == ["1", "3"]
    assert lookups.priority_colors() == {"High": "red", "Low": "grey"}


def test_choices_are_as_old_as_the_oldest_of_their_three_tables(connection: Connection, lookups: Lookups) -> None:
    for table, day in (("service_boards", 3), ("ticket_statuses", 2), ("ticket_priorities", 4), ("assets", 1)):
        sync(connection, table, run="first")
        sync(connection, table, run="second", began=5)
        connection.execute(
            "UPDATE psa.sync_runs SET finished_at = %s WHERE table_name = %s AND run_id = 'second'", [at(day), table]
        )
        connection.execute("UPDATE psa.sync_runs SET finished_at = %s WHERE run_id = 'first'", [at(0)])
    assert lookups.choices()["as_of"] == at(2)
    connection.execute("UPDATE psa.sync_runs SET dry_run = true WHERE run_id = 'second'")
    assert lookups.choices()["as_of"] == at(0)


def test_companies_that_begin_with_the_text_come_first_and_wildcards_are_plain_text(
    connection: Connection, lookups: Lookups
) -> None:
    names = ("A big ACME", "acme east", "Zacme", "Acme 100%", "Other", "a_cme")
    sync(connection, "companies", company("0", "Acme gone"), run="first", began=-5)
    sync(connection, "companies", *(company(str(key), name) for key, name in enumerate(names, 1)), company("9", None))
    assert [name for _, name in lookups.companies("aCme")] == ["Acme 100%", "acme east", "A big ACME", "Zacme"]
    assert lookups.companies("0%") == [("4", "Acme 100%")]
    assert lookups.companies("a_") == [("6", "a_cme")]


def test_only_so_many_companies_are_offered(connection: Connection, lookups: Lookups) -> None:
    sync(connection, "companies", *(company(f"{key:02}", f"Acme {key:02}") for key in range(MOST_COMPANIES + 5)))
    found = lookups.companies("acme")
    assert [key for key, _ in found] == [f"{key:02}" for key in range(MOST_COMPANIES)]


def test_names_are_found_by_key_and_table_also_of_deleted_rows(connection: Connection, lookups: Lookups) -> None:
    sync(connection, "companies", company("1", "Acme"), company("2", "Gone"), run="first", began=-5)
    sync(connection, "companies", company("1", "Acme"), company("3", None))
    sync(connection, "assets", asset("1", "Laptop"))
    found = lookups.names({"companies": ["1", "2", "3", "4"], "assets": {"1"}, "contacts": ["1"]})
    assert found == {"companies": {"1": "Acme", "2": "Gone"}, "assets": {"1": "Laptop"}, "contacts": {}}


def test_another_source_knows_nothing_of_this_one(connection: Connection, lookups: Lookups) -> None:
    sync(connection, "companies", company("1", "Acme"))
    sync(connection, "ticket_statuses", status("1", "New"))
    sync(connection, "ticket_priorities", priority("1", "High", 1, "red"))
    other = Lookups(connection, "other")
    assert other.companies("acme") == []
    assert other.names({"companies": ["1"]}) == {"companies": {}}
    assert (other.status_keys("New", None), other.priority_keys("High"), other.priority_colors()) == ([], [], {})
    assert other.choices()["statuses"] == []
