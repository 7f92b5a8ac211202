"""Checks what setup chose against what the tenant has."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TypeAlias

from include.connectors.common.choices import CUSTOM_FIELD_TABLES, ONE_LIST_ONLY, field_problems
from include.connectors.common.companies import CompanyChoices, resolve_company_filter
from include.connectors.contract import C
from include.model.choices import Choice
from include.model.errors import ConfigError
from include.model.setup import Setup

log = logging.getLogger(__name__)

KnownFields: TypeAlias = Callable[[C, str, Setup], Mapping[str, Choice]]
"""`known_fields(client, table, setup)` gives the custom fields of a table by id, at least those that setup uses."""


def setup_check(choices: CompanyChoices[C], known_fields: KnownFields[C]) -> Callable[[C, Setup], list[str]]:
    """A vendor's check: a sentence for each choice that the tenant does not have.

    Custom fields that cannot be read are not checked: their kind fails, or the probe has reported it.
    """

    def check(client: C, setup: Setup) -> list[str]:
        _, problems = resolve_company_filter(choices, client, setup)
        for table in filter(setup.field_ids, CUSTOM_FIELD_TABLES):
            try:
                known = known_fields(client, table, setup)
            except ConfigError as missing:
                problems.append(missing.said)
            except ONE_LIST_ONLY as error:
                log.warning("The custom fields of %s cannot be checked: %s", table, error.said)
            else:
                problems += field_problems(table, setup, known)
                _log_unseen(table, setup, known)
        return problems

    return check


def _log_unseen(table: str, setup: Setup, known: Mapping[str, Choice]) -> None:
    for key in sorted(setup.field_ids(table) & known.keys()):
        if not known[key].on_records:
            log.warning("%s: no record on the first page has the custom field '%s'.", table, key)
