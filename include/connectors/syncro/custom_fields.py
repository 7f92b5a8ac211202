"""Custom fields of Syncro: the hash `properties`, by the name on the screen, with Syncro's own fields among them.

There is no list of custom fields: those that setup may choose are seen on records, or in the definitions of the
settings. Only a field's name tells whether it holds a secret.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress

from include.connectors.common.choices import CustomField, custom_fields_of, field_choices
from include.connectors.common.secret_names import is_secret_name
from include.connectors.common.values import InvalidValue, an_object, items, pick, text
from include.connectors.syncro.client import ENTITIES, SETTINGS, SyncroClient
from include.model.choices import Choice
from include.model.errors import NotFound, RequestRefused, RightsError
from include.model.page import Record
from include.model.setup import Setup

log = logging.getLogger(__name__)

DEFINITIONS = {"companies": ("customers", "customer_fields"), "assets": ("assets", "asset_type_fields")}
SYSTEM = frozenset({"kabuto_information", "notification_billing", "notification_marketing", "notification_reports"})


def refusal(name: str) -> str:
    """Why a field of this name cannot be chosen; empty when it can."""
    if name in SYSTEM:
        return "is Syncro's own, no custom field"
    if is_secret_name(name):
        return "seems by its name to hold secrets, which are never synced"
    return ""


def custom_fields(r: Record, _: Setup) -> dict[str, Record]:
    """Name → value, of those that may be chosen."""
    return {name: without_secrets(value) for name, value in properties(r).items() if not refusal(name)}


def properties(r: Record) -> dict[str, Record]:
    return pick(an_object, r, "properties")


def without_secrets(value: Record) -> Record:
    """The value; what seems secret inside an object is left out."""
    if isinstance(value, dict):
        return {name: without_secrets(inner) for name, inner in value.items() if not refusal(name)}
    return [without_secrets(inner) for inner in value] if isinstance(value, list) else value


def known_fields(client: SyncroClient, table: str, setup: Setup) -> dict[str, Choice]:
    """The fields on the first page of records, those that are defined, and, where no definitions are listed, all that
    setup uses: a field that the first page does not have may be on another."""
    seen = list(on_records(client, table))
    unseen = setup.field_ids(table) - {field.key for field in seen}
    defined = in_definitions(client, table) if unseen else []
    return field_choices(custom_fields_of(table), seen, defined or map(custom_field, sorted(unseen)))


def offered(client: SyncroClient, table: str) -> list[Choice]:
    """All custom fields that are known."""
    choices = field_choices(custom_fields_of(table), on_records(client, table), in_definitions(client, table))
    return list(choices.values())


def custom_field(name: str, kind: str = "", value: str | None = None) -> CustomField:
    return CustomField(name, name, kind, refusal(name), (value,))


def on_records(client: SyncroClient, table: str) -> Iterator[CustomField]:
    """The fields on the first page of records, with examples; lists and objects make no example."""
    for record in client.page(ENTITIES[table], 1).records:
        with suppress(InvalidValue):  # what an invalid record has is found on the others
            for name, value in properties(record).items():
                yield custom_field(name, value=None if isinstance(value, (dict, list)) else text(value))


def in_definitions(client: SyncroClient, table: str) -> list[CustomField]:
    """The fields that are defined. Contacts have no definitions; those of another form than expected are left out."""
    if table not in DEFINITIONS:
        return []
    section, key = DEFINITIONS[table]
    try:
        settings = client.document(SETTINGS)
        types = {
            pick(text, each, "id"): pick(text, each, "name") for each in pick(items, settings, section, "asset_types")
        }
        kinds: dict[str, list[str]] = {}
        for field in pick(items, settings, section, key):
            if isinstance(name := field.get("name"), str):
                words = (pick(text, field, "field_type"), types.get(pick(text, field, "asset_type_id")))
                kinds.setdefault(name, []).append(" of ".join(filter(None, words)))
    except (RightsError, NotFound, RequestRefused) as error:
        log.warning("The definitions of custom fields cannot be read: %s", error.said)
        return []
    except InvalidValue as error:
        log.warning("The definitions of custom fields are not what was expected: %s", error)
        return []
    return [custom_field(name, ", ".join(filter(None, dict.fromkeys(each)))) for name, each in kinds.items()]
