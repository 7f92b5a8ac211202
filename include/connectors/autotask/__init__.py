"""Autotask PSA (Datto, Kaseya), REST API 1.0.

Auth     three headers: the API user's name and secret, and the tracking identifier of its integration.
Address  ZoneInformation names the tenant's zone; it is asked at the start of a run, and again after 401 or 404,
         since tenants are moved.
Queries  POST /{Entity}/query with a filter, which is mandatory. An unknown operator is silently dropped.
Paging   by key, from `id >= 0` (0 is the MSP itself), 500 a page; /query/count tells how many there are.
Limits   10,000 requests in any hour for the whole tenant, all its integrations together; three at a time per entity.
Errors   mistakes of the client come as 500; only the text shows that the server did not fail.
Rights   what the user's security level does not cover is left out of lists, or answered 403 or 500.
Lists    there are no company statuses; boards, ticket statuses and priorities are picklists of fields of Tickets.

Vendor's guide: https://autotask.net/help/DeveloperHelp/Content/APIs/REST/REST_API_Home.htm
"""

from __future__ import annotations

from include.connectors import NAMES
from include.connectors.autotask.auth import account_key, connect
from include.connectors.autotask.client import PAGE_SIZE, AutotaskClient
from include.connectors.autotask.companies import CHOICES, SEARCH
from include.connectors.autotask.listings import STREAMS
from include.connectors.autotask.setup import company_types, custom_fields, probe, remarks
from include.connectors.autotask.tickets import TICKET_SOURCE
from include.connectors.contract import Connector
from include.model.choices import ConnectionField, Sizes
from include.model.limits import Limits


def cost(sizes: Sizes) -> dict[str, int]:
    """Of a first run: per list the requests of preflight, a count and the pages; lists of names; zone and threshold.

    Preflight asks what may be seen, how many there are, and where setup chooses them, which custom fields there are.
    """

    def pages(rows: int) -> int:
        return 1 + rows // PAGE_SIZE

    return {
        "ZoneInformation": 1,
        "ThresholdInformation": 1,
        "UserDefinedFieldDefinitions": 1,
        "Companies": 3 + pages(sizes.companies),
        "CompanyLocations": 3 + pages(sizes.sites),
        "ConfigurationItems": 6 + pages(sizes.assets),  # also asked what the numbers of manufacturers mean
        "ConfigurationItemTypes": 1,
        "ConfigurationItemCategories": 1,  # where an asset has no type
        "Products": 1,  # and one for each page of assets that names new ones
        "Contacts": 5 + pages(sizes.contacts),
        "Countries": 2,
        "Tickets": 2,
    }


CONNECTOR: Connector[AutotaskClient] = Connector(
    title=NAMES["autotask"],
    connection={
        "host": ConnectionField(
            "Any address of Autotask's API; the tenant's own is asked for there", "webservices.autotask.net"
        ),
        "login": ConnectionField("The user name of the API user", "abcdefghijkl@your-company.com"),
        "password": ConnectionField("The API user's secret", "your-secret"),
        "extra.integrationCode": ConnectionField(
            "The tracking identifier of its integration", "ABCDEFGHIJKLMNOPQRSTUVWXYZ1"
        ),
    },
    limits=Limits(requests=10_000, seconds=3600, share=0.5, in_flight=2),
    account_key=account_key,
    rights={
        **dict.fromkeys(("statuses", "companies", "sites"), "CRM > Organization & Contact Access, All for each type"),
        "assets": "CRM > Object Permissions > Configuration Items & Subscriptions, View All",
        "contacts": "CRM > Organization & Contact Access, All for each type",
        "ticket_settings": "Service Desk > Object Permissions > Tickets, View All",
    },
    connect=connect,
    probe=probe,
    company_choices=CHOICES,
    company_search=SEARCH,
    custom_fields=custom_fields,
    other_choices=company_types,
    streams=STREAMS,
    tickets=TICKET_SOURCE,
    cost=cost,
    remarks=remarks,
)
