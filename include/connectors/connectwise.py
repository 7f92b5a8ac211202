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

import base64
import logging
import math
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import quote, urlsplit

from include.connectors import NAMES
from include.connectors.base import Cell, Choice, Connector, Stream, at
from include.connectors.values import OddValue, boolean, day, instant, integer, items, negated, pick, text
from include.errors import (
    AuthError,
    ConfigError,
    NotFound,
    RequestRefused,
    RightsError,
    ServerError,
    ShapeError,
)
from include.http.client import TRIES, Answer, Client, Traffic
from include.http.pace import Pace
from include.http.paging import MOST_SKIPPED, Batch, Keyset, Page, Reject, integer_key
from include.http.session import PsaLogin, mask
from include.settings import Settings, resolve

log = logging.getLogger(__name__)

VERSION = "2025.1"
ROUTER_CODEBASE = "v4_6_release/"
PAGE_SIZE = 1000
DEFAULT_PAGE_SIZE = 25  # what the server deals in when it does not listen
IDS_PER_REQUEST = 100  # keeps an address well under 2,000 characters
PER_MINUTE = {"sites": 600}  # of the tenant's 1,000, when all kinds run at once; the rest is for its other tools
PER_MINUTE_OTHERS = 60

COMPANIES = "/company/companies"
COMPANY_STATUSES = "/company/companies/statuses"
COMPANY_TYPES = "/company/companies/types"
CONFIGURATIONS = "/company/configurations"
CONTACTS = "/company/contacts"
BOARDS = "/service/boards"
PRIORITIES = "/service/priorities"
LISTS = {
    "statuses": COMPANY_STATUSES,
    "companies": COMPANIES,
    "assets": CONFIGURATIONS,
    "contacts": CONTACTS,
    "ticket_settings": BOARDS,
}
PASSWORD = "Password"  # noqa: S105 - the vendor's name of a type of custom field
ENTITIES = {"assets": CONFIGURATIONS, "contacts": CONTACTS}


# ---- what becomes of a record ----


def full_name(r: Any, _: Settings) -> str | None:
    return " ".join(filter(None, (pick(text, r, "firstName"), pick(text, r, "lastName")))) or None


def contact_types(r: Any, _: Settings) -> str | None:
    kinds = pick(items, r, "types") or ([r["type"]] if r.get("type") else [])
    return ", ".join(filter(None, (pick(text, kind, "name") for kind in kinds))) or None


def state(r: Any, _: Settings) -> str | None:
    return pick(text, r, "stateReference", "identifier") or pick(text, r, "stateReference", "name")


def main_item(r: Any, kind: str) -> Any:
    """The default e-mail address or telephone number, else the first; None when there is none."""
    of_kind = [item for item in pick(items, r, "communicationItems") if item.get("communicationType") == kind]
    return next((item for item in of_kind if pick(boolean, item, "defaultFlag")), of_kind[0] if of_kind else None)


def e_mail(r: Any, _: Settings) -> str | None:
    return pick(text, main_item(r, "Email"), "value")


def phone(r: Any, _: Settings) -> str | None:
    return phone_part(r, "value", "defaultPhoneNbr")


def phone_extension(r: Any, _: Settings) -> str | None:
    return phone_part(r, "extension", "defaultPhoneExtension")


def phone_part(r: Any, key: str, default: str) -> str | None:
    """Of the main number; the defaults count where no list came at all, since they can hold a fax number."""
    return pick(text, main_item(r, "Phone"), key) if r.get("communicationItems") else pick(text, r, default)


def custom_fields(table: str) -> Cell:
    """Chosen name → value; the vendor leaves the key `value` out where a field is empty."""

    def read(r: Any, settings: Settings) -> dict[str, Any] | None:
        chosen = settings.chosen(table)
        if not chosen:
            return None
        by_id = {str(field.get("id")): field for field in pick(items, r, "customFields")}
        return {name: custom_value(by_id.get(key)) for name, key in chosen.items()}

    return Cell(("customFields",), read, "asked for when setup chooses any; fields of type Password never")


