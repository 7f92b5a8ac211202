"""The synced tables and their columns: DDL, COPY, merge, comments and docs come from here."""

from __future__ import annotations

from dataclasses import dataclass

SCHEMA = "psa"
CUSTOM_FIELDS = "custom_fields"
REFERENCE = "_source_id"  # ends the name of a column that holds another record's key


@dataclass(frozen=True)
class TableColumn:
    """A column of a table."""

    name: str
    """Its name in Postgres."""
    type: str
    """Its type, as Postgres' `format_type()` spells it."""
    comment: str
    """What it holds, for readers of the database and of the docs."""
    from_custom_field: bool = False
    """Whether setup may name a custom field that fills the column (`field_map`)."""
    references: str = ""
    """The table of the record whose key it holds."""
    is_counted: bool = False
    """Whether Postgres numbers the rows in it, in the order in which they are written."""


@dataclass(frozen=True)
class Table:
    """A table of the schema."""

    name: str
    """Its name in Postgres."""
    comment: str
    """What it holds, for readers of the database and of the docs."""
    columns: tuple[TableColumn, ...]
    """All its columns, in order."""
    primary_key: tuple[str, ...]
    """The names of the columns that make its primary key."""
    checks: tuple[str, ...] = ()
    """Its check constraints, as SQL expressions."""
    facts: tuple[str, ...] = ()
    """In a synced table, the names of the columns that come from the vendor's record, except its key."""
    dropped: tuple[str, ...] = ()
    """The names of columns that earlier releases had."""
    indexes: tuple[tuple[str, ...], ...] = ()
    """The columns of each index that it has besides the primary key."""

    @property
    def company_column(self) -> str | None:
        """The column with the key of the company that a row belongs to."""
        if self.name == "companies":
            return "source_id"
        return COMPANY.name if COMPANY.name in self.facts else None

    @property
    def columns_from_custom_fields(self) -> tuple[TableColumn, ...]:
        """The columns that setup may fill from custom fields."""
        return tuple(column for column in self.columns if column.from_custom_field)

    @property
    def has_custom_fields(self) -> bool:
        """Whether setup may choose custom fields, which are stored in the column `custom_fields`."""
        return any(column.name == CUSTOM_FIELDS for column in self.columns)


KEYS = (
    TableColumn("source", "text", "Which PSA: the name of the sync, and of its DAG after 'psa_'"),
    TableColumn("source_id", "text", "The vendor's key of the record"),
)
BOOKKEEPING = (
    TableColumn("source_updated_at", "timestamp with time zone", "When the record last changed, by the vendor's clock"),
    TableColumn(
        "synced_at",
        "timestamp with time zone",
        "When the stored copy was fetched, or the record was found missing in the PSA",
    ),
    TableColumn(
        "changed_at", "timestamp with time zone", "When this row was last written; unchanged rows are not written"
    ),
    TableColumn(
        "deleted_at", "timestamp with time zone", "When the record was deleted or found missing; null while it exists"
    ),
    TableColumn("run_id", "text", "The Airflow run that wrote this row: DAG id / run id"),
)


def synced(name: str, comment: str, columns: tuple[TableColumn, ...]) -> Table:
    """A table of the PSA's records: their key, the given columns, and what the sync notes about each row."""
    facts = (*(column.name for column in columns), "source_updated_at")
    return Table(name, comment, (*KEYS, *columns, *BOOKKEEPING), ("source", "source_id"), facts=facts)


def _address(whose: str) -> tuple[TableColumn, ...]:
    return (
        TableColumn("address_line_1", "text", f"{whose} address, first line"),
        TableColumn("address_line_2", "text", "… second line"),
        TableColumn("city", "text", "… city"),
        TableColumn("state", "text", "… state, province or county"),
        TableColumn("postal_code", "text", "… postal code"),
        TableColumn("country", "text", "… country"),
    )


ADDRESS = tuple(column.name for column in _address("Its"))
"""The columns of an address."""


