"""HaloPSA; HaloITSM and HaloServiceDesk share its API.

Auth     OAuth 2 client credentials: POST {authorisation server}/token with client id, secret and scope, `?tenant=` on
         hosted instances. A token lasts an hour and cannot be renewed; a new one is asked for.
Address  https://{resource server}/api/…; a wrong address answers with an HTML page and 200.
Paging   `pageinate`, `page_no` and `page_size` together, on every request: without them the server sends one page of
         its own length and counts no more than that. Pages hold 100 records, of /Asset 50, whatever is asked for; after
         the end the last one comes again. A listing ends with as many different ids as `record_count`.
Limits   hosted instances answer 429 in a rolling window of 5 minutes, after 300 to 700 requests, different from account
         to account; often without Retry-After.
Rights   those that both the API application and its agent have. A path that the agent may not use is answered 401 while
         the token is good. Records that the agent may not see are left out of lists.
Details  the notes of an asset and the address of a person are in single records only, and are read in portions.
Values   ids as number, decimal or text; -1, 0 and -99 for none; dates before 1980 for none. Filters and parameters
         that a server does not know are silently ignored.

Vendor's reference: https://halopsa.com/apidoc/
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from include.connectors import NAMES
from include.connectors.contract import Connector
from include.connectors.halopsa.auth import account_key, connect
from include.connectors.halopsa.client import ASSET_PAGE_SIZE, PAGE_SIZE, HaloClient
from include.connectors.halopsa.companies import CHOICES, SEARCH
from include.connectors.halopsa.listings import STREAMS
from include.connectors.halopsa.setup import custom_fields, probe, remarks
from include.connectors.halopsa.tickets import TICKET_SOURCE
from include.model.choices import ConnectionField, Sizes
from include.model.limits import Limits

LOGINS = 2  # preflight asks where to get a token, and for one, which the other tasks use
TICKET_SETTINGS = 4  # teams, priorities, statuses, and the statuses that are not closed
PREFLIGHT = 5  # one request for each kind but the statuses


def cost(sizes: Sizes) -> Mapping[str, int]:
    """Of a first run: the pages of each listing.

    Companies are also listed for the sites, and sites for the contacts.
    Where setup chose fields of asset types, assets are listed type by type: one more page for most types.
    """
    records = (sizes.companies, sizes.companies, sizes.sites, sizes.sites, sizes.contacts)
    lists = sum(pages(count, PAGE_SIZE) for count in records) + pages(sizes.assets, ASSET_PAGE_SIZE)
    return {"instance": LOGINS + TICKET_SETTINGS + PREFLIGHT + lists}


def pages(records: int, size: int) -> int:
    """How many requests list so many records at most: a single page may need a second request to prove the end."""
    return max(2, math.ceil(records / size))


CONNECTOR: Connector[HaloClient] = Connector(
    title=NAMES["halopsa"],
    connection={
        "host": ConnectionField("The Resource Server, as Halo's API page shows it", "yourcompany.halopsa.com"),
        "login": ConnectionField("The Client ID of the API application", "00000000-0000-0000-0000-000000000000"),
        "password": ConnectionField("The Client Secret of the API application", "your-client-secret"),
        "extra.tenant": ConnectionField(
            "The Tenant of the API page; on-premises servers have none", "yourcompany", required=False
        ),
        "extra.scope": ConnectionField(
            "The permissions of the application, where it was not given `all`",
            "read:customers read:assets read:tickets",
            required=False,
        ),
        "extra.authServer": ConnectionField(
            "The Authorisation Server, where Halo itself does not name the right one",
            "https://yourcompany.halopsa.com/auth",
            required=False,
        ),
    },
    limits=Limits(requests=500, seconds=300),
    account_key=account_key,
    rights={
        **dict.fromkeys(("statuses", "companies", "sites"), "read:customers, and an agent who sees all customers"),
        "assets": "read:assets, and an agent who may read assets",
        "contacts": "read:customers, and an agent who may read users",
        "ticket_settings": "read:tickets, and an agent who is in all teams",
    },
    connect=connect,
    probe=probe,
    company_choices=CHOICES,
    company_search=SEARCH,
    custom_fields=custom_fields,
    streams=STREAMS,
    cost=cost,
    tickets=TICKET_SOURCE,
    remarks=remarks,
)
