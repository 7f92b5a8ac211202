"""The views psa.current_<table>: what readers see, and whom they never get in the way of."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from include.model.tables import TABLES
from include.warehouse.connection import Warehouse
from include.warehouse.schema import ensure_schema
from include.warehouse.views import OURS, ensure_views

VIEWS = [f"current_{table.name}" for table in TABLES]
DEFINITIONS = """
    SELECT c.relname, c.oid, pg_get_viewdef(c.oid), obj_description(c.oid), c.xmin::text
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'psa' AND c.relkind = 'v' ORDER BY 1
"""


@pytest.fixture
def warehouse(empty_dsn: str) -> Warehouse:
    """With the tables, and no view."""
    found = Warehouse(lambda: psycopg.connect(empty_dsn))
    ensure_schema(found)
    return found


@pytest.fixture
def admin(empty_dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(empty_dsn, autocommit=True) as connection:
        yield connection


def add(admin: psycopg.Connection, table: str, source: str, key: str, **values: object) -> None:
    columns = {"source": source, "source_id": key, "run_id": "r", **values}
    names = ", ".join([*columns, "synced_at", "changed_at"])
    places = ", ".join(["%s"] * len(columns))
    admin.execute(f"INSERT INTO psa.{table} ({names}) VALUES ({places}, now(), now())".encode(), list(columns.values()))


def as_if_before(admin: psycopg.Connection, name: str, query: str) -> None:
    """Make a view of ours as another release had it."""
    admin.execute(f"DROP VIEW psa.{name}; CREATE VIEW psa.{name} AS {query}".encode())
    admin.execute(f"COMMENT ON VIEW psa.{name} IS 'Of another release. {OURS}'".encode())


def test_a_view_shows_what_is_not_deleted_with_the_names_of_its_own_source(
    warehouse: Warehouse, admin: psycopg.Connection
) -> None:
    ensure_views(warehouse)
    for source, company in (("one", "Acme"), ("two", "Other")):
        add(admin, "companies", source, "1", name=company)
        add(admin, "company_sites", source, "2", name=f"{company} HQ", company_source_id="1")
        add(admin, "contacts", source, "3", name=f"Ann of {company}", company_source_id="1", site_source_id="2")
    references = {"company_source_id": "1", "site_source_id": "2", "contact_source_id": "3"}
    add(admin, "assets", "one", "10", name="server", **references)
    add(admin, "assets", "one", "11", name="no one's", company_source_id="99")
    add(admin, "assets", "one", "12", name="gone", deleted_at="2026-01-01", **references)
    assert admin.execute(
        "SELECT source_id, name, company, site, contact FROM psa.current_assets ORDER BY source_id"
    ).fetchall() == [("10", "server", "Acme", "Acme HQ", "Ann of Acme"), ("11", "no one's", None, None, None)]
    assert admin.execute("SELECT name, company, site FROM psa.current_contacts WHERE source = 'two'").fetchall() == [
        ("Ann of Other", "Other", "Other HQ")
    ]


def test_every_view_and_column_explains_itself(warehouse: Warehouse, admin: psycopg.Connection) -> None:
    ensure_views(warehouse)
    rows = admin.execute(
        """SELECT c.relname, bool_and(obj_description(c.oid) > '' AND col_description(c.oid, a.attnum) > ''), count(*)
           FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relname = ANY(%s)
           GROUP BY 1""",
        [VIEWS],
    ).fetchall()
    assert {name: said for name, said, _ in rows} == dict.fromkeys(VIEWS, True)


def test_a_second_time_changes_nothing(warehouse: Warehouse, admin: psycopg.Connection) -> None:
    ensure_views(warehouse)
    before = admin.execute(DEFINITIONS).fetchall()
    ensure_views(warehouse)
    assert admin.execute(DEFINITIONS).fetchall() == before


def test_five_dags_can_make_them_at_once(warehouse: Warehouse, admin: psycopg.Connection) -> None:
    with ThreadPoolExecutor(5) as threads:
        for one in [threads.submit(ensure_views, warehouse) for _ in range(5)]:
            one.result()
    assert len(admin.execute(DEFINITIONS).fetchall()) == len(VIEWS)


def test_a_view_of_another_release_is_completed_under_a_persons_own_view(
    warehouse: Warehouse, admin: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    ensure_views(warehouse)
    as_if_before(admin, "current_company_sites", "SELECT city, source, name FROM psa.company_sites")
    admin.execute("CREATE SCHEMA own")
    admin.execute("CREATE VIEW own.cities AS SELECT DISTINCT city FROM psa.current_company_sites")
    ensure_views(warehouse)
    assert not caplog.messages
    admin.execute("SELECT source, company, city FROM psa.current_company_sites").fetchall()
    admin.execute("SELECT * FROM own.cities").fetchall()


def test_a_column_that_is_no_longer_ours_takes_a_persons_hand_only_where_they_built_on_it(
    warehouse: Warehouse, admin: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    ensure_views(warehouse)
    for name in ("current_companies", "current_contacts"):
        as_if_before(admin, name, "SELECT 1 AS formerly")
    admin.execute("CREATE SCHEMA own")
    admin.execute("CREATE VIEW own.mine AS SELECT formerly FROM psa.current_contacts")
    ensure_views(warehouse)
    admin.execute("SELECT name FROM psa.current_companies").fetchall()
    admin.execute("SELECT formerly FROM psa.current_contacts").fetchall()
    assert "current_contacts" in caplog.text and "current_companies" not in caplog.text
    assert "drop that" in caplog.text


@pytest.mark.parametrize("made_by", ["CREATE VIEW {} AS SELECT 1 AS mine", "CREATE TABLE {} (mine integer)"])
def test_what_a_person_has_made_under_that_name_is_left_alone(
    warehouse: Warehouse, admin: psycopg.Connection, caplog: pytest.LogCaptureFixture, made_by: str
) -> None:
    admin.execute(made_by.format("psa.current_assets").encode())
    ensure_views(warehouse)
    admin.execute("SELECT mine FROM psa.current_assets").fetchall()
    admin.execute("SELECT name FROM psa.current_contacts").fetchall()
    assert "current_assets" in caplog.text and "current_contacts" not in caplog.text


def test_a_role_that_may_not_create_goes_on_with_one_warning(
    warehouse: Warehouse, admin: psycopg.Connection, empty_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    admin.execute("CREATE ROLE poor LOGIN PASSWORD 'poor'")
    try:
        admin.execute("GRANT USAGE ON SCHEMA psa TO poor")
        ensure_views(Warehouse(lambda: psycopg.connect(empty_dsn, user="poor", password="poor")))
    finally:
        admin.execute("DROP OWNED BY poor")
        admin.execute("DROP ROLE poor")
    assert {record.levelno for record in caplog.records} == {logging.WARNING}
    text = " ".join(line.strip() for line in caplog.messages)
    assert all(name in text for name in VIEWS) and text.count("the right to create") == 1


def test_a_reader_sees_no_row_that_a_policy_on_the_table_hides(warehouse: Warehouse, admin: psycopg.Connection) -> None:
    ensure_views(warehouse)
    add(admin, "companies", "one", "1", name="Acme")
    add(admin, "companies", "two", "1", name="Other")
    admin.execute("CREATE ROLE reader")
    try:
        admin.execute("GRANT USAGE ON SCHEMA psa TO reader")
        admin.execute("GRANT SELECT ON ALL TABLES IN SCHEMA psa TO reader")
        admin.execute("ALTER TABLE psa.companies ENABLE ROW LEVEL SECURITY")
        admin.execute("CREATE POLICY of_one ON psa.companies TO reader USING (source = 'one')")
        admin.execute("SET ROLE reader")
        assert admin.execute("SELECT name FROM psa.current_companies").fetchall() == [("Acme",)]
    finally:
        admin.execute("RESET ROLE")
        admin.execute("DROP POLICY IF EXISTS of_one ON psa.companies")
        admin.execute("ALTER TABLE psa.companies DISABLE ROW LEVEL SECURITY")
        admin.execute("DROP OWNED BY reader")
        admin.execute("DROP ROLE reader")
