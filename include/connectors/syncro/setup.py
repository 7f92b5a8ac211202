"""What preflight asks Syncro, and what setup can choose there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress

from include.connectors.common.choices import ONE_LIST_ONLY, CustomField, custom_fields_of, field_choices
from include.connectors.common.credentials import token_in
from include.connectors.common.tickets import try_pick
from include.connectors.common.values import InvalidValue, boolean, items, pick, text
from include.connectors.syncro.client import CUSTOMERS, ENTITIES, ME, SETTINGS, TICKET_SETTINGS, SyncroClient
from include.connectors.syncro.columns import STATUSES
from include.connectors.syncro.custom_fields import SYSTEM, properties, refusal
from include.http.paging import integer_key
from include.model.choices import Choice
from include.model.errors import NotFound, RequestRefused, RightsError
from include.model.page import Record
from include.model.setup import Setup

log = logging.getLogger(__name__)

DEFINITIONS = {"companies": ("customers", "customer_fields"), "assets": ("assets", "asset_type_fields")}


def probe(client: SyncroClient, kind: str) -> int | None:
    """Read a page, which cannot be made shorter. Statuses have no list: companies have a flag."""
    if kind == "ticket_settings":
        client.document(TICKET_SETTINGS)
        client.document(SETTINGS)
        return None
    first = client.page(ENTITIES.get(kind, CUSTOMERS), 1)
    if kind == "sites":
        keys = [str(key) for key in map(integer_key, first.records) if key is not None]
        for key in keys[:1]:
            client.record(CUSTOMERS, key)
        return None
    return len(STATUSES) if kind == "statuses" else first.total


def remarks(client: SyncroClient) -> list[str]:
    """Signs that the token's user does not see everything: lists are then shorter, without an error."""
    found: list[str] = []
    with suppress(*ONE_LIST_ONLY):  # the probes have reported what cannot be read
        me = about_login(client)
        if try_pick(boolean, me, "admin"):
            return found
        if locations := limited_to(me):
            found.append(
                f"The token's user is limited to {locations} of your locations: what belongs to the others may be "
                "missing, without an error."
            )
        if not may_read_tickets(me):
            found.append("Syncro says that the token's user may not read tickets: none can be shown.")
        first = client.page(CUSTOMERS, 1)
        if (len(first.records) if first.total is None else first.total) == 1:
            found.append(
                "Syncro shows this token a single company. If you have more, the token's user is a Single-Customer "
                "User, who sees no other: use a token of a user who sees all."
            )
    return found


def about_login(client: SyncroClient) -> Record:
    """What `/me` says, without the token that it repeats."""
    me = client.document(ME)
    token_in(client.http, me, f"Syncro: {ME}", "user_token", is_required=False)
    return {name: value for name, value in me.items() if name != "user_token"}


def limited_to(me: Record) -> int:
    """How many branches of the MSP the user may see; 0 when it is all of them."""
    allowed = me.get("locations_allowed")
    return len(allowed) if try_pick(boolean, me, "enable_multi_locations") and isinstance(allowed, list) else 0


def may_read_tickets(me: Record) -> bool:
    """True unless the answer says no: it is not documented that a token's rights show here."""
    return try_pick(boolean, me, "permissions", "ticket", "read") is not False


def custom_fields(client: SyncroClient, table: str, setup: Setup | None) -> dict[str, Choice]:
    """The fields on the first page of records, those that are defined, and, where no definitions are listed, all that
    setup uses: a field that the first page does not have may be on another."""
    seen = list(on_records(client, table))
    unseen = (setup.field_ids(table) if setup else frozenset[str]()) - {field.key for field in seen}
    defined = in_definitions(client, table) if unseen or setup is None else []
    choices = field_choices(custom_fields_of(table), seen, defined or map(custom_field, sorted(unseen)))
    return choices if setup else {name: choice for name, choice in choices.items() if name not in SYSTEM}


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
