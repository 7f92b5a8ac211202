"""The ledger's tables: what each run read and wrote, what was rejected, and what a PSA account may still be asked."""

from __future__ import annotations

from include.model.tables import Table, TableColumn

LEDGER_TABLES = (
    Table(
        "sync_runs",
        "The books: one row per run and table, written in the same transaction as the rows it speaks of",
        (
            TableColumn("source", "text", "Which PSA"),
            TableColumn("run_id", "text", "The Airflow run: DAG id / run id"),
            TableColumn("table_name", "text", "The table of this schema"),
            TableColumn("state", "text", "extracting, extracted, loaded, held (the brake) or failed"),
            TableColumn("company_source_id", "text", "Set when one company alone was asked for: its key"),
            TableColumn("dry_run", "boolean", "Whether the counts only say what would have been written"),
            TableColumn("note", "text", "What went wrong or was left out, in words"),
            TableColumn("started_at", "timestamp with time zone", "When the extraction began"),
            TableColumn("extracted_at", "timestamp with time zone", "When the end of the listing was proven"),
            TableColumn("finished_at", "timestamp with time zone", "When the rows were merged"),
            TableColumn("merged_as_of", "timestamp with time zone", "When the listing began that this run merged last"),
            TableColumn("requests", "bigint", "Requests sent to the PSA, repeated ones included"),
            TableColumn("retries", "bigint", "Requests that had to be repeated"),
            TableColumn("waited_seconds", "double precision", "Time spent waiting before repeated requests"),
            TableColumn("queued_seconds", "double precision", "Time spent waiting for a turn in the account's budget"),
            TableColumn("endpoints", "jsonb", "Requests by what the vendor's limits count them under"),
            TableColumn("fetched", "bigint", "Records that the PSA delivered, or could not deliver one by one"),
            TableColumn("inserted", "bigint", "Rows that are new here"),
            TableColumn("updated", "bigint", "Rows in which something differed"),
            TableColumn("unchanged", "bigint", "Rows that were the same, and were not written"),
            TableColumn("duplicate", "bigint", "Records that came more than once; the newest was kept"),
            TableColumn("rejected", "bigint", "Records that are not stored: see sync_rejects"),
            TableColumn("deleted", "bigint", "Rows marked deleted"),
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
            TableColumn("reject_id", "uuid", "Key of this row"),
            TableColumn("source", "text", "Which PSA"),
            TableColumn("run_id", "text", "The Airflow run: DAG id / run id"),
            TableColumn("table_name", "text", "The table it was meant for"),
            TableColumn("source_id", "text", "The vendor's key, where the record had one"),
            TableColumn("reason", "text", "Why it was not stored"),
            TableColumn("scope_column", "text", "Set when all rows with one parent are unknown: the parent's column"),
            TableColumn("scope_value", "text", "… and the parent's key"),
            TableColumn("rejected_at", "timestamp with time zone", "When"),
        ),
        ("reject_id",),
    ),
    Table(
        "sync_watermarks",
        "Up to when each table is known to be complete; moves in the same transaction as the rows",
        (
            TableColumn("source", "text", "Which PSA"),
            TableColumn("table_name", "text", "The table of this schema"),
            TableColumn(
                "watermark", "timestamp with time zone", "Start of the last merged extraction, less the overlap"
            ),
            TableColumn("run_id", "text", "The run that moved it"),
        ),
        ("source", "table_name"),
    ),
    Table(
        "request_budget",
        "What may be asked of a PSA account now: every task of every run on every worker takes its turn here",
        (
            TableColumn("account", "text", "Whose limit it is, as the vendor counts"),
            TableColumn("endpoint", "text", "… of which end-point; empty where one limit is for all"),
            TableColumn("tokens", "double precision", "Requests that may leave at once"),
            TableColumn("as_of", "timestamp with time zone", "… at that moment; more come with time"),
            TableColumn("paused_until", "timestamp with time zone", "The PSA refuses requests until then"),
        ),
        ("account", "endpoint"),
    ),
    Table(
        "detail_reads",
        "When the columns that a PSA tells of one record at a time only were last read",
        (
            TableColumn("source", "text", "Which PSA"),
            TableColumn("table_name", "text", "The table of this schema"),
            TableColumn("source_id", "text", "The record"),
            TableColumn("read_at", "timestamp with time zone", "When its details were asked for"),
        ),
        ("source", "table_name", "source_id"),
    ),
)