def custom_value(field: Any) -> Any:
    """Text, number or boolean as the vendor types it, a date as `YYYY-MM-DD`; never a password."""
    if field is None or field.get("type") == PASSWORD:
        return None
    value = field.get("value")
    if field.get("type") == "Date":
        with suppress(OddValue):
            return as_date.isoformat() if (as_date := day(value)) else None
    if isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return pick(text, {"customFields": field}, "customFields", "value")


COMMON = {
    "source_id": at(text, "id"),
    "source_updated_at": at(instant, "_info.lastUpdated"),
}
ADDRESS = {
    "address_line_1": at(text, "addressLine1"),
    "address_line_2": at(text, "addressLine2"),
    "city": at(text, "city"),
    "postal_code": at(text, "zip"),
    "country": at(text, "country.name"),
}
STATUS_CELLS = {
    **COMMON,
    "name": at(text, "name"),
    "is_default": at(boolean, "defaultFlag"),
}
COMPANY_CELLS = {
    **COMMON,
    "name": at(text, "name"),
    "website": at(text, "website"),
    "status": at(text, "status.name"),
    "status_source_id": at(text, "status.id", note="may name a status that was deleted"),
    "is_deleted": at(lambda flag: bool(boolean(flag)), "deletedFlag"),
    "deleted_at": at(instant, "dateDeleted"),
}
SITE_CELLS = {
    **COMMON,
    "name": at(text, "name"),
    "company_source_id": at(text, "company.id", note="the company whose list it stands in"),
    "is_active": at(negated, "inactiveFlag", older="inactive"),
    "is_primary": at(boolean, "primaryAddressFlag"),
    **ADDRESS,
    "state": Cell(("stateReference.identifier", "stateReference.name"), state, "the short form, as contacts have it"),
}
ASSET_CELLS = {
    **COMMON,
    "name": at(text, "name"),
    "type": at(text, "type.name"),
    "status": at(text, "status.name"),
    "manufacturer": at(text, "manufacturer.name"),
    "serial_number": at(text, "serialNumber"),
    "os_type": at(text, "osType"),
    "purchase_date": at(day, "purchaseDate", note="the calendar date as written, no time zone applied"),
    "warranty_expires_on": at(day, "warrantyExpirationDate", note="likewise"),
    "notes": at(text, "notes"),
    "company_source_id": at(text, "company.id"),
    "site_source_id": at(text, "site.id"),
    "contact_source_id": at(text, "contact.id"),
    "custom_fields": custom_fields("assets"),
}
CONTACT_CELLS = {
    **COMMON,
    "name": Cell(("firstName", "lastName"), full_name),
    "type": Cell(("types",), contact_types, "labels, comma-separated", older=("type.name",)),
    "title": at(text, "title"),
    "email": Cell(("communicationItems",), e_mail, "the default address, else the first"),
    "phone": Cell(("communicationItems", "defaultPhoneNbr"), phone, "the default number, else the first"),
    "phone_extension": Cell(("communicationItems", "defaultPhoneExtension"), phone_extension, "of that number"),
    **ADDRESS,
    "state": at(text, "state"),
    "is_active": at(negated, "inactiveFlag"),
    "company_source_id": at(text, "company.id"),
    "site_source_id": at(text, "site.id"),
    "custom_fields": custom_fields("contacts"),
}
BOARD_CELLS = {
    **COMMON,
    "name": at(text, "name"),
    "is_active": at(negated, "inactiveFlag"),
}
BOARD_STATUS_CELLS = {
    **COMMON,
    "name": at(text, "name"),
    "board_source_id": at(text, "board.id", note="the board whose list it stands in"),
    "is_closed": at(boolean, "closedStatus"),
    "is_active": at(negated, "inactive"),
    "sort_order": at(integer, "sortOrder"),
}
PRIORITY_CELLS = {
    **COMMON,
    "name": at(text, "name"),
    "color": at(text, "color"),
    "sort_order": at(integer, "sortOrder", older="sort"),
}


def requested(cells: Mapping[str, Cell]) -> str:
    """The parameter `fields`: what the cells read and nothing else; custom fields are added where any is chosen."""
    paths = {path.replace(".", "/") for cell in cells.values() for path in cell.fields}
    whole = {"_info" if path.startswith("_info/") else path for path in paths - {"customFields"}}
    return ",".join(["id", *sorted(whole - {"id"})])


# ---- the account ----


