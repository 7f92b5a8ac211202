"""What setup can choose at a tenant, and whether what it chose is there."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from include.connectors.common.choices import CUSTOM_FIELD_TABLES, ONE_LIST_ONLY, field_problems
from include.connectors.common.companies import resolve_company_filter
from include.connectors.common.mapping import map_page
from include.connectors.contract import C, Connector, ReadContext
from include.model.choices import Choice
from include.model.errors import ConfigError
from include.model.setup import Setup

log = logging.getLogger(__name__)

CHOSEN_ROWS = {"company_statuses": "company statuses", "service_boards": "boards"}
"""The tables whose rows setup can choose, and what people call these choices."""


def discover(connector: Connector[C], client: C) -> list[Choice]:
    """Everything that setup can choose at this tenant."""
    found, context = list[Choice](), ReadContext(client, Setup())
    for stream in connector.streams:
        for page in stream.read(context) if stream.table in CHOSEN_ROWS else ():
            for row in map_page(stream, page, context.setup).rows:
                note = "inactive" if row.get("is_active") is False else ""
                found.append(Choice(CHOSEN_ROWS[stream.table], row["source_id"], row["name"] or "", note))
    found += connector.other_choices(client)
    for table in CUSTOM_FIELD_TABLES:
        found += connector.custom_fields(client, table, None).values()
    return found


def check_setup(connector: Connector[C], client: C, setup: Setup) -> list[str]:
    """A sentence for each choice in setup that the tenant does not have.

    Custom fields that cannot be read are not checked: their kind fails, or the probe has reported it.
    """
    _, problems = resolve_company_filter(connector.company_choices, client, setup)
    for table in filter(setup.field_ids, CUSTOM_FIELD_TABLES):
        try:
            known = connector.custom_fields(client, table, setup)
        except ConfigError as missing:
            problems.append(missing.said)
        except ONE_LIST_ONLY as error:
            log.warning("The custom fields of %s cannot be checked: %s", table, error.said)
        else:
            problems += field_problems(table, setup, known)
            _log_unseen(table, setup, known)
    return problems


def _log_unseen(table: str, setup: Setup, known: Mapping[str, Choice]) -> None:
    for key in sorted(setup.field_ids(table) & known.keys()):
        if not known[key].on_records:
            log.warning("%s: no record on the first page has the custom field '%s'.", table, key)
