"""Syncro (SyncroMSP), REST API v1; RepairShopr is the same platform with the same API.

Auth     an API token made in the web UI, sent as `Authorization: Bearer …`. It may have an end date.
Address  https://{subdomain}.syncromsp.com/api/v1/…
Paging   numbered pages whose length the server fixes per list (100 customers, 50 contacts, 50 assets); `meta` says how
         many pages and records there are, counted again on every page. Pages shift while data changes: there must be
         as many different ids as were counted, and a missing record is asked for by its id before it counts as deleted.
Limits   180 requests a minute per source address, then 429, usually without Retry-After.
Rights   a missing one is answered 401 on its path alone, while `/me` still answers.
Hidden   disabled customers are left out unless `include_disabled=true`; deleted ones are gone for good.
Sites    are addresses of a customer. Only the single customer shows the further ones: one request per company.
Changes  customers alone can be ordered, which shows the last changes first if the server honours it.
Names    ticket statuses and priorities have no ids, custom fields are keyed by the name on the screen.

Vendor's pages: https://docs.syncromsp.com/scripting-apis/syncro-rest-api
"""

from __future__ import annotations

from math import ceil

from include.connectors import NAMES
from include.connectors.contract import Connector
from include.connectors.syncro.auth import account_key, connect
from include.connectors.syncro.client import SyncroClient
from include.connectors.syncro.companies import CHOICES, SEARCH
from include.connectors.syncro.listings import STREAMS
from include.connectors.syncro.setup import custom_fields, probe, remarks
from include.connectors.syncro.tickets import TICKET_SOURCE
from include.model.choices import ConnectionField, Sizes
from include.model.limits import Limits

PREFLIGHT = 7
TICKET_SETTINGS = 2


def cost(sizes: Sizes) -> dict[str, int]:
    """Of a first run: pages at their current length, the companies again for the sites, and each one by itself."""
    listed = ((sizes.companies, 100), (sizes.companies, 100), (sizes.assets, 50), (sizes.contacts, 50))
    pages = sum(max(1, ceil(rows / length)) for rows, length in listed)
    return {"address": PREFLIGHT + pages + sizes.companies + TICKET_SETTINGS}


CONNECTOR: Connector[SyncroClient] = Connector(
    title=NAMES["syncro"],
    connection={
        "host": ConnectionField("The address you log in at", "your-company.syncromsp.com"),
        "password": ConnectionField("The API token", "your-api-token"),
    },
    limits=Limits(requests=180, seconds=60, pause_seconds=65),
    account_key=account_key,
    rights={
        "statuses": "Customers - List/Search",
        **dict.fromkeys(("companies", "sites"), "Customers - List/Search, and View Detail"),
        "assets": "Assets - List/Search, and View Details",
        "contacts": "Customers - View Detail",
        "ticket_settings": "Tickets - List/Search, and View Details",
    },
    connect=connect,
    probe=probe,
    company_choices=CHOICES,
    company_search=SEARCH,
    custom_fields=custom_fields,
    remarks=remarks,
    streams=STREAMS,
    cost=cost,
    tickets=TICKET_SOURCE,
)