@dataclass
class ConnectWise:
    """An open login at one tenant."""

    client: Client
    company_id: str
    codebase: str | None = None

    @property
    def traffic(self) -> Traffic:
        return self.client.traffic

    def get(self, path: str, params: dict[str, str | int] | None = None, *, tries: int = TRIES) -> Answer:
        """GET below the API root; after a 404 once more if the tenant was moved to another codebase."""
        self.codebase = self.codebase or self._published_codebase() or ROUTER_CODEBASE
        try:
            return self._get(path, params, tries)
        except NotFound as error:
            published = self._published_codebase()
            if published in (None, self.codebase):
                raise NotFound(f"{error.said} The cloud also answers 404 to wrong credentials.") from None
            log.info("ConnectWise moved this tenant from %s to %s.", self.codebase, published)
            self.codebase = published
        return self._get(path, params, tries)

    def _get(self, path: str, params: dict[str, str | int] | None, tries: int) -> Answer:
        return self.client.get(f"/{self.codebase}apis/3.0{path}", params, tries=tries)

    def _published_codebase(self) -> str | None:
        """Where the tenant's API is now; None from servers that do not publish it, some self-hosted ones."""
        path = f"/login/companyinfo/{quote(self.company_id, safe='')}"
        try:
            info = self.client.get(path, anonymous=True, tries=2).body
        except (NotFound, AuthError, RequestRefused):
            return None
        except ServerError as error:
            if error.status != 200:
                raise
            return None
        if info is None:
            raise ConfigError(
                f"{self.client.base_url} knows no company '{self.company_id}'. It is what stands before the '+' in "
                "the connection's login: the company name of your ConnectWise sign-in page."
            )
        codebase = info.get("Codebase") if isinstance(info, dict) else None
        return f"{codebase.strip('/')}/" if isinstance(codebase, str) and codebase.strip("/") else None

    def count(self, path: str, conditions: str = "", child_conditions: str = "") -> int | None:
        """The server's own total; None where it keeps or tells none."""
        try:
            body = self.get(f"{path}/count", query(conditions=conditions, childConditions=child_conditions)).body
        except (NotFound, RequestRefused, RightsError):
            return None
        total = body.get("count") if isinstance(body, dict) else None
        if not isinstance(total, int):
            raise ShapeError(f"ConnectWise: {path}/count did not answer with a count.")
        return total

    def listing(
        self, path: str, *, fields: str = "", conditions: str = "", child_conditions: str = ""
    ) -> Iterator[Page]:
        """A whole top-level listing, its end proven by the server's total."""
        return self._walk(
            path, fields, conditions, child_conditions, lambda: self.count(path, conditions, child_conditions)
        )

    def children(self, path: str, *, fields: str = "") -> Iterator[Page]:
        """A short listing below a parent, without a total to compare with."""
        return self._walk(path, fields, "", "", lambda: None)

    def _walk(
        self, path: str, fields: str, conditions: str, child_conditions: str, count: Callable[[], int | None]
    ) -> Iterator[Page]:
        def fetch(after: int | None, size: int, tries: int, wanted: str = fields) -> Batch:
            above = "" if after is None else f"id>{after}"
            where = " and ".join(filter(None, (f"({conditions})" if conditions and above else conditions, above)))
            params = query(conditions=where, childConditions=child_conditions, fields=wanted, orderBy="id asc")
            answer = self.get(path, {**params, "page": 1, "pageSize": size}, tries=tries)
            if not isinstance(answer.body, list):
                raise ShapeError(f"ConnectWise: {path} answered with {type(answer.body).__name__}, not a list.")
            return Batch(answer.body, answer.has_next)

        def next_key(after: int | None) -> int | None:
            records = fetch(after, 1, TRIES, "id").records
            return integer_key(records[0]) if records else None

        return Keyset(f"ConnectWise {path}", fetch, next_key, count, PAGE_SIZE, DEFAULT_PAGE_SIZE, TRIES).pages()

    def labels(self, path: str) -> dict[str, str]:
        """id → name of a setup table."""
        records = [record for page in self.listing(path, fields="id,name") for record in page.records]
        return {str(known_key(record, path)): pick(text, record, "name") or "" for record in records}


