"""What preflight asks Syncro, and what setup can choose there."""

from __future__ import annotations

from contextlib import suppress

from include.connectors.common.choices import CUSTOM_FIELD_TABLES, ONE_LIST_ONLY
from include.connectors.common.tickets import try_pick
from include.connectors.common.values import boolean
from include.connectors.syncro import custom_fields
from include.connectors.syncro.client import ASSETS, CONTACTS, CUSTOMERS, ME, SETTINGS, TICKET_SETTINGS, SyncroClient
from include.connectors.syncro.columns import STATUSES
from include.http.paging import integer_key
from include.http.session import mask
from include.model.choices import Choice
from include.model.page import Record

LISTS = {"assets": ASSETS, "contacts": CONTACTS}


def probe(client: SyncroClient, kind: str) -> int | None:
    """Read a page, which cannot be made shorter. Statuses have no list: companies have a flag."""
    if kind == "ticket_settings":
        client.document(TICKET_SETTINGS)
        client.document(SETTINGS)
        return None
    first = client.page(LISTS.get(kind, CUSTOMERS), 1)
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
    echo = me.pop("user_token", None)
    if isinstance(echo, str) and echo:
        mask(echo)
        client.http.secrets.append(echo)
    return me


def limited_to(me: Record) -> int:
    """How many branches of the MSP the user may see; 0 when it is all of them."""
    allowed = me.get("locations_allowed")
    return len(allowed) if try_pick(boolean, me, "enable_multi_locations") and isinstance(allowed, list) else 0


def may_read_tickets(me: Record) -> bool:
    """True unless the answer says no: it is not documented that a token's rights show here."""
    return try_pick(boolean, me, "permissions", "ticket", "read") is not False


def other_choices(client: SyncroClient) -> list[Choice]:
    """Custom fields."""
    offered = (choice for table in CUSTOM_FIELD_TABLES for choice in custom_fields.offered(client, table))
    return [choice for choice in offered if choice.id not in custom_fields.SYSTEM]
