"""Every table and column of the warehouse, said once: DDL, COPY, merge, comments and docs come from here."""

from __future__ import annotations

from dataclasses import dataclass

SCHEMA = "psa"


@dataclass(frozen=True)
class Column:
    """A column as Postgres and a reader know it. `type` as `format_type()` spells it."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class Table:
    """A table of the schema. For a synced one `columns` are the vendor's facts, see `synced`."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    checks: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()

    @property
    def company_column(self) -> str | None:
        """The column with the key of the company that a row belongs to."""
        if self.name == "companies":
            return "source_id"
        return COMPANY.name if COMPANY.name in self.facts else None


KEYS = (
    Column("source", "text", "Which PSA: the name of the sync, and of its DAG after 'psa_'"),
    Column("source_id", "text", "The vendor's key of the record"),
)
BOOKKEEPING = (
    Column("source_updated_at", "timestamp with time zone", "When the record last changed, by the vendor's clock"),
    Column("synced_at", "timestamp with time zone", "When the copy held here was fetched from the PSA, or found gone"),
    Column("changed_at", "timestamp with time zone", "When this row was last written here; unchanged rows are not"),
    Column("deleted_at", "timestamp with time zone", "When the record was deleted or found gone; null while it lives"),
    Column("run_id", "text", "The Airflow run that wrote this row: DAG id / run id"),
)


def synced(name: str, comment: str, columns: tuple[Column, ...]) -> Table:
    """A table of vendor records: key, facts, and the bookkeeping that each of them has."""
    facts = (*(column.name for column in columns), "source_updated_at")
    return Table(name, comment, (*KEYS, *columns, *BOOKKEEPING), ("source", "source_id"), facts=facts)


def _address(whose: str) -> tuple[Column, ...]:
    return (
        Column("address_line_1", "text", f"{whose} address, first line"),
        Column("address_line_2", "text", "… second line"),
        Column("city", "text", "… city"),
        Column("state", "text", "… state, province or county"),
        Column("postal_code", "text", "… postal code"),
        Column("country", "text", "… country"),
    )


def _custom_fields(whose: str) -> Column:
    return Column("custom_fields", "jsonb", f"{whose} custom fields chosen in setup, by the names chosen there")


COMPANY = Column("company_source_id", "text", "The company: companies.source_id of the same source")
SITE = Column("site_source_id", "text", "The site: company_sites.source_id of the same source")

TABLES = (
    synced(
        "company_statuses",
        "The statuses a company can have",
        (
            Column("name", "text", "Label"),
            Column("is_default", "boolean", "Whether new companies get it"),
        ),
    ),
    synced(
        "companies",
        "The MSP's customers",
        (
            Column("name", "text", "Name"),
            Column("website", "text", "Web address as typed in the PSA"),
            Column("status", "text", "Label of the status"),
            Column("status_source_id", "text", "The status: company_statuses.source_id of the same source"),
        ),
    ),
    synced(
        "company_sites",
        "The places of a company",
        (
            Column("name", "text", "Name"),
            COMPANY,
            Column("is_active", "boolean", "Whether the site is in use"),
            Column("is_primary", "boolean", "Whether it is the company's main address"),
            *_address("The site's"),
        ),
    ),
    synced(
        "assets",
        "Machines, licences and other things the MSP looks after",
        (
            Column("name", "text", "Name"),
            Column("type", "text", "Label of the type"),
            Column("status", "text", "Label of the status"),
            Column("manufacturer", "text", "Manufacturer"),
            Column("serial_number", "text", "Serial number"),
            Column("os_type", "text", "Operating system"),
            Column("purchase_date", "date", "Date of purchase"),
            Column("warranty_expires_on", "date", "Last day of the warranty"),
            Column("notes", "text", "Notes"),
            COMPANY,
            SITE,
            Column("contact_source_id", "text", "The person: contacts.source_id of the same source"),
            _custom_fields("The asset's"),
        ),
    ),
    synced(
        "contacts",
        "People at the companies",
        (
            Column("name", "text", "First and last name"),
            Column("type", "text", "Labels of the types, comma-separated"),
            Column("title", "text", "Job title"),
            Column("email", "text", "Main e-mail address"),
            Column("phone", "text", "Main telephone number"),
            Column("phone_extension", "text", "Extension of that number"),
            *_address("The person's own"),
            Column("is_active", "boolean", "Whether the person is still a contact"),
            COMPANY,
            SITE,
            _custom_fields("The contact's"),
        ),
    ),
    synced(
        "service_boards",
        "Boards that tickets live on (queues or teams at other vendors)",
        (
            Column("name", "text", "Name"),
            Column("is_active", "boolean", "Whether the board is in use"),
        ),
    ),
    synced(
        "ticket_statuses",
        "The statuses a ticket can have",
        (
            Column("name", "text", "Label"),
            Column("board_source_id", "text", "The board: service_boards.source_id of the same source"),
            Column("is_closed", "boolean", "Whether a ticket with this status counts as closed"),
            Column("is_active", "boolean", "Whether the status is in use"),
            Column("sort_order", "bigint", "Place in the vendor's lists"),
        ),
    ),
    synced(
        "ticket_priorities",
        "The priorities a ticket can have",
        (
            Column("name", "text", "Label"),
            Column("color", "text", "The vendor's colour for it, as the vendor writes it"),
            Column("sort_order", "bigint", "Place in the vendor's lists"),
        ),
    ),
)

