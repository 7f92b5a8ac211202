"""The sync's own tables: the ledger, rejected records, watermarks, clocks, budgets, details and changes."""

from __future__ import annotations

from include.model.tables import Table, TableColumn


def _changes(name: str, comment: str) -> Table:
    return Table(
        name,
        comment,
        (
            TableColumn("source", "text", "Which PSA"),
            TableColumn(
                "change_id",
                "bigint",
                "Number of the change: of two changes of a row, the later has the higher",
                is_counted=True,
            ),
            TableColumn("table_name", "text", "The table of this schema"),
            TableColumn("source_id", "text", "The vendor's key of the record; null for a first load"),
            TableColumn(
                "change", "text", "new, changed, deleted, returned (deleted before) or first load (of the table)"
            ),
            TableColumn("columns", "text[]", "The columns that differ; null for new rows"),
            TableColumn("before", "jsonb", "Their values before; null for new rows"),
            TableColumn("after", "jsonb", "Their values since; of a new row all that are not null"),
            TableColumn("changed_at", "timestamp with time zone", "When it was written: as in the row's changed_at"),
            TableColumn("run_id", "text", "The Airflow run that wrote it: DAG id / run id"),
            TableColumn("run_kind", "text", "Nightly sync, Quick sync, Force Sync and so on"),
        ),
        ("source", "changed_at", "change_id"),  # by time, so that the oldest are found without a search
        checks=("change IN ('first load', 'new', 'changed', 'deleted', 'returned')",),
    )


