"""What parsing a DAG needs to know of the data, without importing anything else."""

from __future__ import annotations

from collections.abc import Mapping

# The task groups of a DAG, in the order people read them, and the tables that each fills.
KINDS: Mapping[str, tuple[str, ...]] = {
    "statuses": ("company_statuses",),
    "companies": ("companies",),
    "sites": ("company_sites",),
    "assets": ("assets",),
    "contacts": ("contacts",),
    "ticket_settings": ("service_boards", "ticket_statuses", "ticket_priorities"),
}

# The kinds whose every record belongs to one company, so that one company alone can be synced.
OF_COMPANIES = ("companies", "sites", "assets", "contacts")

# The kinds that a quick run reads whole, at one or two requests.
READ_WHOLE = ("statuses",)

# The kinds of a few short lists, whose answers a task may keep in memory.
OF_SHORT_LISTS = ("ticket_settings",)
