"""The tables: what their columns are besides a name and a type."""

from __future__ import annotations

from include.model.tables import TABLES


def test_the_columns_that_a_custom_field_may_fill() -> None:
    found = {table.name: [column.name for column in table.columns_from_custom_fields] for table in TABLES}
    assert {table: columns for table, columns in found.items() if columns} == {
        "companies": ["website", "status"],
        "assets": [
            "type",
            "status",
            "manufacturer",
            "serial_number",
            "os_type",
            "purchase_date",
            "warranty_expires_on",
            "notes",
        ],
        "contacts": ["type", "title"],
    }


def test_the_tables_whose_custom_fields_can_be_chosen() -> None:
    assert [table.name for table in TABLES if table.has_custom_fields] == ["assets", "contacts"]
