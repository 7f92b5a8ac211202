"""ConnectWise PSA (formerly Manage), REST API 3.0.

Auth     HTTP Basic with `{company id}+{public key}` and the private key of an API member, and a `clientId` header.
Address  https://{host}/{codebase}apis/3.0/…; cloud hosts begin with `api-`; the codebase comes from
         /login/companyinfo/{company id}, and `v4_6_release/` also leads to the current one.
Model    pinned by the Accept header; without it every release may change what comes back.
Paging   by key: `conditions=id>{last}&orderBy=id asc`, 1,000 a page. Numbered pages shift when rows come and go.
Limits   about 1,000 requests a minute for the whole tenant, then 429 with Retry-After in seconds.
Rights   what the member's security role does not cover is left out of lists, or answered 403.
Sites    have no list of their own: one request per company.

Vendor's guide: https://developer.connectwise.com/Products/ConnectWise_PSA/Developer_Guide
"""

from __future__ import annotations

from datetime import timedelta

from include.connectors import NAMES
from include.connectors.base import Connector
from include.connectors.connectwise.account import connect
from include.connectors.connectwise.companies import find_company
from include.connectors.connectwise.setup import check_settings, discover, probe
from include.connectors.connectwise.streams import STREAMS

CONNECTOR = Connector(
    title=NAMES["connectwise"],
    overlap=timedelta(days=1),  # servers disagree about the zone of date filters
    connect=connect,
    probe=probe,
    find_company=find_company,
    check_settings=check_settings,
    discover=discover,
    streams=STREAMS,
)
