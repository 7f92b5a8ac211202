"""What preflight asks Syncro, and what setup can choose there."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from include.connectors.common.values import InvalidValue, pick, text
from include.connectors.syncro import fields
from include.connectors.syncro.client import (
    ASSETS,
    CONTACTS,
    CUSTOMERS,
    ME,
    SETTINGS,
    TICKET_SETTINGS,
    SyncroClient,
)
from include.connectors.syncro.columns import STATUSES
from include.connectors.syncro.filters import company_filter, keys_of
from include.connectors.syncro.listings import boards
from include.connectors.syncro.properties import SYSTEM
from include.http.session import mask
from include.model.choices import Choice
from include.model.errors import NotFound, RequestRefused, RightsError, ServerError, ShapeError
from include.model.page import Page
from include.model.setup import Setup

log = logging.getLogger(__name__)

LISTS = {"assets": ASSETS, "contacts": CONTACTS}
OF_ONE_KIND = (RightsError, NotFound, RequestRefused, ServerError, ShapeError)  # the other kinds may be well


def probe(api: SyncroClient, kind: str) -> int | None:
    """Read a page, which cannot be made shorter. Statuses have no list: their flag is in that of the companies."""
    if kind == "ticket_settings":
        api.document(TICKET_SETTINGS)
        api.document(SETTINGS)
        return None
    first = api.page(LISTS.get(kind, CUSTOMERS), 1)
    if kind == "sites":
        for key in keys_of([Page(first.records)])[0][:1]:
            api.record(CUSTOMERS, str(key))
        return None
    return len(STATUSES) if kind == "statuses" else first.total


def remarks(api: SyncroClient) -> list[str]:
    """Signs that the token's user does not see all: lists are then shorter, without an error."""
    found: list[str] = []
    with suppress(*OF_ONE_KIND):  # the probes have told what cannot be read
        me = about_login(api)
        if me.get("admin") is True:
            return found
        if locations := limited_to(me):
            found.append(
                f"The token's user is limited to {locations} of your locations: what belongs to the others may be "
                "missing, without an error."
            )
        if not may_read_tickets(me):
            found.append("Syncro says that the token's user may not read tickets: none can be shown.")
        first = api.page(CUSTOMERS, 1)
        if (len(first.records) if first.total is None else first.total) == 1:
            found.append(
                "Syncro shows this token a single company. If you have more, the token's user is a Single-Customer "
                "User, who sees no other: use a token of a user who sees all."
            )
    return found


def about_login(api: SyncroClient) -> Any:
    """What `/me` says, less the token that it repeats."""
    me = api.document(ME)
    echo = me.pop("user_token", None)
    if isinstance(echo, str) and echo:
        mask(echo)
        api.http.secrets.append(echo)
    return me


def limited_to(me: Any) -> int:
    """How many branches of the MSP the user may see; 0 when it is all of them."""
    allowed = me.get("locations_allowed")
    return len(allowed) if me.get("enable_multi_locations") is True and isinstance(allowed, list) else 0


def may_read_tickets(me: Any) -> bool:
    """Unless it is said that they may not: what a token may do is not documented to show here."""
    try:
        return pick(lambda flag: flag is not False, me, "permissions", "ticket", "read")
    except InvalidValue:
        return True


def check_setup(api: SyncroClient, setup: Setup) -> list[str]:
    """A sentence for each choice that this tenant does not have."""
    problems = company_filter(setup)[1]
    for table in fields.ENTITIES:
        if setup.field_ids(table):
            try:
                problems += fields.problems(api, table, setup)
            except OF_ONE_KIND as error:
                log.warning("The custom fields of %s cannot be checked: %s", table, error.said)
    return problems


def discover(api: SyncroClient) -> list[Choice]:
    """Everything setup can choose."""
    found = [Choice("company statuses", key, name) for key, name in STATUSES.items()]
    for page in boards(api, Setup()):
        found += [Choice("boards", pick(text, r, "id") or "", pick(text, r, "name") or "") for r in page.records]
    for table in fields.ENTITIES:
        found += [choice for choice in fields.offered(api, table) if choice.id not in SYSTEM]
    return found
