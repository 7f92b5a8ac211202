"""A client of one Autotask tenant: its zone, the rest of its hourly limit, its queries."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from include.connectors.autotask.conditions import Condition, from_key
from include.connectors.common.filters import require_filter, wanted_or_invalid
from include.connectors.common.responses import member, required_count
from include.http.call import Answer
from include.http.client import TRIES, HttpClient
from include.http.paging import Keyset, integer_key
from include.http.parts import Part
from include.model.errors import AuthError, NotFound, RateLimited, RightsError, ShapeError
from include.model.page import Page, Record

log = logging.getLogger(__name__)

PAGE_SIZE = 500  # the most that a query gives
MOST_AT_ONCE = 2  # of an entity; all tasks together have no more
KEYS_PER_QUERY = 400  # 500 alternatives are refused, and each value counts as one
SERVICES = "/ATServicesRest"
VERSION = "V1.0"
THRESHOLD = "externalRequestThreshold"
CLOUD = re.compile(r"https://([a-z0-9-]+\.)+autotask\.net(:\d+)?", re.IGNORECASE)  # and no more: no user, no \
POLITE_SHARE = 0.75  # of the tenant's hour, by whomever it was used; from there on every answer is delayed, too
LATER_SECONDS = 600.0
ZONE, WEB, CHECKED = "zone", "zone's pages", "threshold checked at"  # in what is known of the server


@dataclass
class AutotaskClient:
    """An open login at one tenant."""

    http: HttpClient
    user: str
    unreadable_names: set[str] = field(default_factory=set)
    """Entities whose names the API user may not read."""
    protected_fields: frozenset[str] | None = None
    """Custom fields that Autotask itself hides from most users, once they were read."""
    tickets_fit: bool = False
    """Whether all tickets that met the last question's filters fit into one answer."""
    _threshold_checked: bool = False
    _about: dict[str, Record] = field(default_factory=dict)

    def count(self, entity: str, conditions: Sequence[Condition] = (), after: int | None = None) -> int:
        """The server's own total, of the records with an id above `after`."""
        asked = {"filter": [from_key(after), *(one.asked for one in conditions)]}
        return required_count(self._post(entity, "query/count", asked), f"Autotask: {entity}/query/count", "queryCount")

    def part(
        self, entity: str, fields: Sequence[str], conditions: Sequence[Condition] = (), *, counted: bool = True
    ) -> Part:
        """Every record that meets the conditions, as a listing or a part of one; no `fields` asks for all of them.

        The end is proven by the server's count; else by a page that is not full and announces no next one.
        """

        def fetch(after: int | None, size: int, tries: int, wanted: Sequence[str] = fields) -> Page:
            return self._page(entity, _query(wanted, conditions, after, size), tries)

        def next_key(after: int | None) -> int | None:
            records = fetch(after, 1, TRIES, ["id"]).records
            return integer_key(records[0]) if records else None

        def count(after: int | None) -> int | None:
            return self.count(entity, conditions, after) if counted else None

        listing = f"{entity} {[one.asked for one in conditions]}"
        what, at_once = f"Autotask {entity}", min(self.http.at_once, MOST_AT_ONCE)
        keyset = Keyset(what, fetch, next_key, count, PAGE_SIZE, PAGE_SIZE, TRIES, listing, at_once)
        pages = lambda resume: _filtered(keyset.pages(resume), conditions, entity)  # noqa: E731
        return Part(listing, pages, keyset.is_as_it_was)

    def records(self, entity: str, fields: Sequence[str], conditions: Sequence[Condition] = ()) -> Iterator[Record]:
        """Every record that meets the conditions, without a count: for short lists."""
        pages = self.part(entity, fields, conditions, counted=False).pages(None)
        return (record for page in pages for record in page.records)

    def one_page(self, entity: str, fields: Sequence[str], conditions: Sequence[Condition]) -> Page:
        """As much of a listing as one request gives."""
        page = self._page(entity, _query(fields, conditions, None, PAGE_SIZE))
        return next(_filtered([page], conditions, entity))

    def about(self, entity: str, part: str = "") -> Record:
        """What the vendor says of an entity, its `fields` or its `userDefinedFields`; asked once."""
        path = f"{entity}/entityInformation/{part}".rstrip("/")
        if path not in self._about:
            self._about[path] = self._ask(lambda root: self.http.get(f"{root}/{path}", endpoint=entity)).body
        return self._about[path]

    def _page(self, entity: str, asked: Record, tries: int = TRIES) -> Page:
        answer, what = self._post(entity, "query", asked, tries), f"Autotask: {entity}/query"
        details = member(answer, "pageDetails", dict, what)
        if "nextPageUrl" not in details:
            raise ShapeError(f"{what} answered with a page that does not say whether there is another.")
        return Page(member(answer, "items", list, what), has_next=bool(details["nextPageUrl"]))

    def _post(self, entity: str, path: str, asked: Record, tries: int = TRIES) -> Record:
        return self._ask(
            lambda root: self.http.post(f"{root}/{entity}/{path}", asked, tries=tries, endpoint=entity)
        ).body

    def _ask(self, send: Callable[[str], Answer]) -> Answer:
        if not self._threshold_checked:
            self._check_threshold()
            self._threshold_checked = True
        return self._in_zone(send)

    def _in_zone(self, send: Callable[[str], Answer]) -> Answer:
        """Send to the tenant's zone, which is asked for again after a refusal: tenants are moved between zones."""
        if ZONE not in self.http.known:
            self._ask_zone()
        root = self.root
        try:
            return send(root)
        except (AuthError, NotFound) as refused:
            if isinstance(refused, RightsError):
                raise
            self._ask_zone()
            if self.root == root:
                raise
            log.info("Autotask moved this tenant from %s to %s.", root, self.root)
        return send(self.root)

    def _ask_zone(self) -> None:
        """Ask for the zone of the API user's tenant."""
        path = f"{SERVICES}/{VERSION}/ZoneInformation"
        answer = self.http.get(path, {"user": self.user}, anonymous=True, endpoint="ZoneInformation").body
        self.http.known[ZONE] = member(answer, "url", str, "Autotask: ZoneInformation")
        self.http.known[WEB] = str(answer.get("webUrl"))

    @property
    def root(self) -> str:
        """The address of the tenant's zone. It is sent credentials, so it must be a server of Autotask."""
        return f"{self._trusted(self.http.known[ZONE])}/{VERSION}"

    @property
    def web(self) -> str | None:
        """The address of the zone's pages for people; without it tickets have no links."""
        try:
            return self._trusted(self.http.known[WEB])
        except (KeyError, ShapeError):
            return None

    def _trusted(self, address: Record) -> str:
        """An address at Autotask, or at the connection's own host, as it is put before a path."""
        try:
            named = urlsplit(str(address))
        except ValueError:
            raise ShapeError("Autotask: ZoneInformation names no address.") from None
        server = f"{named.scheme}://{named.netloc}"
        if server != self.http.base_url and not CLOUD.fullmatch(server):
            raise ShapeError(f"Autotask: ZoneInformation names {server}, which is not Autotask.")
        return server + named.path.rstrip("/")

    def _check_threshold(self) -> None:
        """Stop before the tenant's hourly limit is used up, which would lock out all its integrations.

        Tasks that begin soon after preflight rely on what it has seen.
        """
        place, now = "ThresholdInformation", self.http.now()
        checked_at = self.http.known.get(CHECKED)
        if checked_at and abs((now - datetime.fromisoformat(checked_at)).total_seconds()) < LATER_SECONDS:
            return
        try:
            answer = self._in_zone(lambda root: self.http.get(f"{root}/{place}", endpoint=place)).body
        except RightsError as error:
            log.warning("How much of its hour the tenant has used cannot be seen: %s", error.said)
            self.http.known[CHECKED] = now.isoformat()
            return
        names = ("currentTimeframeRequestCount", THRESHOLD)
        used, most = (required_count(answer, f"Autotask: {place}", name) for name in names)
        if used > POLITE_SHARE * most:
            raise RateLimited(
                f"Autotask: the integrations of this tenant have used {used:,} of the {most:,} requests that all of "
                f"them together may send in an hour. The sync stops at {POLITE_SHARE:.0%}, to leave the rest to them.",
                retry_after_seconds=LATER_SECONDS,
            )
        self.http.known[CHECKED] = now.isoformat()


def _query(fields: Sequence[str], conditions: Sequence[Condition], after: int | None, size: int) -> dict[str, Record]:
    """A query for at most so many records with an id above `after`; no `fields` asks for all of them."""
    asked = {"MaxRecords": size, "filter": [from_key(after), *(one.asked for one in conditions)]}
    return asked | ({"IncludeFields": list(fields)} if fields else {})


def _filtered(pages: Iterable[Page], conditions: Sequence[Condition], entity: str) -> Iterator[Page]:
    """The pages; raises ShapeError for a record that contradicts one of the conditions."""

    def is_wanted(record: Record) -> bool:
        return all(wanted_or_invalid(condition.holds, record) for condition in conditions)

    return require_filter(pages, is_wanted, f"Autotask: {entity}/query")
