"""`python -m include.tools.new_vendor NAME`: writes the files of a new vendor, and what to do with them.

They are the templates beside this module. What has to be read in the vendor's documents raises NotImplementedError with
a sentence, and each column is `not_available("not mapped yet")`; the author replaces these line by line.
"""

from __future__ import annotations

import argparse
import keyword
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from string import Template

from include.connectors import NAMES
from include.model.tables import TABLES
from include.model.tickets import Ticket

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = Path(__file__).parent / "templates"
PLACE_OF_NAME = "NAME"
"""What stands for the vendor's name in the path of a template."""
REGISTER = Path("include/connectors/__init__.py")
GUIDE = Path("CONTRIBUTING.md")
CHECKOUT = (REGISTER, GUIDE, Path("simulator"), Path("tests/contract"), Path("dags"), Path("docs"))
"""What a checkout has, and an installation does not have all of."""
NAME = re.compile(r"[a-z][a-z0-9_]{0,19}")
TITLE = re.compile(r"\w[\w .&+-]{0,29}")
IMPORT = r"from (?:{ours})\.\S+ import (?:\([^)]*\)|[^(\n]+)\n".format(ours="include|simulator|tests")
IMPORTS = re.compile(rf"^(?:{IMPORT})+", re.MULTILINE)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, or 1 after one line that says why nothing was written."""
    parser = argparse.ArgumentParser(prog="python -m include.tools.new_vendor", description=__doc__)
    parser.add_argument("name", metavar="NAME", help="the name of its modules and of its DAG, such as kaseya_bms")
    parser.add_argument("--title", help="the name of the product, such as 'Kaseya BMS'; by default made of NAME")
    parser.add_argument("--into", type=Path, default=ROOT, metavar="DIR", help="another checkout than this one")
    chosen = parser.parse_args(arguments)
    name, title, root = chosen.name, chosen.title or chosen.name.replace("_", " ").title(), chosen.into
    problem = next(problems(root, name, title), "")
    if problem:
        print(f"Nothing was written: {problem}", file=sys.stderr)
        return 1
    written = files(name, title)
    for path, text in written.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    register = root / REGISTER
    register.write_text(registered(register.read_text(encoding="utf-8"), name, title), encoding="utf-8")
    print(f"{len(written)} files of {title} were written, and its line in {REGISTER.as_posix()}. What to do next:\n")
    print(next_steps((root / GUIDE).read_text(encoding="utf-8"), name))
    return 0


def problems(root: Path, name: str, title: str) -> Iterator[str]:
    """Sentences about why this vendor cannot be written into this folder."""
    for part in CHECKOUT:
        if not (root / part).exists():
            yield f"{root} is not a checkout of this project, it has no {part.as_posix()}."
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        yield f"'{name}' cannot be the name of a module: take up to 20 lower-case letters, digits and underscores."
    if not TITLE.fullmatch(title):
        yield f"'{title}' cannot be a title: take up to 30 letters, digits, blanks and . & + - _."
    if name in NAMES:
        yield f"there already is a vendor '{name}'."
    for path in sorted(places(name)):
        for taken in (root / path, (root / path).with_suffix(".py")):
            if taken.exists():
                yield f"there already is {taken.relative_to(root).as_posix()}, take another name."


def places(name: str) -> set[Path]:
    """The folders that will be the vendor's own, and its files elsewhere."""
    paths = [path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*.txt")]
    return {_named(path.parent if path.parent.name == PLACE_OF_NAME else path.with_suffix(""), name) for path in paths}


def files(name: str, title: str) -> Mapping[Path, str]:
    """The path of each new file in a checkout, and its text."""
    words = {"name": name, "title": title, "Vendor": "".join(part.capitalize() for part in name.split("_"))}
    words |= {table.name: _unmapped(("source_id", *table.facts)) for table in TABLES}
    words["ticket_fields"] = _unmapped(Ticket.__dataclass_fields__)
    return {
        _named(path.relative_to(TEMPLATES).with_suffix(""), name): _filled(path, words)
        for path in sorted(TEMPLATES.rglob("*.txt"))
    }


def registered(text: str, name: str, title: str) -> str:
    """The module with the list of vendors, with one more."""
    before, opening, rest = text.partition("\nNAMES: ")
    lines, closing, after = rest.partition("\n}\n")
    return f'{before}{opening}{lines}\n    "{name}": "{title}",{closing}{after}'


def next_steps(guide: str, name: str) -> str:
    """What CONTRIBUTING says after the command that runs this tool, about this vendor."""
    section = guide.partition("\n## Adding a vendor\n")[2].partition("\n## ")[0]
    steps = section.partition(f"include.tools.{Path(__file__).stem}")[2].partition("\n")[2]
    return steps.replace("<vendor>", name).strip()


def _named(path: Path, name: str) -> Path:
    return Path(path.as_posix().replace(PLACE_OF_NAME, name))


def _filled(template: Path, words: Mapping[str, str]) -> str:
    text = Template(template.read_text(encoding="utf-8")).substitute(words)
    return IMPORTS.sub(lambda run: "".join(sorted(re.findall(IMPORT, run[0]), key=_module)), text)


def _module(statement: str) -> str:
    """What an import is sorted by: where a vendor's own modules stand depends on its name."""
    return statement.split()[1]


def _unmapped(names: Iterable[str]) -> str:
    return "\n".join(f'    "{name}": not_available("not mapped yet"),' for name in names)


if __name__ == "__main__":
    sys.exit(main())
