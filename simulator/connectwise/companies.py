"""Companies and sites: each field of a record and where its value comes from."""

from __future__ import annotations

from simulator.connectwise.custom_fields import custom_fields
from simulator.connectwise.formats import info, stamp
from simulator.connectwise.resource import Fields
from simulator.entities import Company, Site

COMPANY: Fields[Company] = {
    "id": lambda _, c: c.id,
    "identifier": lambda _, c: c.identifier,
    "name": lambda _, c: c.name,
    "status": lambda t, c: t.named_reference("status", "company/companies/statuses", c.status_id, t.world.statuses),
    "addressLine1": lambda _, c: c.address.line1,
    "addressLine2": lambda _, c: c.address.line2,
    "city": lambda _, c: c.address.city,
    "state": lambda _, c: c.address.state,
    "zip": lambda _, c: c.address.postal_code,
    "country": lambda t, c: t.country(c.address.country),
    "phoneNumber": lambda _, c: c.phone,
    "faxNumber": lambda *_: None,
    "website": lambda _, c: c.website,
    "leadFlag": lambda *_: False,
    "unsubscribeFlag": lambda *_: False,
    "deletedFlag": lambda _, c: c.is_deleted,
    "dateDeleted": lambda _, c: stamp(c.deleted_at),
    "deletedBy": lambda _, c: "jdoe" if c.is_deleted else None,
    "types": lambda t, c: [
        t.named_reference("type", "company/companies/types", id_, t.world.company_types) for id_ in c.type_ids
    ],
    "site": lambda t, c: t.site(next(iter(t.world.sites.by("company_id").get(c.id, ())), None), c.id),
    "customFields": lambda t, c: custom_fields(t.world.fields_of("company"), c.id, c.custom_fields),
    "_info": lambda _, c: info(c.updated_at, dateEntered=stamp(c.created_at), enteredBy="jdoe"),
}

# Older sites have no `company`; their path names it.
SITE: Fields[Site] = {
    "id": lambda _, s: s.id,
    "name": lambda _, s: s.name,
    "addressLine1": lambda _, s: s.address.line1,
    "addressLine2": lambda _, s: s.address.line2,
    "city": lambda _, s: s.address.city,
    "stateReference": lambda t, s: t.state(s.address.state),
    "zip": lambda _, s: s.address.postal_code,
    "country": lambda t, s: t.country(s.address.country),
    "phoneNumber": lambda _, s: s.phone,
    "faxNumber": lambda *_: None,
    "primaryAddressFlag": lambda _, s: s.is_primary,
    "defaultShippingFlag": lambda *_: False,
    "defaultBillingFlag": lambda _, s: s.is_primary,
    "defaultMailingFlag": lambda *_: False,
    "inactiveFlag": lambda _, s: not s.is_active,
    "company": lambda t, s: t.company(s.company_id) if s.id % 5 else None,
    "customFields": lambda t, s: custom_fields(t.world.fields_of("site"), s.id, {}),
    "_info": lambda _, s: info(s.updated_at),
}
