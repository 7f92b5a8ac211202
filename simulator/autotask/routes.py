"""Which path serves which resource, and how paths are spelled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from simulator.autotask import metadata
from simulator.autotask.assets import CONFIGURATION_ITEM
from simulator.autotask.companies import COMPANY, LOCATION
from simulator.autotask.contacts import CONTACT
from simulator.autotask.countries import COUNTRY
from simulator.autotask.products import PRODUCT
from simulator.autotask.resource import Resource
from simulator.autotask.setup import (
    CONFIGURATION_ITEM_CATEGORY,
    CONFIGURATION_ITEM_TYPE,
    MEMBER,
    USER_DEFINED_FIELD_DEFINITION,
)
from simulator.autotask.ticket_entries import ADDITIONAL_ITEM, TICKET_NOTE, TIME_ENTRY
from simulator.autotask.tickets import TICKET

RESOURCES: tuple[Resource[Any], ...] = (
    COMPANY,
    LOCATION,
    CONTACT,
    CONFIGURATION_ITEM,
    CONFIGURATION_ITEM_TYPE,
    CONFIGURATION_ITEM_CATEGORY,
    PRODUCT,
    COUNTRY,
    TICKET,
    TICKET_NOTE,
    TIME_ENTRY,
    ADDITIONAL_ITEM,
    MEMBER,
    USER_DEFINED_FIELD_DEFINITION,
)

BY_PATH = {resource.path: resource for resource in RESOURCES}

# Paths below a single record: the rows of another resource that refer to it by this field.
CHILDREN: Mapping[tuple[str, str], tuple[Resource[Any], str]] = {
    (TICKET.path, "Notes"): (TICKET_NOTE, "ticketID"),
    (TICKET.path, "AdditionalConfigurationItems"): (ADDITIONAL_ITEM, "ticketID"),
}

ZONE_INFORMATION, THRESHOLD_INFORMATION = "ZoneInformation", "ThresholdInformation"

METADATA = {
    "entityInformation": metadata.information,
    "entityInformation/fields": metadata.fields,
    "entityInformation/userDefinedFields": metadata.udfs,
}

API = re.compile(r"(?P<zone>.*)/ATServicesRest/V1\.0(?P<endpoint>/.*)", re.IGNORECASE)

PATH_WORDS = (
    *BY_PATH,
    ZONE_INFORMATION,
    THRESHOLD_INFORMATION,
    "query",
    "next",
    "count",
    "entityInformation",
    "fields",
    "userDefinedFields",
    *(name for _, name in CHILDREN),
)
PATH_SPELLINGS = {word.casefold(): word for word in PATH_WORDS}
