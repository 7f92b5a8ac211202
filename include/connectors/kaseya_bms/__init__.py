"""Kaseya BMS (Kaseya PSA, once Vorex), REST API version 2.

Auth     a form with user, password and tenant gives a bearer token for some minutes and another to renew it with.
Address  https://api.bms.kaseya.com/v2/…, or the API's host of another region.
Answers  {Success, Error, Result}; failures come as 200 with Success false. Names are read in any case.
Paging   by number, 100 records a page. Accounts and contacts have TotalRecords; the listing of assets ends with a page
         that brings nothing new, and assets that it did not contain are asked for by key.
Limits   1,500 requests an hour for each endpoint; no header says how many are left.
Details  most of an asset and a person's address are given for one record at a time, so they are read in portions.
Sites    come with their account, otherwise one by one.
Changes  `Filter.ModifiedOnFrom` and `Filter.CreatedOnFrom` of accounts and contacts, with a day of overlap.

Vendor's guide: https://help.bms.kaseya.com, "V2 BMS Rest APIs"
"""

from __future__ import annotations

from datetime import timedelta

from include.connectors import NAMES
from include.connectors.contract import Connector
from include.connectors.kaseya_bms.auth import USER, account_key, connect
from include.connectors.kaseya_bms.client import ASSET, PAGE_SIZE, KaseyaClient
from include.connectors.kaseya_bms.companies import CHOICES, COMPANIES, SEARCH
from include.connectors.kaseya_bms.listings import ASSETS, CONTACTS, PRIORITIES, QUEUES, STREAMS, TICKET_STATUSES
from include.connectors.kaseya_bms.setup import custom_fields, module_fields, other_choices, probe, remarks
from include.connectors.kaseya_bms.tickets import TICKET_SOURCE
from include.model.choices import ConnectionField, Sizes
from include.model.limits import Limits


def cost(sizes: Sizes) -> dict[str, int]:
    """Of a first run, at most, where accounts come with their locations: two listings of each kind, and counts."""

    def listings(records: int) -> int:
        return 2 + records // PAGE_SIZE

    return {
        "login": 1,
        USER: 1,
        COMPANIES: 2 * (listings(sizes.companies) + 1) + 2,
        CONTACTS: listings(sizes.contacts) + 1 + 2,
        ASSETS: listings(sizes.assets) + 3 + 1,
        ASSET: 1,
        QUEUES: 2,
        TICKET_STATUSES: 1,
        PRIORITIES: 1,
    }


CONNECTOR: Connector[KaseyaClient] = Connector(
    title=NAMES["kaseya_bms"],
    connection={
        "host": ConnectionField("The host of the API in your region", "api.bms.kaseya.com"),
        "login": ConnectionField("The user name of the API employee", "psa-sync"),
        "password": ConnectionField("The password of that user", "your-password"),
        "extra.tenant": ConnectionField(
            "The company name under My Settings, which people type when they sign in", "your-company"
        ),
        "extra.totpSecret": ConnectionField(
            "For a user with one-time codes: the secret behind the QR code", "JBSWY3DPEHPK3PXP", required=False
        ),
    },
    limits=Limits(1500, 3600, per_endpoint=True, pause_seconds=1800),
    account_key=account_key,
    rights={
        **dict.fromkeys(("statuses", "companies", "sites"), "CRM > Accounts, view"),
        "assets": "Service Desk > Hardware Assets, view",
        "contacts": "CRM > Contacts, view",
        "ticket_settings": "Admin > Service Desk, view",
    },
    overlap=timedelta(days=1),  # the zone of the vendor's times is not documented
    connect=connect,
    probe=probe,
    company_choices=CHOICES,
    company_search=SEARCH,
    custom_fields=custom_fields,
    other_choices=other_choices,
    custom_field_modules=module_fields,
    streams=STREAMS,
    cost=cost,
    tickets=TICKET_SOURCE,
    remarks=remarks,
)