LEDGER_TABLES = (
    Table(
        "sync_runs",
        "The ledger: one row per run and table, written in the same transaction as the rows that it counts",
        (
            TableColumn("source", "text", "Which PSA"),
            TableColumn("run_id", "text", "The Airflow run: DAG id / run id"),
            TableColumn("table_name", "text", "The table of this schema"),
            TableColumn("state", "text", "extracting, extracted, loaded, held (by the deletion guard) or failed"),
            TableColumn("company_source_id", "text", "The company's key, when the run was asked for one company only"),
            TableColumn("dry_run", "boolean", "Whether the counts only say what a run would have written"),
            TableColumn("since", "timestamp with time zone", "A quick run listed what changed since; null: everything"),
            TableColumn("why_full", "text", "Why a run that lists only changes has listed everything"),
            TableColumn("keys_listed", "bigint", "Keys that a quick run has listed to find missing rows, if it had to"),
            TableColumn("setup_digest", "text", "Stands for release, setup and PSA account of the listing"),
            TableColumn("note", "text", "What went wrong or was left out, in a sentence"),
            TableColumn("started_at", "timestamp with time zone", "When the extraction began"),
            TableColumn("extracted_at", "timestamp with time zone", "When the end of the listing was proven"),
            TableColumn("finished_at", "timestamp with time zone", "When the rows were merged"),
            TableColumn("merged_as_of", "timestamp with time zone", "When the listing that this run merged last began"),
            TableColumn("merged_since", "timestamp with time zone", "Since when that listing had changes; null: all"),
            TableColumn("requests", "bigint", "Requests sent to the PSA, repeated ones included"),
            TableColumn("retries", "bigint", "Requests that had to be repeated"),
            TableColumn("waited_seconds", "double precision", "Time spent waiting before repeated requests"),
            TableColumn("queued_seconds", "double precision", "Time spent waiting for a turn in the account's budget"),
            TableColumn("endpoints", "jsonb", "Requests by endpoint, as the vendor's limits count them"),
            TableColumn("fetched", "bigint", "Records that the PSA delivered, or could not deliver one by one"),
            TableColumn("inserted", "bigint", "Rows that are new here"),
            TableColumn("updated", "bigint", "Rows in which something differed"),
            TableColumn("unchanged", "bigint", "Rows in which nothing differed; they were not written"),
            TableColumn("duplicate", "bigint", "Records of which a newer copy was used, of this run or another"),
            TableColumn("rejected", "bigint", "Records that were not stored: see sync_rejects"),
            TableColumn("deleted", "bigint", "Rows marked deleted"),
            TableColumn("live", "bigint", "Rows of the PSA that the table had after the merge, without deleted ones"),
            TableColumn("checkpoint", "jsonb", "How far the listing was read, for a further attempt of the run"),
        ),
        ("source", "run_id", "table_name"),
        checks=(
            "state IN ('extracting', 'extracted', 'loaded', 'held', 'failed')",
            "state <> 'loaded' OR fetched = inserted + updated + unchanged + duplicate + rejected",
        ),
        indexes=(("source", "table_name", "started_at"),),
    ),
    Table(
        "sync_rejects",
        "Records that were not stored, with the reason; their data are not kept",
        (
            TableColumn("reject_id", "uuid", "Key of this row"),
            TableColumn("source", "text", "Which PSA"),
            TableColumn("run_id", "text", "The Airflow run: DAG id / run id"),
            TableColumn("table_name", "text", "The table it was meant for"),
            TableColumn("source_id", "text", "The vendor's key of the record, where it had one"),
            TableColumn("reason", "text", "Why it was not stored"),
            TableColumn("scope_column", "text", "When all rows of one parent are unknown: the parent's column"),
            TableColumn("scope_value", "text", "… and the parent's key"),
            TableColumn("rejected_at", "timestamp with time zone", "When it was rejected"),
        ),
        ("reject_id",),
        indexes=(("source", "run_id", "table_name"),),
    ),
    Table(
        "held_deletions",
        "Rows that the deletion guard did not let a run mark deleted, and what a person decided about them",
        (
            TableColumn("source", "text", "Which PSA"),
            TableColumn("run_id", "text", "The Airflow run that held them: DAG id / run id"),
            TableColumn("table_name", "text", "The table of this schema"),
            TableColumn("source_id", "text", "The vendor's key of the record"),
            TableColumn(
                "is_reported", "boolean", "Whether the PSA reports the deletion; else the listing had no such record"
            ),
            TableColumn("as_of", "timestamp with time zone", "When the PSA was asked for it"),
            TableColumn("deleted_at", "timestamp with time zone", "What deleted_at of the row becomes, if approved"),
            TableColumn("decision", "text", "approved, rejected or unanswered; null while a person may decide"),
            TableColumn("decided_by", "text", "Who decided"),
            TableColumn("decided_at", "timestamp with time zone", "When they decided, or when it was too late"),
            TableColumn("outcome", "text", "After an approval: deleted, or kept because it was seen again since"),
        ),
        ("source", "run_id", "table_name", "source_id"),
        checks=("decision IN ('approved', 'rejected', 'unanswered')", "outcome IN ('deleted', 'kept')"),
    ),
    Table(
        "sync_watermarks",
        "Up to when each table is known to be complete; written in the same transaction as the rows",
        (
            TableColumn("source", "text", "Which PSA"),
            TableColumn("table_name", "text", "The table of this schema"),
            TableColumn(
                "watermark", "timestamp with time zone", "Start of the last merged extraction, less the overlap"
            ),
            TableColumn("run_id", "text", "The run that moved it"),
            TableColumn("complete_as_of", "timestamp with time zone", "Every change before it is in the table"),
            TableColumn("next_since", "timestamp with time zone", "The next quick run asks for changes since then"),
            TableColumn("full_at", "timestamp with time zone", "When the last full listing that was merged began"),
            TableColumn("setup_digest", "text", "Stands for release, setup and PSA account of that listing"),
        ),
        ("source", "table_name"),
    ),
    Table(
        "seen_shapes",
        "What listings have shown of the PSA's records: fields, types of their values, labels of statuses and types",
        (
            TableColumn("source", "text", "Which PSA"),
            TableColumn("table_name", "text", "The table of this schema, followed by `.details` for the details of it"),
            TableColumn("kind", "text", "field, type (of its values), label, or unwatched (too many labels)"),
            TableColumn("name", "text", "The vendor's field as a dotted path; of a label, the column of this schema"),
            TableColumn("value", "text", "The type or the label; otherwise empty"),
            TableColumn(
                "share", "double precision", "In which share of the records the last full listing had the field"
            ),
            TableColumn("seen_at", "timestamp with time zone", "When it was seen first"),
            TableColumn("noted_by", "text", "The run that reported it as new; null for what the first listing showed"),
            TableColumn("missing_since", "timestamp with time zone", "Since when no record has the field"),
            TableColumn("missing_noted_by", "text", "… and the run that reported that"),
        ),
        ("source", "table_name", "kind", "name", "value"),
        checks=("kind IN ('field', 'type', 'label', 'unwatched')",),
    ),
    Table(
        "worker_clocks",
        "Workers whose clocks differed from Postgres' by more than a few seconds",
        (
            TableColumn("source", "text", "Which PSA"),
            TableColumn("run_id", "text", "The Airflow run: DAG id / run id"),
            TableColumn("worker", "text", "The worker's host name"),
            TableColumn("ahead_seconds", "double precision", "How far its clock was ahead; negative if it was behind"),
            TableColumn("checked_at", "timestamp with time zone", "When they were compared, by Postgres' clock"),
        ),
        ("source", "run_id", "worker"),
    ),
    Table(
        "request_budget",
        "How many requests may be sent to a PSA account now; every task of every run takes its turns here",
        (
            TableColumn("account", "text", "The PSA account that the limit belongs to"),
            TableColumn(
                "endpoint",
                "text",
                "… and the endpoint; empty where one limit covers the whole account",
            ),
            TableColumn("totals", "integer[]", "Running total of the turns that were given, per slice of the window"),
            TableColumn("as_of", "timestamp with time zone", "When this row was written; the last total is of then"),
            TableColumn(
                "paused_until",
                "timestamp with time zone",
                "Until when no request is sent: the PSA asked for a pause",
            ),
            TableColumn(
                "waits_until",
                "timestamp with time zone[]",
                "Until when someone waits for a turn: viewers, forced runs, nightly runs",
            ),
            TableColumn("passed_over", "integer", "Turns that were given to others while a nightly run waited"),
            TableColumn(
                "wait_seconds", "double precision", "How long the last one who asked has to wait; 0 if it got a turn"
            ),
        ),
        ("account", "endpoint"),
        dropped=("tokens",),
    ),
    Table(
        "detail_reads",
        "When the columns that a PSA gives for one record at a time were last read",
        (
            TableColumn("source", "text", "Which PSA"),
            TableColumn("table_name", "text", "The table of this schema"),
            TableColumn("source_id", "text", "The vendor's key of the record"),
            TableColumn("read_at", "timestamp with time zone", "When the details that are stored were asked for"),
            TableColumn("asked_at", "timestamp with time zone", "When details were asked for last, whatever came back"),
            TableColumn("problem", "text", "Why they could not be read or used then"),
            TableColumn("unlisted", "text[]", "The columns that the last listing left to the details"),
            TableColumn("claimed_by", "text", "The run that is asking for them now"),
            TableColumn("claimed_until", "timestamp with time zone", "Until when other runs leave them to that run"),
        ),
        ("source", "table_name", "source_id"),
    ),
    Table(
        "detail_runs",
        "What each run did about the details of each table; counted in the same transaction as the rows",
        (
            TableColumn("source", "text", "Which PSA"),
            TableColumn("run_id", "text", "The Airflow run: DAG id / run id"),
            TableColumn("table_name", "text", "The table of this schema"),
            TableColumn("state", "text", "reading, waiting (for the budget), ended, held or failed"),
            TableColumn("note", "text", "Why it ended, or what went wrong, in a sentence"),
            TableColumn("began_at", "timestamp with time zone", "When the run's first attempt began to read them"),
            TableColumn("ended_at", "timestamp with time zone", "When the last attempt ended"),
            TableColumn("asked", "bigint", "Records whose details were asked for"),
            TableColumn("updated", "bigint", "Rows that their details changed"),
            TableColumn("unchanged", "bigint", "Rows whose details were the stored ones; they were not written"),
            TableColumn("duplicate", "bigint", "Details that were not used: another run had stored newer ones"),
            TableColumn("failed", "bigint", "Records whose details could not be read or used"),
            TableColumn("unread", "bigint", "Live rows whose details no run had read yet, when the attempt ended"),
            TableColumn("oldest_read_at", "timestamp with time zone", "When the oldest details were read, by then"),
            TableColumn(
                "known_by", "timestamp with time zone", "When all will be known, at the pace of the day before"
            ),
        ),
        ("source", "run_id", "table_name"),
        checks=(
            "state IN ('reading', 'waiting', 'ended', 'held', 'failed')",
            "asked = updated + unchanged + duplicate + failed",
        ),
        indexes=(("source", "table_name", "began_at"),),
    ),
    _changes(
        "changes",
        "What runs changed in the synced tables: one row for each row that is new, changed, deleted or returned",
    ),
    _changes("dry_run_changes", "What dry runs of the last days would have changed, in the form of psa.changes"),
)
LEDGER = LEDGER_TABLES[0]
