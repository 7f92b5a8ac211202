"""What goes wrong with any PSA, in the words of docs/faults.md; what only one can do stands with its truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.truth import Vendor

COMPLETE = "complete and balanced"
UNTOUCHED = "red, the target untouched"
HELD = "nothing marked deleted before a person decides"


@dataclass(frozen=True)
class Wire:
    """How a vendor's assets look in the listing: rows a page, and the keys of a name, a serial number and a date."""

    page: int
    name: str
    serial: str
    date: str


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
        wire = psa.wire
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
        ("not_a_number", "`NaN` in a record, which is not JSON", UNTOUCHED),
        ("lost_right", "403 on the listing", UNTOUCHED),
        ("edge_block", "403 with the page of a protection service", UNTOUCHED),
        ("redirect", "a redirect to another host", UNTOUCHED),
        ("refusal:status=408,times=2", "408 twice", COMPLETE),
        ("refusal:status=425", "425 for ever", UNTOUCHED),
        ("refusal:status=422,form=fields", "422, with a reason for one field", UNTOUCHED),
        ("hang:times=1", "one answer never comes", COMPLETE),
        ("hang", "no answer ever comes", UNTOUCHED),
        ("slow:ms=100", "slow answers", COMPLETE),
        ("dropped_connection:times=1", "the connection drops in the middle of a page, once", COMPLETE),
        ("dropped_connection", "the connection drops in every page", UNTOUCHED),
        ("repeated_page", "every page is the first one", None),
        ("early_end:rows={half}", "the listing ends in the middle of a page", None),
        ("early_end:rows={two}", "the listing ends with an empty page", None),
        ("capped_page:rows=20", "pages smaller than asked for", COMPLETE),
        ("narrowed_list:rows=3", "only 3 records can be seen, count included", HELD),
        ("emptied_list", "200 and no records, count included", UNTOUCHED),
        ("count_disagrees", "the count is higher than the listing", None),
        ("duplicate_record", "one record comes twice", None),
        ("poisoned_record:nth={nth}", "one record kills its page with 500", None),
        ("nul_bytes", "NUL, invisible marks and lone surrogates in text", COMPLETE),
        ("renamed_key:key={name},to=label", "the key of the name has another name", None),
        ("renamed_key:key={serial},to=sn", "the key of the serial number has another name", None),
        ("missing_id", "one record has no id", COMPLETE),
        ("odd_record:key={date},kind=not_a_date", "a value that cannot be what its place says", COMPLETE),
        ("empty_in_other_forms", "nulls, blanks, empty lists and objects in one another's place", COMPLETE),
        ("respelled", "flags as 1.0 and 0.0, ids as text with blanks", COMPLETE),
    ),
    Case("row_edited_between_pages:path={list}", "a record is edited between two pages", None, stale=1),
    Case("row_deleted_between_pages:path={list}", "a record is deleted between two pages", None, stale=1),
    Case("expired_credentials:after=3", "the login is revoked in mid-run", UNTOUCHED),
    *list_of("companies", ("narrowed_list:rows=3", "3 companies instead of all", None)),
    *list_of("sites", ("lost_right", "403 where sites are read", UNTOUCHED)),
    *list_of("ticket_settings", ("server_error", "500 for ever where boards are read", UNTOUCHED)),
)
