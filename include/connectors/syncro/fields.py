"""Custom fields of Syncro as setup may choose them: those seen on records, and those in the lists of definitions."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from itertools import islice

from include.connectors.common.choices import field_problems
from include.connectors.common.values import InvalidValue, items, pick, text
from include.connectors.syncro.client import ASSETS, CONTACTS, CUSTOMERS, SETTINGS, Entity, SyncroClient
from include.connectors.syncro.properties import hashed, refusal, storable
from include.model.choices import Choice
from include.model.errors import NotFound, RequestRefused, RightsError
from include.model.setup import Setup

log = logging.getLogger(__name__)

EXAMPLES = 3
ENTITIES = {"companies": CUSTOMERS, "assets": ASSETS, "contacts": CONTACTS}
DEFINITIONS = {"companies": ("customers", "customer_fields"), "assets": ("assets", "asset_type_fields")}

Seen = Mapping[str, tuple[str, ...]]  # name → a few values
Defined = Mapping[str, str]  # name → what kind of field it is


def problems(api: SyncroClient, table: str, setup: Setup) -> list[str]:
    """Where no definitions are listed, a field that the first page lacks may be on another: that is no problem."""
    wanted = setup.field_ids(table)
    seen = on_records(api, ENTITIES[table])
    defined = {} if seen.keys() >= wanted else in_definitions(api, table)
    if not defined:
        defined = dict.fromkeys(sorted(wanted - seen.keys()), "")
    for name in sorted(wanted & defined.keys() - seen.keys()):
        log.warning("%s: no record on the first page carries the custom field '%s'.", table, name)
    return field_problems(table, setup, {choice.id: choice for choice in choices(table, seen, defined)})


def offered(api: SyncroClient, table: str) -> list[Choice]:
    """All that are known."""
    return choices(table, on_records(api, ENTITIES[table]), in_definitions(api, table))


def choices(table: str, seen: Seen, defined: Defined) -> list[Choice]:
    """Those seen on records come first."""
    return [
        Choice(
            f"custom fields of {table}",
            name,
            name,
            ", ".join(filter(None, (defined.get(name), "ends in a blank" if name.endswith(" ") else None))),
            on_records=name in seen,
            examples=() if refusal(name) else seen.get(name, ()),
            refused=refusal(name),
        )
        for name in dict.fromkeys([*seen, *defined])
    ]


def on_records(api: SyncroClient, entity: Entity) -> Seen:
    """From the first page; lists and objects make no example."""
    values: dict[str, dict[str, None]] = {}
    for record in api.page(entity, 1).records:
        with suppress(InvalidValue):  # what an odd record carries is found on the others
            for name, value in hashed(record).items():
                told = values.setdefault(name, {})
                if not isinstance(value, (dict, list)) and storable(value) is not None:
                    told[str(storable(value))] = None
    return {name: tuple(islice(told, EXAMPLES)) for name, told in values.items()}


def in_definitions(api: SyncroClient, table: str) -> Defined:
    """Contacts have no definitions; those of the others may look otherwise than expected, then they say nothing."""
    if table not in DEFINITIONS:
        return {}
    section, key = DEFINITIONS[table]
    try:
        setup = api.document(SETTINGS)
        types = {
            pick(text, each, "id"): pick(text, each, "name") for each in pick(items, setup, section, "asset_types")
        }
        kinds: dict[str, list[str]] = {}
        for field in pick(items, setup, section, key):
            if isinstance(name := field.get("name"), str):
                words = (pick(text, field, "field_type"), types.get(pick(text, field, "asset_type_id")))
                kinds.setdefault(name, []).append(" of ".join(filter(None, words)))
    except (RightsError, NotFound, RequestRefused) as error:
        log.warning("The definitions of custom fields cannot be read: %s", error.said)
        return {}
    except InvalidValue as error:
        log.warning("The definitions of custom fields are not what was expected: %s", error)
        return {}
    return {name: ", ".join(filter(None, dict.fromkeys(each))) for name, each in kinds.items()}
