"""ConnectWise PSA (formerly Manage), REST API 3.0.

Auth     HTTP Basic with `{company id}+{public key}` and the private key of an API member, and a `clientId` header.
Address  https://{host}/{codebase}apis/3.0/…; cloud hosts begin with `api-`; the codebase comes from
         /login/companyinfo/{company id}, and `v4_6_release/` also leads to the current one.
Model    pinned by the Accept header; without it every release may change what comes back.
Paging   by key: `conditions=id>{last}&orderBy=id asc`, 1,000 a page. Numbered pages shift when rows come and go.
Limits   about 1,000 requests a minute for the whole tenant, then 429 with Retry-After in seconds.
Rights   what the member's security role does not cover is left out of lists, or answered 403.
Sites    have no list of their own: one request per company.
Changes  `lastUpdated>[…Z]`, with a day of overlap, for companies, configurations and contacts.

Vendor's guide: https://developer.connectwise.com/Products/ConnectWise_PSA/Developer_Guide
"""

from __future__ import annotations

from include.connectors import NAMES
from include.connectors.connectwise.auth import account_key, connect
from include.connectors.connectwise.changes import OVERLAP
from include.connectors.connectwise.client import PAGE_SIZE, ConnectWiseClient
from include.connectors.connectwise.companies import CHOICES, SEARCH
from include.connectors.connectwise.listings import STREAMS
from include.connectors.connectwise.setup import company_types, custom_fields, probe
from include.connectors.connectwise.tickets import TICKET_SOURCE
from include.connectors.contract import Connector
from include.model.choices import ConnectionField, Sizes
from include.model.limits import Limits


def cost(sizes: Sizes) -> dict[str, int]:
    """Of a first run: a page and a count per listing, each company's sites, each board's statuses, and preflight."""
    lists = sum(2 + rows // PAGE_SIZE for rows in (sizes.companies, sizes.companies, sizes.assets, sizes.contacts))
    return {"tenant": 18 + lists + sizes.companies + sizes.boards}


CONNECTOR: Connector[ConnectWiseClient] = Connector(
    title=NAMES["connectwise"],
    connection={
        "host": ConnectionField(
            "The address you log in at, with or without `api-` in front", "api-na.myconnectwise.net"
        ),
        "login": ConnectionField(
            "The company you log in with, a plus sign, and the API member's public key", "your-company+your-public-key"
        ),
        "password": ConnectionField("The API member's private key", "your-private-key"),
        "extra.clientId": ConnectionField(
            "The client ID of your integration, from developer.connectwise.com", "00000000-0000-0000-0000-000000000000"
        ),
        "extra.version": ConnectionField(
            "Another version of the API than the one this package was written for", "2025.1", required=False
        ),
    },
    limits=Limits(requests=1000, seconds=60),
    account_key=account_key,
    rights={
        **dict.fromkeys(("statuses", "companies", "sites"), "Companies > Company Maintenance, inquire All"),
        "assets": "Companies > Configurations, inquire All",
        "contacts": "Companies > Contacts, inquire All",
        "ticket_settings": "Service Desk > Service Tickets, inquire All",
    },
    overlap=OVERLAP,
    connect=connect,
    probe=probe,
    company_choices=CHOICES,
    company_search=SEARCH,
    custom_fields=custom_fields,
    other_choices=company_types,
    streams=STREAMS,
    cost=cost,
    tickets=TICKET_SOURCE,
)