def known_key(record: Any, path: str) -> int:
    """The id of a record that other listings hang on, so that it cannot be passed over."""
    key = integer_key(record)
    if key is None:
        raise ShapeError(f"ConnectWise: a record of {path} has no usable 'id'.")
    return key


def query(**params: str) -> dict[str, str | int]:
    """Parameters without the empty ones."""
    return {name: value for name, value in params.items() if value}


def connect(session: Any, login: PsaLogin, kind: str) -> ConnectWise:
    """Check what was typed into the connection; asks the network nothing yet."""
    company_id, plus, public_key = login.login.partition("+")
    if not (plus and company_id and public_key):
        raise ConfigError(f"The login of the connection '{login.conn_id}' must read '<company id>+<public key>'.")
    client_id = login.extra.get("clientId")
    if not isinstance(client_id, str) or not client_id.strip():
        raise ConfigError(
            f'The connection \'{login.conn_id}\' needs the extra {{"clientId": "…"}}: '
            "the id that developer.connectwise.com gives to each integration."
        )
    for name, typed in (("login", login.login), ("password", login.password), ("extra clientId", client_id)):
        if not typed.strip().isascii() or not typed.strip().isprintable():
            raise ConfigError(
                f"The {name} of the connection '{login.conn_id}' holds a character that no key has, perhaps an "
                "invisible one: type or paste it anew."
            )
    basic = base64.b64encode(f"{login.login}:{login.password}".encode()).decode()
    mask(login.password, public_key, basic)
    client = Client(
        vendor="ConnectWise",
        session=session,
        base_url=api_origin(login.origin),
        pace=Pace(PER_MINUTE.get(kind, PER_MINUTE_OTHERS)),
        headers={
            "Accept": f"application/vnd.connectwise.com+json; version={login.extra.get('version') or VERSION}",
            "clientId": client_id.strip(),
        },
        secrets=(login.password, basic, public_key),
    )
    return ConnectWise(client, company_id)


def api_origin(typed: str) -> str:
    """The cloud's API answers only on hosts that begin with `api-`; people type the one they sign in at."""
    parts = urlsplit(typed)
    host = parts.hostname or ""
    cloud = host.endswith((".myconnectwise.net", ".connectwisedev.com"))
    return f"{parts.scheme}://{'api-' if cloud and not host.startswith('api-') else ''}{parts.netloc}"


# ---- the streams ----


def listed(path: str, cells: Mapping[str, Cell]) -> Callable[[ConnectWise, Settings], Iterator[Page]]:
    """A stream that is one listing."""
    return lambda api, _: api.listing(path, fields=requested(cells))


def companies(api: ConnectWise, settings: Settings) -> Iterator[Page]:
    return chosen_companies(api, settings, requested(COMPANY_CELLS))


def chosen_companies(api: ConnectWise, settings: Settings, fields: str) -> Iterator[Page]:
    """The companies that setup wants; a server that ignores the filter would deliver others."""
    statuses, types = company_filter(api, settings)
    fields += ",status/id" * bool(statuses and "status/id" not in fields) + ",types" * bool(types)

    def wanted(record: Any) -> bool:
        status = pick(text, record, "status", "id")
        kinds = {pick(text, kind, "id") for kind in pick(items, record, "types")} if types else set()
        return (not statuses or status in statuses) and (not types or bool(kinds & set(types)))

    pages = api.listing(
        COMPANIES, fields=fields, conditions=one_of("status/id", statuses), child_conditions=one_of("types/id", types)
    )
    yield from obeyed(pages, wanted, COMPANIES)


def obeyed(pages: Iterable[Page], wanted: Callable[[Any], bool], path: str) -> Iterator[Page]:
    """The pages, unless one holds a record that was not asked for."""
    for page in pages:
        if not all(wanted(record) for record in page.records):
            raise ShapeError(f"ConnectWise: {path} delivered records that were filtered out: the filter was ignored.")
        yield page


def company_filter(api: ConnectWise, settings: Settings) -> tuple[list[str], list[str]]:
    """Ids of the statuses and of the types that setup wants; empty means all."""
    statuses, problems = filter_ids(api, COMPANY_STATUSES, settings.company_statuses, "company status")
    types, more_problems = filter_ids(api, COMPANY_TYPES, settings.company_types, "company type")
    if problems or more_problems:
        raise ConfigError(" ".join(problems + more_problems))
    return statuses, types


