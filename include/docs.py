"""`python -m include.docs`: the tables of docs/ that come from the code; `--check` only says whether they are fresh."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from include import connectors
from include.connectors.base import Cell, Stream
from include.settings import schema
from include.warehouse.tables import BOOKKEEPING, BY_NAME, KEYS, LEDGER, SCHEMA, TABLES, Column, Table

DOCS = Path(__file__).parent.parent / "docs"
PART = re.compile(r"(<!-- generated: (?P<name>[a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)

Part = Callable[[], Iterable[str]]


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, or 1 when `--check` found a stale page."""
    parser = argparse.ArgumentParser(prog="python -m include.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when a page is stale")
    check = parser.parse_args(arguments).check
    outdated = [(page, text) for page, parts in pages().items() if (text := fresh(page, parts)) != _read(page)]
    for page, text in outdated:
        print(f"docs/{page.name} {'is stale: run `python -m include.docs`' if check else 'was rewritten'}.")
        if not check:
            page.write_text(text, encoding="utf-8")
    return 1 if check and outdated else 0


def pages() -> Mapping[Path, Mapping[str, Part]]:
    """The pages with generated parts, and what makes each part."""
    vendors = {DOCS / f"{vendor}.md": {"mapping": _mapping_of(vendor)} for vendor in connectors.NAMES}
    return {
        **vendors,
        DOCS / "warehouse.md": {
            "common": lambda: columns((*KEYS, *BOOKKEEPING)),
            "tables": lambda: tables(TABLES, leaving_out=(*KEYS, *BOOKKEEPING)),
            "ledger": lambda: tables(LEDGER),
        },
        DOCS / "setup.md": {"settings": settings},
    }


def fresh(page: Path, parts: Mapping[str, Part]) -> str:
    """The page's text as the code has it now. A marker that the page lacks, or an unknown one, is a KeyError."""
    text = _read(page)
    missing = parts.keys() - {match["name"] for match in PART.finditer(text)}
    if missing:
        raise KeyError(f"docs/{page.name} has no marker for {', '.join(sorted(missing))}")
    return PART.sub(lambda match: f"{match[1]}\n{_lines(parts[match['name']])}\n\n{match[3]}", text)


def mapping(streams: Iterable[Stream]) -> Iterable[str]:
    """Per table: each column, and the vendor's fields it is read from."""
    for stream in streams:
        table = BY_NAME[stream.table]
        yield from ("", f"### {SCHEMA}.{table.name}", "", "| column | read from | remark |", "| --- | --- | --- |")
        for column in ("source_id", *table.facts, "deleted_at"):
            yield _mapped(column, stream.cells)


def tables(shown: Iterable[Table], *, leaving_out: Iterable[Column] = ()) -> Iterable[str]:
    """Each table with its comment, its key and its columns."""
    for table in shown:
        key = ", ".join(f"`{name}`" for name in table.primary_key)
        yield from ("", f"### {SCHEMA}.{table.name}", "", f"{table.comment}. Primary key: {key}.", "")
        yield from columns(column for column in table.columns if column not in leaving_out)


def columns(shown: Iterable[Column]) -> Iterable[str]:
    r"""What Postgres says about them too: `\d+` in psql shows the same comments."""
    yield from ("| column | type | meaning |", "| --- | --- | --- |")
    yield from (f"| `{column.name}` | {column.type} | {column.comment} |" for column in shown)


def settings() -> Iterable[str]:
    """Every setting of the schema, by its path."""
    yield from ("| setting | type | default | meaning |", "| --- | --- | --- | --- |")
    for path, node in leaves("", schema()):
        default = f"`{node['default']}`" if "default" in node else ""
        yield f"| `{path}` | {_type(node)} | {default} | {node['description']} |"


def _mapping_of(vendor: str) -> Part:
    return lambda: mapping(connectors.load(vendor).streams)


def _mapped(column: str, cells: Mapping[str, Cell]) -> str:
    found = [cells[name] for name in _sources(column) if name in cells]
    fields = dict.fromkeys(field for cell in found for field in cell.fields)
    read = ", ".join(f"`{field}`" for field in fields) or "—"
    older = [f"older releases: {', '.join(f'`{field}`' for field in cell.older)}" for cell in found if cell.older]
    notes = [cell.note for cell in found if cell.note] + older
    if column == "deleted_at":
        notes.append(f"{'also ' if found else ''}set when a complete listing lacks the record")
    elif not found:
        notes.append("not in this PSA: null")
    return f"| `{column}` | {read} | {'; '.join(notes)} |"


def _sources(column: str) -> tuple[str, ...]:
    """The cells that make a column: a deletion has a flag and a date."""
    return ("is_deleted", "deleted_at") if column == "deleted_at" else (column,)


def leaves(path: str, node: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Objects with named settings are walked; the others are settings themselves."""
    if "properties" not in node:
        yield path, node
        return
    for name, child in node["properties"].items():
        inherited = {"description": node.get("description", "")}
        yield from leaves(f"{path}.{name}".lstrip("."), {**inherited, **_resolved(child)})


def _resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The node itself, or what its `$ref` into `$defs` names."""
    reference = node.get("$ref")
    return schema()["$defs"][reference.rpartition("/")[2]] if reference else node


def _type(node: Mapping[str, Any]) -> str:
    kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
    words = " or ".join("text" if kind == "string" else kind for kind in kinds)
    if words == "array":
        return f"list of {_type(node['items'])}"
    if words == "object":
        return f"object: name → {_type(node['additionalProperties'])}"
    return words


def _lines(part: Part) -> str:
    return "\n".join(part()).strip()


def _read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
