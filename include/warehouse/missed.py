"""What the quick runs before a full one had missed: changes that the PSA does not date."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from psycopg import sql

from include.model.wording import counted, moment
from include.warehouse.staged_rows import IS_CHANGED, IS_NEW
from include.warehouse.table_pair import TablePair

if TYPE_CHECKING:
    from typing_extensions import LiteralString

# Up to when quick runs have followed the changes of the table, with the setup by which it is listed now.
_FOLLOWED: LiteralString = """
    SELECT w.next_since FROM psa.sync_watermarks w
    JOIN psa.sync_runs q ON q.source = w.source AND q.table_name = w.table_name AND q.run_id = w.run_id
    JOIN psa.sync_runs r ON r.source = w.source AND r.table_name = w.table_name AND r.run_id = %(run_id)s
    WHERE w.source = %(source)s AND w.table_name = %(table)s AND q.merged_since IS NOT NULL
      AND r.since IS NULL AND r.company_source_id IS NULL AND r.setup_digest = w.setup_digest
"""


_DATED: LiteralString = "s.source_updated_at < {until}"


def about_missed(pair: TablePair) -> str | None:
    """How many rows the merge of a full listing will write although quick runs should have done so, in a sentence.

    These are the ones that the PSA dates before what quick runs have asked for.
    """
    followed = pair.first(_FOLLOWED)
    if followed is None:
        return None
    until: datetime = followed[0]
    missed = pair.number(
        "SELECT (SELECT count(*) FROM {staging} s JOIN {target} t ON " + IS_CHANGED + " WHERE " + _DATED + ") "
        "+ (SELECT count(*) FROM {staging} s WHERE " + IS_NEW + " AND " + _DATED + ")",
        until=sql.Literal(until),
        stored=pair.compared("t"),
        staged=pair.compared("s"),
    )
    if not missed:
        return None
    return (
        f"{counted(missed, 'row')} new or changed that quick runs had missed: the PSA dates the last change of each "
        f"before {moment(until)}, up to when they had asked for changes."
    )