def _custom_fields(whose: str) -> TableColumn:
    return TableColumn(CUSTOM_FIELDS, "jsonb", f"{whose} custom fields chosen in setup, by the names chosen there")


def _reference(name: str, table: str) -> TableColumn:
    comment = f"The {name}: {table}.source_id of the same source"
    return TableColumn(f"{name}{REFERENCE}", "text", comment, references=table)


COMPANY = _reference("company", "companies")
SITE = _reference("site", "company_sites")

TABLES = (
    synced(
        "company_statuses",
        "The statuses a company can have",
        (
            TableColumn("name", "text", "Label"),
            TableColumn("is_default", "boolean", "Whether new companies get this status"),
        ),
    ),
    synced(
        "companies",
        "The MSP's customers",
        (
            TableColumn("name", "text", "Name"),
            TableColumn("website", "text", "Web address as typed in the PSA", from_custom_field=True),
            TableColumn("status", "text", "Label of the status", from_custom_field=True),
            _reference("status", "company_statuses"),
        ),
    ),
    synced(
        "company_sites",
        "Sites of the companies",
        (
            TableColumn("name", "text", "Name"),
            COMPANY,
            TableColumn("is_active", "boolean", "Whether the site is in use"),
            TableColumn("is_primary", "boolean", "Whether it is the company's main address"),
            *_address("The site's"),
        ),
    ),
    synced(
        "assets",
        "Machines, licences and other things that the MSP looks after",
        (
            TableColumn("name", "text", "Name"),
            TableColumn("type", "text", "Label of the type", from_custom_field=True),
            TableColumn("status", "text", "Label of the status", from_custom_field=True),
            TableColumn("is_active", "boolean", "Whether the asset is in use, not retired"),
            TableColumn("manufacturer", "text", "Manufacturer", from_custom_field=True),
            TableColumn("serial_number", "text", "Serial number", from_custom_field=True),
            TableColumn("os_type", "text", "Operating system", from_custom_field=True),
            TableColumn("purchase_date", "date", "Date of purchase", from_custom_field=True),
            TableColumn("warranty_expires_on", "date", "Last day of the warranty", from_custom_field=True),
            TableColumn("notes", "text", "Notes", from_custom_field=True),
            COMPANY,
            SITE,
            _reference("contact", "contacts"),
            _custom_fields("The asset's"),
        ),
    ),
    synced(
        "contacts",
        "People at the companies",
        (
            TableColumn("name", "text", "First and last name"),
            TableColumn("type", "text", "Labels of the types, comma-separated", from_custom_field=True),
            TableColumn("title", "text", "Job title", from_custom_field=True),
            TableColumn("email", "text", "Main e-mail address"),
            TableColumn("phone", "text", "Main telephone number"),
            TableColumn("phone_extension", "text", "Extension of that number"),
            *_address("The person's own"),
            TableColumn("is_active", "boolean", "Whether the person is still a contact"),
            COMPANY,
            SITE,
            _custom_fields("The contact's"),
        ),
    ),
    synced(
        "service_boards",
        "Boards that tickets live on (queues or teams at other vendors)",
        (
            TableColumn("name", "text", "Name"),
            TableColumn("is_active", "boolean", "Whether the board is in use"),
        ),
    ),
    synced(
        "ticket_statuses",
        "The statuses a ticket can have",
        (
            TableColumn("name", "text", "Label"),
            _reference("board", "service_boards"),
            TableColumn("is_closed", "boolean", "Whether a ticket with this status counts as closed"),
            TableColumn("is_active", "boolean", "Whether the status is in use"),
            TableColumn("sort_order", "bigint", "Position in the vendor's lists"),
        ),
    ),
    synced(
        "ticket_priorities",
        "The priorities a ticket can have",
        (
            TableColumn("name", "text", "Label"),
            TableColumn("color", "text", "The vendor's colour for it, as the vendor writes it"),
            TableColumn("sort_order", "bigint", "Position in the vendor's lists"),
        ),
    ),
)

BY_NAME = {table.name: table for table in TABLES}