COUNTS = ("fetched", "inserted", "updated", "unchanged", "duplicate", "rejected")

LEDGER = (
    Table(
        "sync_runs",
        "The books: one row per run and table, written in the same transaction as the rows it speaks of",
        (
            Column("source", "text", "Which PSA"),
            Column("run_id", "text", "The Airflow run: DAG id / run id"),
            Column("table_name", "text", "The table of this schema"),
            Column("state", "text", "extracting, extracted, loaded, held (the brake) or failed"),
            Column("company_source_id", "text", "Set when one company alone was asked for: its key"),
            Column("dry_run", "boolean", "Whether the counts only say what would have been written"),
            Column("note", "text", "What went wrong or was left out, in words"),
            Column("started_at", "timestamp with time zone", "When the extraction began"),
            Column("extracted_at", "timestamp with time zone", "When the end of the listing was proven"),
            Column("finished_at", "timestamp with time zone", "When the rows were merged"),
            Column("merged_as_of", "timestamp with time zone", "When the listing began that this run merged last"),
            Column("requests", "bigint", "Requests sent to the PSA, repeated ones included"),
            Column("retries", "bigint", "Requests that had to be repeated"),
            Column("waited_seconds", "double precision", "Time spent waiting before repeated requests"),
            Column("queued_seconds", "double precision", "Time spent waiting for a turn in the account's budget"),
            Column("endpoints", "jsonb", "Requests by what the vendor's limits count them under"),
            Column("fetched", "bigint", "Records that the PSA delivered, or could not deliver one by one"),
            Column("inserted", "bigint", "Rows that are new here"),
            Column("updated", "bigint", "Rows in which something differed"),
            Column("unchanged", "bigint", "Rows that were the same, and were not written"),
            Column("duplicate", "bigint", "Records that came more than once; the newest was kept"),
            Column("rejected", "bigint", "Records that are not stored: see sync_rejects"),
            Column("deleted", "bigint", "Rows marked deleted"),
        ),
        ("source", "run_id", "table_name"),
        checks=(
            "state IN ('extracting', 'extracted', 'loaded', 'held', 'failed')",
            "state <> 'loaded' OR fetched = inserted + updated + unchanged + duplicate + rejected",
        ),
    ),
    Table(
        "sync_rejects",
        "Records that were not stored, with the reason; the records themselves are not kept",
        (
            Column("reject_id", "uuid", "Key of this row"),
            Column("source", "text", "Which PSA"),
            Column("run_id", "text", "The Airflow run: DAG id / run id"),
            Column("table_name", "text", "The table it was meant for"),
            Column("source_id", "text", "The vendor's key, where the record had one"),
            Column("reason", "text", "Why it was not stored"),
            Column("scope_column", "text", "Set when all rows with one parent are unknown: the parent's column"),
            Column("scope_value", "text", "… and the parent's key"),
            Column("rejected_at", "timestamp with time zone", "When"),
        ),
        ("reject_id",),
    ),
    Table(
        "sync_watermarks",
        "Up to when each table is known to be complete; moves in the same transaction as the rows",
        (
            Column("source", "text", "Which PSA"),
            Column("table_name", "text", "The table of this schema"),
            Column("watermark", "timestamp with time zone", "Start of the last merged extraction, less the overlap"),
            Column("run_id", "text", "The run that moved it"),
        ),
        ("source", "table_name"),
    ),
    Table(
        "request_budget",
        "What may be asked of a PSA account now: every task of every run on every worker takes its turn here",
        (
            Column("account", "text", "Whose limit it is, as the vendor counts"),
            Column("endpoint", "text", "… of which end-point; empty where one limit is for all"),
            Column("tokens", "double precision", "Requests that may leave at once"),
            Column("as_of", "timestamp with time zone", "… at that moment; more come with time"),
            Column("paused_until", "timestamp with time zone", "The PSA refuses requests until then"),
        ),
        ("account", "endpoint"),
    ),
    Table(
        "detail_reads",
        "When the columns that a PSA tells of one record at a time only were last read",
        (
            Column("source", "text", "Which PSA"),
            Column("table_name", "text", "The table of this schema"),
            Column("source_id", "text", "The record"),
            Column("read_at", "timestamp with time zone", "When its details were asked for"),
        ),
        ("source", "table_name", "source_id"),
    ),
)

BY_NAME = {table.name: table for table in TABLES}