def filter_ids(api: ConnectWise, path: str, wanted: tuple[str, ...], what: str) -> tuple[list[str], list[str]]:
    return resolve(wanted, api.labels(path), what=what) if wanted else ([], [])


def one_of(field: str, ids: Iterable[Any]) -> str:
    joined = ",".join(map(str, ids))
    return f"{field} in ({joined})" if joined else ""


def company_ids(api: ConnectWise, settings: Settings) -> list[int]:
    """Ids of the companies that setup wants, deleted ones included: the API still has what belongs to them."""
    pages = chosen_companies(api, settings, "id")
    return [known_key(record, COMPANIES) for page in pages for record in page.records]


def of_companies(path: str, cells: Mapping[str, Cell], table: str) -> Callable[[ConnectWise, Settings], Iterator[Page]]:
    """A listing that follows the company filter, a hundred companies a request."""

    def read(api: ConnectWise, settings: Settings) -> Iterator[Page]:
        fields = requested(cells) + (",customFields" if settings.chosen(table) else "")
        if not settings.filters_companies:
            yield from api.listing(path, fields=fields)
            return
        ids = iter(company_ids(api, settings))
        while chunk := {str(key) for key in islice(ids, IDS_PER_REQUEST)}:
            pages = api.listing(path, fields=fields, conditions=one_of("company/id", sorted(chunk, key=int)))
            yield from obeyed(pages, partial(belongs_to, chunk), path)

    return read


def belongs_to(companies: Container[str | None], record: Any) -> bool:
    return pick(text, record, "company", "id") in companies


def sites(api: ConnectWise, settings: Settings) -> Iterator[Page]:
    """Each company's own list. No `fields`: live servers refuse some of the documented names here."""
    ids = company_ids(api, settings)
    unread = 0
    for done, company_id in enumerate(ids, start=1):
        try:
            for page in api.children(f"{COMPANIES}/{company_id}/sites"):
                records = [r | {"company": {"id": company_id}} if isinstance(r, dict) else r for r in page.records]
                yield replace(page, records=records, done=done, of=len(ids))
        except NotFound as error:
            living = api.count(COMPANIES, f"id={company_id}")
            unread += bool(living)
            if living is None or unread > MOST_SKIPPED:  # then it is not about this company
                raise
            if living:
                reason = f"the sites of company {company_id} are not there, though it is: {error.said}"
                yield Page([], [Reject(None, reason, scope=("company_source_id", str(company_id)))], done, len(ids))
            else:
                log.info("Company %s was deleted while its sites were being read.", company_id)


def board_statuses(api: ConnectWise, _: Settings) -> Iterator[Page]:
    """Each board's own list; a board that the API member may not see keeps what is known of it."""
    boards = api.labels(BOARDS)
    refused = 0
    for done, (board_id, name) in enumerate(boards.items(), start=1):
        try:
            for page in api.children(f"{BOARDS}/{board_id}/statuses", fields=requested(BOARD_STATUS_CELLS)):
                records = [r | {"board": {"id": board_id}} if isinstance(r, dict) else r for r in page.records]
                yield replace(page, records=records, done=done, of=len(boards))
        except RightsError as error:
            refused += 1
            if refused == len(boards):
                raise
            reason = f"the statuses of board '{name}' ({board_id}) may not be read: {error.said}"
            yield Page([], [Reject(None, reason, scope=("board_source_id", board_id))], done, len(boards))


# ---- preflight and setup ----


def probe(api: ConnectWise, kind: str) -> int | None:
    """Read one record, which needs the right to the list, then ask for the count; sites are counted per company."""
    one: dict[str, str | int] = {"fields": "id", "orderBy": "id asc", "page": 1, "pageSize": 1}
    first = api.get(LISTS.get(kind, COMPANIES), one).body
    if kind != "sites":
        return api.count(LISTS[kind])
    if isinstance(first, list) and first:
        api.get(f"{COMPANIES}/{known_key(first[0], COMPANIES)}/sites", {"page": 1, "pageSize": 1})
    return None


