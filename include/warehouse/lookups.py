"""What the last sync knows for the ticket page: the choices of its filters, and names for the keys in tickets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from include.model.tables import SCHEMA
from include.warehouse.connection import Connection

MOST_COMPANIES = 20  # offered for a text that a viewer types

_BOARDS = """
    SELECT source_id, name, is_active FROM psa.service_boards
    WHERE source = %s AND deleted_at IS NULL ORDER BY is_active IS FALSE, lower(name), source_id
"""
# The same label may be a status on several boards, and a priority in several service levels.
_STATUSES = """
    SELECT name, bool_and(is_closed), array_remove(array_agg(board_source_id ORDER BY board_source_id), NULL)
    FROM psa.ticket_statuses WHERE source = %s AND deleted_at IS NULL AND name IS NOT NULL
    GROUP BY name ORDER BY min(sort_order), name
"""
_PRIORITIES = """
    SELECT name, min(color) FROM psa.ticket_priorities
    WHERE source = %s AND deleted_at IS NULL AND name IS NOT NULL GROUP BY name ORDER BY min(sort_order), name
"""
_STATUS_KEYS = """
    SELECT source_id FROM psa.ticket_statuses WHERE source = %(source)s AND name = %(label)s AND deleted_at IS NULL
    AND (%(board)s::text IS NULL OR board_source_id IS NULL OR board_source_id = %(board)s) ORDER BY source_id
"""
_PRIORITY_KEYS = """
    SELECT source_id FROM psa.ticket_priorities WHERE source = %s AND name = %s AND deleted_at IS NULL
    ORDER BY source_id
"""
_AS_OF = """
    SELECT min(finished_at) FROM (
        SELECT max(finished_at) AS finished_at FROM psa.sync_runs
        WHERE source = %s AND state = 'loaded' AND NOT dry_run
        AND table_name IN ('service_boards', 'ticket_statuses', 'ticket_priorities') GROUP BY table_name) AS each
"""
_NAMES = sql.SQL(
    "SELECT %s::text, source_id, name FROM {} WHERE source = %s AND source_id = ANY(%s::text[]) AND name IS NOT NULL"
)
_COMPANIES = """
    SELECT source_id, name FROM psa.companies
    WHERE source = %(source)s AND deleted_at IS NULL AND position(lower(%(text)s) IN lower(name)) > 0
    ORDER BY position(lower(%(text)s) IN lower(name)) > 1, lower(name), source_id LIMIT %(most)s
"""


@dataclass(frozen=True)
class Lookups:
    """What the last sync of one PSA knows, read on this connection."""

    connection: Connection
    source: str

    def choices(self) -> dict[str, Any]:
        """Boards, statuses and priorities to choose from; `as_of` is when they were last synced, None if never."""
        boards, statuses, priorities = (
            self.connection.execute(query, [self.source]).fetchall() for query in (_BOARDS, _STATUSES, _PRIORITIES)
        )
        row = self.connection.execute(_AS_OF, [self.source]).fetchone()
        return {
            "boards": [{"key": key, "name": name, "is_active": active} for key, name, active in boards],
            "statuses": [{"name": name, "is_closed": closed, "boards": of} for name, closed, of in statuses],
            "priorities": [{"name": name, "color": color} for name, color in priorities],
            "as_of": row[0] if row else None,
        }

    def companies(self, text: str) -> list[tuple[str, str]]:
        """Key and name of the companies whose name contains the text; those that begin with it come first."""
        values = {"source": self.source, "text": text, "most": MOST_COMPANIES}
        return self.connection.execute(_COMPANIES, values).fetchall()

    def names(self, keys: Mapping[str, Collection[str]]) -> dict[str, dict[str, str]]:
        """Names by key, by table, for those of the keys that were ever synced; one statement for all tables."""
        found: dict[str, dict[str, str]] = {table: {} for table in keys}
        if not found:
            return found
        query = sql.SQL(" UNION ALL ").join(_NAMES.format(sql.Identifier(SCHEMA, table)) for table in keys)
        values = [value for table, wanted in keys.items() for value in (table, self.source, list(wanted))]
        for table, key, name in self.connection.execute(query, values):
            found[table][key] = name
        return found

    def status_keys(self, label: str, board: str | None) -> list[str]:
        """The keys of the statuses with that label; with a board, only those that can be used on it."""
        values = {"source": self.source, "label": label, "board": board}
        return [row[0] for row in self.connection.execute(_STATUS_KEYS, values)]

    def priority_keys(self, label: str) -> list[str]:
        """The keys of the priorities with that label."""
        return [row[0] for row in self.connection.execute(_PRIORITY_KEYS, [self.source, label])]

    def priority_colors(self) -> Mapping[str, str]:
        """The vendor's colour by the priority's label."""
        rows = self.connection.execute(_PRIORITIES, [self.source]).fetchall()
        return {name: color for name, color in rows if color}
