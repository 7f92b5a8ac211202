"""`python -m include.tools.pages`: the parts of the pages and of airflow_settings.yaml that come from the code.

With `--check` it only lists what is stale. A generated part stands between two comments: one with `generated: <name>`,
and one with `end`.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from include import connectors
from include.connectors.common.columns import Column, Columns, X
from include.connectors.contract import Connector, PsaClient, Stream
from include.model import wording
from include.model.choices import Sizes
from include.model.ledger_tables import LEDGER_TABLES
from include.model.limits import Lane
from include.model.setup import Setup
from include.model.tables import BOOKKEEPING, BY_NAME, KEYS, SCHEMA, TABLES, Table, TableColumn
from include.tools import settings_file, setup_page, status_page, warehouse_page

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
SETUP_SCHEMA = DOCS / "setup.schema.json"
DURATIONS = DOCS / "durations.json"
PART = re.compile(
    r"(<!-- generated: (?P<name>[a-z]+) -->\n| +# generated: (?P<entry>[a-z]+)\n).*?(<!-- end -->| +# end\n)", re.DOTALL
)
TENANTS = (100, 1_000, 10_000)  # companies; a lifelike tenant has so much per company:
PER_COMPANY = Sizes(companies=1, sites=2, assets=10, contacts=5)

Part = Callable[[], Iterable[str]]


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, or 1 when `--check` found a stale page."""
    parser = argparse.ArgumentParser(prog="python -m include.tools.pages", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when a page is stale")
    check = parser.parse_args(arguments).check
    return bring_up_to_date({**parts_refreshed(), SETUP_SCHEMA: setup_page.schema_file()}, check=check)


def bring_up_to_date(files: Mapping[Path, str], *, check: bool) -> int:
    """Write, or only list, the files that differ from what they should be; the exit code."""
    outdated = {file: text for file, text in files.items() if not file.exists() or text != _read(file)}
    for file, text in outdated.items():
        shown = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file.name
        print(f"{shown} {'is stale: run `python -m include.tools.pages`' if check else 'was rewritten'}.")
        if not check:
            file.write_text(text, encoding="utf-8")
    return 1 if check and outdated else 0


def parts_refreshed() -> Mapping[Path, str]:
    """Each page with its generated parts as the code has them now."""
    return {page: fresh(page, parts) for page, parts in pages().items()}


def pages() -> Mapping[Path, Mapping[str, Part]]:
    """The pages with generated parts, and what makes each part."""
    return {
        **{DOCS / f"{vendor}.md": _parts_of(vendor) for vendor in connectors.NAMES},
        ROOT / "README.md": {"vendors": vendors},
        ROOT / "airflow_settings.yaml": {
            "connections": settings_file.connections,
            "variables": settings_file.variables,
        },
        DOCS / "warehouse.md": {
            "common": lambda: columns((*KEYS, *BOOKKEEPING)),
            "tables": lambda: tables(TABLES, leaving_out=(*KEYS, *BOOKKEEPING)),
            "views": warehouse_page.views,
            "ledger": lambda: tables(LEDGER_TABLES),
        },
        DOCS / "setup.md": {"settings": setup_page.table},
        DOCS / "operating.md": {"statuses": status_page.table, "postgres": warehouse_page.table},
    }


def fresh(page: Path, parts: Mapping[str, Part]) -> str:
    """The page's text as the code has it now. A marker that the page lacks, or an unknown one, is a KeyError."""
    text = _read(page)
    missing = parts.keys() - {match["name"] or match["entry"] for match in PART.finditer(text)}
    if missing:
        raise KeyError(f"{page.name} has no marker for {', '.join(sorted(missing))}")
    return PART.sub(lambda match: match[1] + _framed(match, parts) + match[4], text)


def _framed(match: re.Match[str], parts: Mapping[str, Part]) -> str:
    """Markdown wants a blank line around; YAML has its own indentation."""
    if match["entry"]:
        return "\n".join(parts[match["entry"]]()) + "\n"
    return f"\n{_lines(parts[match['name']])}\n\n"


def mapping(connector: Connector[PsaClient]) -> Iterable[str]:
    """Per table, and for a live ticket: each column, and the vendor's fields it is read from."""
    for stream in connector.streams:
        table, columns = BY_NAME[stream.table], _columns_of(stream)
        yield from ("", f"### {SCHEMA}.{table.name}", "", "| column | read from | remark |", "| --- | --- | --- |")
        yield from (_mapped(name, columns) for name in ("source_id", *table.facts))
        yield _deletion(columns)
    yield from ("", "### A live ticket", "", "| field | read from | remark |", "| --- | --- | --- |")
    yield from (_mapped(name, connector.tickets.columns) for name in connector.tickets.columns)


def tables(shown: Iterable[Table], *, leaving_out: Iterable[TableColumn] = ()) -> Iterable[str]:
    """Each table with its comment, its key and its columns."""
    for table in shown:
        key = ", ".join(f"`{name}`" for name in table.primary_key)
        yield from ("", f"### {SCHEMA}.{table.name}", "", f"{table.comment}. Primary key: {key}.", "")
        yield from columns(column for column in table.columns if column not in leaving_out)


def columns(shown: Iterable[TableColumn]) -> Iterable[str]:
    r"""What Postgres says about them too: `\d+` in psql shows the same comments."""
    yield from ("| column | type | meaning |", "| --- | --- | --- |")
    yield from (f"| `{column.name}` | {column.type} | {column.comment} |" for column in shown)


def vendors() -> Iterable[str]:
    """Each PSA with its DAG, its page and its limit."""
    yield from ("| PSA | DAG | what the vendor allows |", "| --- | --- | --- |")
    for vendor, title in connectors.NAMES.items():
        yield f"| [{title}](docs/{vendor}.md) | `psa_{vendor}` | {connectors.load(vendor).limits} |"


def connection(connector: Connector[PsaClient]) -> Iterable[str]:
    """What to type into the Airflow connection."""
    yield from ("| field | value | for example |", "| --- | --- | --- |")
    for name, typed in connector.connection.items():
        place = f"Extra, `{name.partition('.')[2]}`" if "." in name else name.capitalize()
        yield f"| {place} | {typed.meaning}{'' if typed.required else ' (may be left out)'} | `{typed.example}` |"


def rights(connector: Connector[PsaClient]) -> Iterable[str]:
    """What each kind of data needs."""
    yield from ("| kind | right |", "| --- | --- |")
    yield from (f"| {kind} | {right} |" for kind, right in connector.rights.items())


def duration(connector: Connector[PsaClient]) -> Iterable[str]:
    """How many requests a first run sends, and how many a later one, which was measured with the time that it takes."""
    detailed = {stream.table: stream.details for stream in connector.streams if stream.details}
    measured = _measured(connector)
    more = " all details are known after |" if detailed else ""
    yield f"| companies | sites | assets | contacts | requests, first run | a later run | takes |{more}"
    yield "| --- | --- | --- | --- | --- | --- | --- |" + (" --- |" if detailed else "")
    for companies in TENANTS:
        sizes = Sizes(*(companies * each for each in (1, PER_COMPANY.sites, PER_COMPANY.assets, PER_COMPANY.contacts)))
        counts = (sizes.companies, sizes.sites, sizes.assets, sizes.contacts, sum(connector.cost(sizes).values()))
        later = measured.get(str(companies))
        took = f"{later['requests']:,} | {wording.duration(later['seconds'])}" if later else "— | —"
        row = f"| {' | '.join(f'{count:,}' for count in counts)} | {took} |"
        yield row + (f" {_nights(connector, sizes):,.1f} nights |" if detailed else "")
    yield from (
        "",
        "A later run was measured with a simulated PSA that answers each request after 200 ms and has not changed;",
    )
    yield "the work of Airflow, workers and Postgres comes on top."


def _measured(connector: Connector[PsaClient]) -> Mapping[str, Mapping[str, int]]:
    """By number of companies, what `python -m bench.night --write` has measured."""
    measured: Mapping[str, Mapping[str, Mapping[str, int]]] = json.loads(_read(DURATIONS))
    return measured.get(connector.title, {})


def _nights(connector: Connector[PsaClient], sizes: Sizes) -> float:
    """How many nightly runs read the details of all assets and contacts, in the usual hours of each."""
    details = next(stream.details for stream in connector.streams if stream.table == "assets")
    windows = math.ceil((details.usual_hours if details else 0.0) * 3600 / connector.limits.seconds)
    records = (sizes.assets, sizes.contacts)
    asked = max(records) if connector.limits.per_endpoint else sum(records)
    return asked / (connector.limits.most(Lane.NIGHTLY) * windows)


def _parts_of(vendor: str) -> Mapping[str, Part]:
    return {
        "connection": lambda: connection(connectors.load(vendor)),
        "rights": lambda: rights(connectors.load(vendor)),
        "mapping": lambda: mapping(connectors.load(vendor)),
        "duration": lambda: duration(connectors.load(vendor)),
    }


def _columns_of(stream: Stream[PsaClient]) -> Columns[Setup]:
    """The columns of the listing and of the details, and where custom fields are."""
    details = stream.details.columns if stream.details else {}
    detailed = {name: _with_details(stream.columns.get(name), column) for name, column in details.items()}
    custom = stream.custom or (stream.details and stream.details.custom)
    return {**stream.columns, **detailed, **({"custom_fields": custom} if custom else {})}


def _with_details(listed: Column[X] | None, detailed: Column[X]) -> Column[X]:
    """A column of the details, after what the listing says of it."""
    if listed is None or not listed.is_available or listed.fields == detailed.fields:
        return replace(detailed, note="; ".join(filter(None, (detailed.note, "details"))))
    note = f"{listed.note}; otherwise details: {_fields(detailed)}".removeprefix("; ")
    return replace(listed, fields=listed.fields + detailed.fields, note=note)


def _mapped(name: str, columns: Columns[X]) -> str:
    """The line of one column."""
    column = columns.get(name)
    if column is None:
        return f"| `{name}` | — | not in this PSA: null |"
    if not column.is_available:
        return f"| `{name}` | — | {'; '.join(filter(None, ('null', column.note)))} |"
    return f"| `{name}` | {_fields(column)} | {'; '.join(_notes(column))} |"


def _deletion(columns: Columns[X]) -> str:
    """The line of deleted_at: at some vendors a deletion has a flag and a date."""
    found = [columns[name] for name in ("is_deleted", "deleted_at") if name in columns]
    read = ", ".join(map(_fields, found)) or "—"
    notes = [note for column in found for note in _notes(column)]
    notes.append(f"{'also ' if found else ''}set when a complete listing does not contain the record")
    return f"| `deleted_at` | {read} | {'; '.join(notes)} |"


def _fields(column: Column[X]) -> str:
    return ", ".join(f"`{field}`" for field in dict.fromkeys(column.fields)) or "—"


def _notes(column: Column[X]) -> list[str]:
    older = f"older releases: {', '.join(f'`{field}`' for field in column.older)}" if column.older else ""
    return list(filter(None, (column.note, older)))


def _lines(part: Part) -> str:
    return "\n".join(part()).strip()


def _read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
