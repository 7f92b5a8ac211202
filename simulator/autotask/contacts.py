"""Contacts: each field of a record and where its value comes from."""

from __future__ import annotations

from simulator.autotask.companies import LAG, OWN_COMPANY_ID
from simulator.autotask.countries import country_id
from simulator.autotask.resource import Field, Resource, moment, text, unfilled
from simulator.entities import NO_ADDRESS, Contact


def number_of(contact: Contact, kind: str) -> str | None:
    """The contact's phone number of this kind."""
    return next((phone.number for phone in contact.phones if phone.kind_label == kind), None)


def extension(contact: Contact) -> str | None:
    """The extension of the number in `phone`."""
    return next((phone.extension for phone in contact.phones if phone.kind_label == "Direct"), None)


def email(contact: Contact, place: int) -> str | None:
    """The e-mail address in the first, second or third place. The default one comes first, but some start later."""
    addresses = [one.address for one in sorted(contact.emails, key=lambda one: not one.is_default)]
    place -= {4: 1, 5: 2}.get(contact.id % 9, 0)
    return addresses[place] if 0 <= place < len(addresses) else None


def owner_id(contact: Contact) -> int:
    """The contact's company; contacts without one are listed with the MSP itself."""
    return OWN_COMPANY_ID if contact.company_id is None else contact.company_id


CONTACT: Resource[Contact] = Resource(
    path="Contacts",
    name="Contact",
    kind="contacts",
    source=lambda world: (world.contacts, world.contacts.ids),
    custom="contact",
    indexes={"companyID": "company_id"},
    fields={
        **unfilled(
            "string",
            """externalID facebookUrl linkedInUrl middleInitial note
            roomNumber twitterUrl""",
        ),
        **unfilled("integer", "apiVendorID impersonatorCreatorResourceID namePrefix nameSuffix"),
        **unfilled("datetime", "bulkEmailOptOutTime createDate solicitationOptOutTime"),
        **unfilled("boolean", "receivesEmailNotifications"),
        **unfilled("boolean", "isOptedOutFromBulkEmail solicitationOptOut surveyOptOut", queryable=False),
        "id": Field("long", lambda _, c: c.id),
        "companyID": Field("integer", lambda _, c: owner_id(c), refers_to="Company"),
        "companyLocationID": Field("integer", lambda _, c: c.site_id, refers_to="CompanyLocation"),
        "firstName": text(lambda _, c: c.first_name, 50),
        "lastName": text(lambda _, c: c.last_name, 50),
        "title": text(lambda _, c: c.title, 50),
        # A number for contacts, and a boolean in every other resource.
        "isActive": Field("integer", lambda _, c: int(c.is_active)),
        "emailAddress": text(lambda _, c: email(c, 0), 254),
        "emailAddress2": text(lambda _, c: email(c, 1), 254),
        "emailAddress3": text(lambda _, c: email(c, 2), 254),
        "primaryContact": Field("boolean", lambda _, c: "Decision Maker" in c.type_names),
        "phone": text(lambda _, c: number_of(c, "Direct"), 25),
        "extension": text(lambda _, c: extension(c), 10),
        "mobilePhone": text(lambda _, c: number_of(c, "Cell"), 25),
        "alternatePhone": text(lambda _, c: number_of(c, "Home"), 32),
        "faxNumber": text(lambda _, c: number_of(c, "Fax"), 25),
        "addressLine": text(lambda _, c: (c.address or NO_ADDRESS).line1, 128),
        "addressLine1": text(lambda _, c: (c.address or NO_ADDRESS).line2 if c.id % 2 else None, 128),
        "additionalAddressInformation": text(lambda _, c: None if c.id % 2 else (c.address or NO_ADDRESS).line2, 100),
        "city": text(lambda _, c: (c.address or NO_ADDRESS).city, 32),
        "state": text(lambda _, c: (c.address or NO_ADDRESS).state, 40),
        "zipCode": text(lambda _, c: (c.address or NO_ADDRESS).postal_code, 16),
        "countryID": Field("integer", lambda _, c: country_id((c.address or NO_ADDRESS).country), refers_to="Country"),
        # Either of the two may be the later one.
        "lastModifiedDate": moment(lambda _, c: c.updated_at - LAG if c.id % 3 == 0 else c.updated_at),
        "lastActivityDate": moment(lambda _, c: c.updated_at if c.id % 3 == 0 else c.updated_at - LAG),
    },
)
