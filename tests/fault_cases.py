"""What goes wrong, in the words of docs/faults.md: the same for every PSA, and what only one of them can do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.truth import Vendor

COMPLETE = "complete and balanced"
UNTOUCHED = "red, the target untouched"


@dataclass(frozen=True)
class Wire:
    """How a vendor's assets look in the listing: rows a page, and the keys of a name, a serial number and a date."""

    page: int
    name: str
    serial: str
    date: str


WIRES: Mapping[str, Wire] = {
    "connectwise": Wire(1000, "name", "serialNumber", "purchaseDate"),
    "autotask": Wire(500, "referenceTitle", "serialNumber", "warrantyExpirationDate"),
    "syncro": Wire(50, "name", "asset_serial", "updated_at"),
    "kaseya_bms": Wire(100, "assetName", "serialNumber", "id"),
    "halopsa": Wire(50, "inventory_number", "fields", "warranty_end"),
}


@dataclass(frozen=True)
class Case:
    """`fault` may hold several, and {list}, {rows}, {name}, {serial}, {date}; `kind` is what is synced meanwhile.

    `outcome` None: it depends on the vendor's paging, and the page says which it is. `stale` rows may show what they
    were when they were read.
    """

    fault: str
    words: str
    outcome: str | None = None
    kind: str = "assets"
    stale: int = 0

    def faults_of(self, psa: Vendor) -> list[str]:
        """Spelled for a vendor."""
        wire = WIRES[psa.name]
        places = {"list": psa.lists.get(self.kind, "*"), "page": wire.page, "half": wire.page * 3 // 2}
        places |= {"two": wire.page * 2, "nth": wire.page * 6 // 5, "name": wire.name, "serial": wire.serial}
        return [fault.format(**places, date=wire.date) for fault in self.fault.split()]


def list_of(kind: str, *faults: tuple[str, str, str | None]) -> Iterator[Case]:
    """Cases of one kind's listing: name and parameters of the fault, words, outcome."""
    for fault, words, outcome in faults:
        name, _, rest = fault.partition(":")
        yield Case(f"{name}:path={{list}}{',' if rest else ''}{rest}", words, outcome, kind)


GENERAL = (
    *list_of(
        "assets",
        ("rate_limit:wait=30", "429, Retry-After 30 seconds", COMPLETE),
        ("rate_limit:wait=30,form=date", "429, Retry-After as a date", COMPLETE),
        ("rate_limit:wait=3600", "429, Retry-After an hour", UNTOUCHED),
        ("rate_limit:times=0", "429 for ever", UNTOUCHED),
        ("server_error:times=2", "500 twice", COMPLETE),
        ("server_error", "500 for ever", UNTOUCHED),
        ("server_error:after=2", "500 from the third request on", UNTOUCHED),
        ("unavailable:times=2", "503 with an HTML page, twice", COMPLETE),
        ("unavailable", "503 with an HTML page, for ever", UNTOUCHED),
        ("html_200:times=1", "200 with an HTML page, once", COMPLETE),
        ("html_200:after=2", "200 with an HTML page, from the third request on", UNTOUCHED),
        ("empty_body", "200 with an empty body", UNTOUCHED),
        ("null_body", "200 with `null`", UNTOUCHED),
        ("not_json", "200 with JSON cut short", UNTOUCHED),
        ("lost_right", "403 on the listing", UNTOUCHED),
        ("hang:times=1", "one answer never comes", COMPLETE),
        ("hang", "no answer ever comes", UNTOUCHED),
        ("slow:ms=100", "slow answers", COMPLETE),
        ("dropped_connection:times=1", "the connection drops in the middle of a page, once", COMPLETE),
        ("dropped_connection", "the connection drops in every page", UNTOUCHED),
        ("repeated_page", "every page is the first one", None),
        ("early_end:rows={half}", "the listing ends in the middle of a page", None),
        ("early_end:rows={two}", "the listing ends with an empty page", None),
        ("capped_page:rows=20", "pages smaller than asked for", COMPLETE),
        ("narrowed_list:rows=3", "only 3 records can be seen, count included", UNTOUCHED),
        ("emptied_list", "200 and no records, count included", UNTOUCHED),
        ("count_disagrees", "the count is higher than the listing", None),
        ("duplicate_record", "one record comes twice", None),
        ("poisoned_record:nth={nth}", "one record kills its page with 500", None),
        ("nul_bytes", "NUL, invisible marks and lone surrogates in text", COMPLETE),
        ("renamed_key:key={name},to=label", "the key of the name has another name", None),
        ("renamed_key:key={serial},to=sn", "the key of the serial number has another name", None),
        ("missing_id", "one record has no id", COMPLETE),
        ("odd_record:key={date},kind=not_a_date", "a value that cannot be what its place says", COMPLETE),
    ),
    Case("row_edited_between_pages:path={list}", "a record is edited between two pages", None, stale=1),
    Case("row_deleted_between_pages:path={list}", "a record is deleted between two pages", None, stale=1),
    Case("expired_credentials:after=3", "the login is revoked in mid-run", UNTOUCHED),
    *list_of("companies", ("narrowed_list:rows=3", "3 companies instead of all", None)),
    *list_of("sites", ("lost_right", "403 where sites are read", UNTOUCHED)),
    *list_of("ticket_settings", ("server_error", "500 for ever where boards are read", UNTOUCHED)),
)

OWN: Mapping[str, tuple[Case, ...]] = {
    "connectwise": (
        Case("expired_credentials:after=3 login_404_html", "wrong keys are answered 404 and HTML", UNTOUCHED),
        Case("codebase_upgraded:after=3", "the tenant moves to a new codebase in mid-run", COMPLETE),
        Case("odd_record:path={list},key=type,kind=list", "a list where an object was due", COMPLETE),
        Case("older_model:path=/company/*", "sites in the shape of an older version", COMPLETE, "sites"),
        Case("server_error:path={list},after=9,times=2", "500 twice among the sites", COMPLETE, "sites"),
        Case("null_body:path={list},after=9,times=1", "`null` for one company's sites", UNTOUCHED, "sites"),
        Case("forbidden_board", "403 on the statuses of one board", COMPLETE, "ticket_settings"),
        Case("lost_right:path=/service/boards/*/statuses", "… of every board", UNTOUCHED, "ticket_settings"),
    ),
    "autotask": (
        Case("tenant_moved:after=3", "the tenant moves to another zone in mid-run", COMPLETE),
        Case("filter_ignored:path={list}", "conditions are ignored, but for the position", COMPLETE),
        Case("filter_ignored:path={list},field=id", "the position in the listing is ignored", None),
        Case("inadequate_permissions:path={list}", "a missing right, told by 500 and words", UNTOUCHED),
        Case("thread_limit:path={list},times=1", "too many calls at once, since another tool called", COMPLETE),
        Case("busy_tenant", "the tenant's other tools have used most of the hour", UNTOUCHED),
        Case("udfs_as_object:path={list}", "user-defined fields are {{}} instead of a list", None),
        Case("numeric_postal_codes:path={list}", "postal codes arrive as numbers", COMPLETE, "sites"),
        Case("ownerless_contacts:path={list}", "inactive contacts are listed with company 0", None, "contacts"),
        Case("newer_release:path={list}", "records have keys that nobody knows yet", COMPLETE),
        Case("empty_picklists", "picklists come without values", None, "ticket_settings"),
        Case("pascal_fields", "fields are spelled as in older releases", None, "ticket_settings"),
    ),
    "syncro": (
        Case("bare_rate_limit:path={list},times=1", "429 that does not say how long", COMPLETE),
        Case("no_meta:path={list}", "lists come without `meta`", None),
        Case("renamed_envelope:path={list}", "the records arrive under another key", UNTOUCHED),
        Case("unstable_slices:path={list}", "records of the end are never listed, others twice", UNTOUCHED),
        Case("missing_right:path={list}", "401 on one path, while the token is good", UNTOUCHED),
        Case("single_customer_user", "the token is one customer's own", UNTOUCHED, "companies"),
        Case("ignored_parameter:param=include_disabled", "disabled customers stay hidden", UNTOUCHED, "companies"),
        Case("no_ticket_types", "the account has no ticket types", UNTOUCHED, "ticket_settings"),
    ),
    "kaseya_bms": (
        Case("success_false:path={list}", "200, Success false and an empty list", UNTOUCHED),
        Case("null_result:path={list}", "200, Success true and a Result of null", UNTOUCHED),
        Case("pascal_case", "names are spelled as in the document", COMPLETE),
        Case("foreign_envelope:path={list}", "an answer of another product", UNTOUCHED),
        Case("filter_ignored:path={list}", "filters are ignored", None, "companies"),
        Case("last_page_repeats:path={list}", "beyond the last page the last page comes again", COMPLETE),
        Case("locations_left_out", "no account says which locations it has", COMPLETE, "sites"),
        Case("token_ends_early:after=5,times=1", "the token ends in mid-run", COMPLETE),
        Case("token_ends_early:after=5,times=1 refresh_refused", "… and cannot be renewed", COMPLETE),
    ),
    "halopsa": (
        Case("paging_ignored:path={list}", "the path does not page, and counts what it served", None),
        Case("filter_ignored:path={list}", "filters are passed over", None),
        Case("active_only:path={list}", "records out of use stay hidden", None),
        Case("older_server", "a server of 2025: no custom fields in lists", None),
        Case("wrapped_lookups", "bare lists come in an envelope", COMPLETE, "ticket_settings"),
        Case("token_ended:after=5,times=1", "the token ends in mid-run", COMPLETE),
        Case("unauthorized_path:path={list}", "401 on one path, while the token is good", UNTOUCHED),
        Case("silent_rate_limit:path={list},times=1", "429 that does not say how long", COMPLETE),
        Case("redirected:path={list}", "302 to the login page", UNTOUCHED),
        Case("nothing_to_see:path={list}", "204 and nothing", UNTOUCHED),
    ),
}