def check_settings(api: ConnectWise, settings: Settings) -> list[str]:
    """A sentence for each choice that this tenant does not have."""
    problems: list[str] = []
    for path, wanted, what in (
        (COMPANY_STATUSES, settings.company_statuses, "company status"),
        (COMPANY_TYPES, settings.company_types, "company type"),
    ):
        problems += filter_ids(api, path, wanted, what)[1]
    for table in ENTITIES:
        if settings.chosen(table):
            with suppress(RightsError):  # its kind fails by itself, and the probe has said so
                problems += custom_field_problems(custom_field_choices(api, table), table, settings)
    return problems


def custom_field_problems(available: list[Choice], table: str, settings: Settings) -> list[str]:
    known = {choice.id: choice for choice in available}
    offered = ", ".join(f"{c.id} ({c.label})" for c in available if c.on_records and c.note != PASSWORD)
    problems = []
    for name, key in settings.chosen(table).items():
        if key not in known:
            problems.append(f"custom_fields.{table}.{name}: there is no custom field {key}. There are: {offered}.")
        elif known[key].note == PASSWORD:
            problems.append(f"custom_fields.{table}.{name}: field {key} holds passwords, which are never synced.")
        elif not known[key].on_records:
            log.warning("custom_fields.%s.%s: no record on the first page carries field %s.", table, name, key)
    return problems


def custom_field_choices(api: ConnectWise, table: str) -> list[Choice]:
    """Fields seen on a page of records, then those of the setup list, which does not say what they belong to."""
    on_records = custom_fields_on(next(api.listing(ENTITIES[table], fields="id,customFields")))
    found = {str(integer_key(f)): field_choice(table, f, "type", on_records=True) for f in on_records}
    try:
        for page in api.listing("/system/userDefinedFields", fields="id,caption,fieldTypeIdentifier"):
            for field in filter(has_key, page.records):
                choice = field_choice(table, field, "fieldTypeIdentifier", on_records=False)
                found.setdefault(choice.id, choice)
    except (RightsError, NotFound, RequestRefused) as error:
        log.warning(
            "The setup list of custom fields cannot be read, so only those on records are known: %s", error.said
        )
    return sorted(found.values(), key=lambda choice: (not choice.on_records, int(choice.id)))


def custom_fields_on(page: Page) -> Iterator[Any]:
    """What a record that is odd here carries is found on the others."""
    for record in page.records:
        with suppress(OddValue):
            yield from filter(has_key, pick(items, record, "customFields"))


def has_key(record: Any) -> bool:
    return integer_key(record) is not None


def field_choice(table: str, field: Any, type_key: str, *, on_records: bool) -> Choice:
    caption, kind = (str(field.get(key) or "").strip() for key in ("caption", type_key))
    return Choice(f"custom fields of {table}", str(integer_key(field)), caption, kind, on_records)


def discover(api: ConnectWise) -> list[Choice]:
    """Everything setup can choose."""
    choices = []
    for group, path in (("company types", COMPANY_TYPES), ("company statuses", COMPANY_STATUSES), ("boards", BOARDS)):
        choices += [Choice(group, key, label) for key, label in api.labels(path).items()]
    for table in ENTITIES:
        choices += custom_field_choices(api, table)
    return choices


CONNECTOR = Connector(
    title=NAMES["connectwise"],
    overlap=timedelta(days=1),  # servers disagree about the zone of date filters
    connect=connect,
    probe=probe,
    check_settings=check_settings,
    discover=discover,
    streams=(
        Stream("company_statuses", listed(COMPANY_STATUSES, STATUS_CELLS), STATUS_CELLS),
        Stream("companies", companies, COMPANY_CELLS),
        Stream("company_sites", sites, SITE_CELLS),
        Stream("assets", of_companies(CONFIGURATIONS, ASSET_CELLS, "assets"), ASSET_CELLS),
        Stream("contacts", of_companies(CONTACTS, CONTACT_CELLS, "contacts"), CONTACT_CELLS, ("id", "firstName")),
        Stream("service_boards", listed(BOARDS, BOARD_CELLS), BOARD_CELLS),
        Stream("ticket_statuses", board_statuses, BOARD_STATUS_CELLS),
        Stream("ticket_priorities", listed(PRIORITIES, PRIORITY_CELLS), PRIORITY_CELLS),
    ),
)
