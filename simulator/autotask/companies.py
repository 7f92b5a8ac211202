"""Companies and their locations: each field of a record and where its value comes from."""

from __future__ import annotations

from datetime import datetime, timedelta

from simulator.autotask.countries import country_id
from simulator.autotask.resource import Field, Resource, moment, text, unfilled
from simulator.autotask.setup import company_types
from simulator.entities import Address, Company, Site
from simulator.table import Rows
from simulator.world import START, World

OWN_COMPANY_ID = 0  # of the MSP itself, in every account
LAG = timedelta(days=40)  # how old a timestamp is that the last change did not set


def own_company() -> Company:
    """The MSP itself, which is a company too."""
    return Company(
        id=OWN_COMPANY_ID,
        identifier="MSP",
        name="Simulated MSP",
        website="https://www.msp.example/",
        status_id=1,
        type_ids=(1,),
        phone=None,
        address=Address(),
        is_deleted=False,
        deleted_at=None,
        created_at=START,
        updated_at=START,
    )


def companies(world: World) -> Rows:
    """All companies that are not deleted. The MSP's own company cannot be deleted."""
    by_deletion = world.companies.by("is_deleted")
    own = [OWN_COMPANY_ID] if OWN_COMPANY_ID in by_deletion.get(True, ()) else []
    return world.companies, [*own, *by_deletion.get(False, ())]


def is_active(world: World, company: Company) -> bool:
    """Autotask has this flag instead of a status."""
    status = world.statuses.get(company.status_id) if company.status_id is not None else None
    return status is None or status.is_active


def last_activity(company: Company) -> datetime:
    """The time of the last activity. Not every edit is one."""
    return company.updated_at - LAG if company.id % 3 == 0 else company.updated_at


def last_tracked_change(company: Company) -> datetime | None:
    """The time of the last tracked edit, which is often older than the last activity, or missing."""
    return {0: company.updated_at, 1: None, 2: company.updated_at - LAG}[company.id % 3]


COMPANY: Resource[Company] = Resource(
    path="Companies",
    name="Company",
    kind="companies",
    source=companies,
    custom="company",
    fields={
        **unfilled(
            "string",
            """additionalAddressInformation alternatePhone1 alternatePhone2 billToAdditionalAddressInformation
            billingAddress1 billingAddress2 billToAttention billToCity billToState billToZipCode fax sicCode
            stockMarket stockSymbol taxID""",
        ),
        **unfilled(
            "integer",
            """apiVendorID billToCompanyLocationID billToAddressToUse billToCountryID classification competitorID
            createdByResourceID currencyID impersonatorCreatorResourceID invoiceEmailMessageID invoiceMethod
            invoiceTemplateID marketSegmentID ownerResourceID parentCompanyID quoteEmailMessageID quoteTemplateID
            taxRegionID territoryID""",
        ),
        **unfilled("double", "assetValue surveyCompanyRating"),
        **unfilled(
            "boolean",
            """invoiceNonContractItemsToParentCompany isClientPortalActive isEnabledForComanaged isTaskFireActive
            isTaxExempt""",
        ),
        "id": Field("long", lambda _, c: c.id),
        "companyName": text(lambda _, c: c.name, 100),
        "companyNumber": text(lambda _, c: c.identifier, 50),
        "companyType": Field("integer", lambda _, c: next(iter(c.type_ids), None), choices=company_types),
        "isActive": Field("boolean", is_active),
        "address1": text(lambda _, c: c.address.line1, 128),
        "address2": text(lambda _, c: c.address.line2, 128),
        "city": text(lambda _, c: c.address.city, 30),
        "state": text(lambda _, c: c.address.state, 40),
        "postalCode": text(lambda _, c: c.address.postal_code, 10),
        "countryID": Field("integer", lambda _, c: country_id(c.address.country), refers_to="Country"),
        "phone": text(lambda _, c: c.phone, 25),
        "webAddress": text(lambda _, c: c.website, 255),
        "createDate": moment(lambda _, c: c.created_at),
        "lastActivityDate": moment(lambda _, c: last_activity(c)),
        "lastTrackedModifiedDateTime": moment(lambda _, c: last_tracked_change(c)),
    },
)

LOCATION: Resource[Site] = Resource(
    path="CompanyLocations",
    name="CompanyLocation",
    kind="sites",
    source=lambda world: (world.sites, world.sites.ids),
    custom="site",
    indexes={"companyID": "company_id"},
    fields={
        **unfilled("string", "alternatePhone1 alternatePhone2 description fax"),
        **unfilled("integer", "taxRegionID"),
        **unfilled("boolean", "isTaxExempt overrideAccountTaxSettings"),
        **unfilled("double", "roundtripDistance"),
        "id": Field("long", lambda _, s: s.id),
        "companyID": Field("integer", lambda _, s: s.company_id, refers_to="Company"),
        "name": text(lambda _, s: s.name, 100),
        "isActive": Field("boolean", lambda _, s: s.is_active),
        "isPrimary": Field("boolean", lambda _, s: s.is_primary),
        "address1": text(lambda _, s: s.address.line1, 128),
        "address2": text(lambda _, s: s.address.line2, 128),
        "city": text(lambda _, s: s.address.city, 50),
        "state": text(lambda _, s: s.address.state, 25),
        "postalCode": text(lambda _, s: s.address.postal_code, 20),
        "countryID": Field("integer", lambda _, s: country_id(s.address.country), refers_to="Country"),
        "phone": text(lambda _, s: s.phone, 25),
    },
)
