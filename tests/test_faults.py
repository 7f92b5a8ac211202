"""Every fault of the simulator, one at a time: complete and balanced, or red with the target untouched.

`pytest tests/test_faults.py --write-docs` writes the table in docs/faults.md; without it the table is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from include import sync
from include.errors import PsaError
from include.kinds import KINDS
from include.simulator.night import night
from include.simulator.world import World
from tests.rig import Rig, rig
from tests.truth import differences
from tests.truth.connectwise import truth

PAGE = Path(__file__).parent.parent / "docs" / "faults.md"
COMPLETE = "complete and balanced"
UNTOUCHED = "red, the target untouched"
ASSETS = "/company/configurations"


@dataclass(frozen=True)
class Case:
    """What goes wrong, in which kind, in words; `stale` rows may show what they were when they were read."""

    fault: str
    words: str
    outcome: str
    kind: str = "assets"
    stale: int = 0


CASES = (
    Case(f"rate_limit:path={ASSETS},wait=30", "429, Retry-After 30 seconds", COMPLETE),
    Case(f"rate_limit:path={ASSETS},wait=30,form=date", "429, Retry-After as a date", COMPLETE),
    Case(f"rate_limit:path={ASSETS},wait=3600", "429, Retry-After an hour", UNTOUCHED),
    Case(f"rate_limit:path={ASSETS},times=0", "429 for ever", UNTOUCHED),
    Case(f"server_error:path={ASSETS},times=2", "500 twice", COMPLETE),
    Case(f"server_error:path={ASSETS}", "500 for ever", UNTOUCHED),
    Case(f"server_error:path={ASSETS},after=2", "500 from the second page on", UNTOUCHED),
    Case(f"unavailable:path={ASSETS},times=2", "503 with an HTML page, twice", COMPLETE),
    Case(f"unavailable:path={ASSETS}", "503 with an HTML page, for ever", UNTOUCHED),
    Case(f"html_200:path={ASSETS},times=1", "200 with an HTML page, once", COMPLETE),
    Case(f"html_200:path={ASSETS},after=2", "200 with an HTML page, from the second page on", UNTOUCHED),
    Case(f"empty_body:path={ASSETS}", "200 with an empty body", UNTOUCHED),
    Case(f"null_body:path={ASSETS}", "200 with `null`", UNTOUCHED),
    Case(f"not_json:path={ASSETS}", "200 with JSON cut short", UNTOUCHED),
    Case("expired_credentials:after=3", "the key is revoked in mid-run", UNTOUCHED),
    Case(
        "expired_credentials:after=3 login_404_html",
        "the key is revoked, and the cloud says so with 404 and HTML",
        UNTOUCHED,
    ),
    Case("codebase_upgraded:after=3", "the tenant moves to a new codebase in mid-run", COMPLETE),
    Case(f"lost_right:path={ASSETS}", "403 on the listing", UNTOUCHED),
    Case(f"hang:path={ASSETS},times=1", "one answer never comes", COMPLETE),
    Case(f"hang:path={ASSETS}", "no answer ever comes", UNTOUCHED),
    Case(f"slow:path={ASSETS},ms=100", "slow answers", COMPLETE),
    Case(f"dropped_connection:path={ASSETS},times=1", "the connection drops in the middle of a page, once", COMPLETE),
    Case(f"dropped_connection:path={ASSETS}", "the connection drops in every page", UNTOUCHED),
    Case(f"repeated_page:path={ASSETS}", "every page is the first one", UNTOUCHED),
    Case(f"early_end:path={ASSETS},rows=1500", "the listing ends in the middle of a page", UNTOUCHED),
    Case(f"early_end:path={ASSETS},rows=2000", "the listing ends with an empty page", UNTOUCHED),
    Case(f"capped_page:path={ASSETS},rows=100", "pages smaller than asked for", COMPLETE),
    Case(f"narrowed_list:path={ASSETS},rows=3", "only 3 records can be seen, count included", UNTOUCHED),
    Case(f"emptied_list:path={ASSETS}", "200 and no records, count included", UNTOUCHED),
    Case(f"count_disagrees:path={ASSETS}", "the count is higher than the listing", UNTOUCHED),
    Case(f"duplicate_record:path={ASSETS}", "one record comes twice", COMPLETE),
    Case(f"row_edited_between_pages:path={ASSETS}", "a record is edited between two pages", COMPLETE, stale=1),
    Case(f"row_deleted_between_pages:path={ASSETS}", "a record is deleted between two pages", COMPLETE, stale=1),
    Case(f"poisoned_record:path={ASSETS},nth=1200", "one record kills its page with 500", COMPLETE),
    Case(f"nul_bytes:path={ASSETS}", "NUL, invisible marks and lone surrogates in text", COMPLETE),
    Case(f"renamed_key:path={ASSETS},key=name,to=label", "the key `name` has another name", UNTOUCHED),
    Case(f"renamed_key:path={ASSETS},key=serialNumber,to=sn", "the key `serialNumber` has another name", UNTOUCHED),
    Case(f"missing_id:path={ASSETS}", "one record has no id", COMPLETE),
    Case(f"odd_record:path={ASSETS},key=purchaseDate,kind=not_a_date", "a date that is none", COMPLETE),
    Case(f"odd_record:path={ASSETS},key=type,kind=list", "a list where an object was due", COMPLETE),
    Case("older_model:path=/company/*", "sites in the shape of an older version", COMPLETE, "sites"),
    Case("lost_right:path=/company/companies/*/sites", "403 on every company's sites", UNTOUCHED, "sites"),
    Case(
        "server_error:path=/company/companies/*/sites,after=9,times=2", "500 twice among the sites", COMPLETE, "sites"
    ),
    Case(
        "null_body:path=/company/companies/*/sites,after=9,times=1",
        "`null` for one company's sites",
        UNTOUCHED,
        "sites",
    ),
    Case("forbidden_board", "403 on the statuses of one board", COMPLETE, "ticket_settings"),
    Case(
        "lost_right:path=/service/boards/*/statuses", "403 on the statuses of every board", UNTOUCHED, "ticket_settings"
    ),
    Case("narrowed_list:path=/company/companies,rows=3", "3 companies instead of all", UNTOUCHED, "companies"),
)

told: dict[Case, str] = {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.fault)
def test_a_fault_leaves_the_tables_complete_or_untouched(warehouse_dsn: str, case: Case) -> None:
    world = World(seed=7, companies=25, assets=2500)
    with rig(warehouse_dsn, world) as running:
        running.night(case.kind)
        night(world, seed=3, adds=3, edits=5, deletes=1)
        before = running.state()
        for fault in case.fault.split():
            running.simulator.faults.add(fault)
        run = running.sync()
        try:
            sync.extract(run, case.kind)
            books = sync.load(run, case.kind)
        except PsaError as error:
            assert case.outcome == UNTOUCHED, error
            assert running.state() == before
            told[case] = f"{type(error).__name__}: {error}"
        else:
            assert case.outcome == COMPLETE, books
            unlike = {line.split(".")[0].split(" ")[0] for table in KINDS[case.kind] for line in wrong(running, table)}
            rejected = sum(b.rejected for b in books.values())
            assert len(unlike) <= rejected + case.stale
            told[case] = "; ".join(_counts(table, b) for table, b in books.items())


def wrong(running: Rig, table: str) -> list[str]:
    rows = running.rows(table)
    for row in rows:
        row["name"] = row["name"].rstrip("\u200e\ufffd") if row["name"] else row["name"]
    return differences(rows, truth(running.simulator.world)[table])


def _counts(table: str, books: Any) -> str:
    odd = [f"{getattr(books, name)} {name}" for name in ("duplicate", "rejected") if getattr(books, name)]
    return f"{table}: " + (", ".join(odd) or "nothing lost")


def test_the_table_in_the_docs_is_what_happened(pytestconfig: pytest.Config) -> None:
    if len(told) < len(CASES):
        pytest.skip("needs the outcome of every case: run the whole file")
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition("<!-- generated: faults -->\n")
    _, _, tail = rest.partition("<!-- end -->")
    written = f"{head}<!-- generated: faults -->\n{_table(_steady)}<!-- end -->{tail}"
    if pytestconfig.getoption("--write-docs"):
        PAGE.write_text(written, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == written, "run pytest tests/test_faults.py --write-docs"


def _table(steady: Callable[[str], str]) -> str:
    lines = ["| what goes wrong | in | ConnectWise | what the log says last |", "| --- | --- | --- | --- |"]
    lines += [f"| {case.words} | {case.kind} | {case.outcome} | {steady(told[case])} |" for case in CASES]
    return "\n".join(lines) + "\n"


def _steady(message: str) -> str:
    """Without what differs from run to run: ports and the server's ids."""
    message = re.sub(r"127\.0\.0\.1:\d+", "host", message)
    return re.sub(r" \(request id [^)]*\)", "", message).replace("|", "\\|")
