"""The arrows of the house, kept true: who may import whom, read from the source without running it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from include import connectors

ROOT = Path(__file__).parent.parent

# Package or module → what else of ours it may import. An arrow that is not here is one too many.
ARROWS: Mapping[str, tuple[str, ...]] = {
    "dags": ("include.dag_factory",),
    "plugins": ("include.connectors", "include.model", "include.setup_page", "include.status", "include.tickets"),
    "include.dag_factory": (
        "include.connectors",
        "include.model",
        "include.status",
        "include.sync",
        "include.warehouse.connection",
    ),
    "include.airflow_store": ("include.model",),
    "include.tools": (
        "include.connectors",
        "include.http.statuses",
        "include.model",
        "include.sync.connect",
        "include.warehouse",
    ),
    "include.setup_page": (
        "include.airflow_store",
        "include.connectors",
        "include.http",
        "include.model",
        "include.tickets",
        "include.warehouse",
    ),
    "include.tickets": (
        "include.connectors",
        "include.http",
        "include.model",
        "include.sync.connect",
        "include.warehouse",
    ),
    "include.status": (
        "include.airflow_store",
        "include.http.session",
        "include.model",
        "include.sync.report_tables",
        "include.tickets",
        "include.warehouse",
    ),
    "include.sync": (
        "include.airflow_store",
        "include.connectors",
        "include.http",
        "include.model",
        "include.warehouse",
    ),
    "include.connectors": ("include.http", "include.model"),
    "include.warehouse": ("include.airflow_store", "include.model"),
    "include.http": ("include.airflow_store", "include.model"),
    "include.model": (),
    "simulator": (),
    "demo": (),
}
# Library → the one part of the house that knows it.
KEEPERS = {
    "fastapi": "plugins",
    "psycopg": "include.warehouse",
    "requests": "include.http",
    "tenacity": "include.http",
    "uvicorn": "simulator",
}
# pydantic has two: the model of setup, and what the ticket page's routes take.
MODELS = {"pydantic": ("include.model", "plugins"), "pydantic_core": ("include.model",)}
# The places of `include` that meet Airflow, and what they take: the DAG API, a task's context, one hook each, and
# where connections and Variables are read.
AIRFLOW = {
    "include.dag_factory": {"airflow", "airflow.sdk"},
    "include.dag_factory.decide": {"airflow.sdk.exceptions", "airflow.sdk.execution_time.hitl"},
    "include.dag_factory.freshness": {"airflow.sdk"},
    "include.dag_factory.links": {"airflow.sdk", "airflow.sdk.types"},
    "include.dag_factory.operators": {"airflow.sdk", "airflow.sdk.exceptions"},
    "include.dag_factory.params": {"airflow.sdk"},
    "include.dag_factory.retries": {"airflow.sdk"},
    "include.dag_factory.tasks": {"airflow.sdk"},
    "include.sync.context": {"airflow.sdk"},
    "include.sync.metrics": {"airflow.sdk.observability"},
    "include.airflow_store.lookup": {
        "airflow.sdk",
        "airflow.sdk.exceptions",
        "airflow.sdk.execution_time.supervisor",
    },
    "include.http.session": {
        "airflow.sdk",
        "airflow.providers.http.hooks.http",
        "airflow.sdk.exceptions",
        "airflow.sdk.log",
    },
    "include.warehouse.connection": {"airflow.providers.postgres.hooks.postgres", "airflow.sdk.exceptions"},
}
# What serves every vendor, and therefore may know none.
NEUTRAL = (
    "include.airflow_store",
    "include.connectors.common",
    "include.connectors.contract",
    "include.http",
    "include.model",
    "include.setup_page",
    "include.status",
    "include.sync",
    "include.tickets",
    "include.warehouse",
)

# The modules of a connector: those that every vendor has, those that several may have, and those that only one needs,
# whose docstrings say why.
EVERY = {
    "__init__", "auth", "client", "columns", "companies", "listings", "setup",
    "ticket_columns", "ticket_detail", "tickets",
}  # fmt: skip
SEVERAL = {"changes", "custom_fields", "details", "errors", "sites"}
ONE = {
    "autotask": {"conditions", "names", "newest_tickets", "picklists"},
    "kaseya_bms": {"lower_case"},
}

# All that a DAG file brings in of ours, and what it must not bring in of others': that is for the bodies of tasks.
LIGHT = {
    "include",
    "include.connectors",
    "include.dag_factory",
    "include.dag_factory.decide",
    "include.dag_factory.links",
    "include.dag_factory.operators",
    "include.dag_factory.params",
    "include.dag_factory.retries",
    "include.dag_factory.schedules",
    "include.dag_factory.tasks",
    "include.model",
    "include.model.dag_doc",
    "include.model.errors",
    "include.model.kinds",
    "include.model.request",
    "include.model.run_types",
}
HEAVY = ("psycopg", "psycopg2", "pydantic", "requests", "sqlalchemy", "tenacity")

# The packages that are installed, and what a file and a function of them may have at most.
SHORT = ("include", "plugins")
MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_COMPLEXITY = 250, 40, 12

# Run in a fresh interpreter: what a bare DAG brings in, then what each file adds, and what it does meanwhile. Each file
# is read in a fork of its own, so that Airflow is imported once and no file sees what another one brought in.
PARSING = """
import json, os, runpy, sys
from airflow.sdk import DAG, {names}
@task
def nothing(): ...
with DAG("bare", schedule="@daily", params={{"x": Param([], type="array")}}), TaskGroup("group"): nothing()
for file in sys.argv[1:]:
    if os.fork() == 0:
        before, done = set(sys.modules), []
        sys.addaudithook(lambda event, _: done.append(event) if event in {events} else None)
        runpy.run_path(file)
        print(json.dumps([file, sorted(set(sys.modules) - before), done]), flush=True)
        os._exit(0)
    os.wait()
"""
OUTSIDE = ("socket.connect", "socket.getaddrinfo", "sqlite3.connect", "subprocess.Popen")


def test_every_import_follows_an_arrow_of_the_house() -> None:
    strays = [
        f"{module} imports {imported}"
        for module, imports in house().items()
        for imported in imports
        if is_ours(imported) and not any(lies_in(imported, part) for part in (part_of(module), *arrows_of(module)))
    ]
    assert strays == []


def test_an_installation_needs_nothing_of_the_simulator() -> None:
    installed = ("dags", "include", "plugins")
    strays = [
        f"{module} imports {imported}"
        for module, imports in house().items()
        for imported in imports
        if module.split(".")[0] in installed and lies_in(imported, "simulator")
    ]
    assert strays == []


def test_every_arrow_of_the_house_is_used() -> None:
    unused = [
        f"{part} → {target}"
        for part, targets in ARROWS.items()
        for target in targets
        if not any(lies_in(i, target) for m, imports in house().items() if part_of(m) == part for i in imports)
    ]
    assert unused == []


def test_each_library_is_known_in_one_part_only() -> None:
    strays = [
        f"{module} imports {library}"
        for module, imports in house().items()
        for library, keepers in ({library: (keeper,) for library, keeper in KEEPERS.items()} | MODELS).items()
        if not module.startswith("demo") and not any(lies_in(module, keeper) for keeper in keepers)
        if any(lies_in(imported, library) for imported in imports)
    ]
    assert strays == []


def test_airflow_is_met_in_five_places_and_its_dag_api_in_one() -> None:
    met = {module: {name for name in imports if lies_in(name, "airflow")} for module, imports in house().items()}
    assert {module: names for module, names in met.items() if names and not lies_in(module, "plugins")} == AIRFLOW


def test_what_serves_every_vendor_names_none() -> None:
    named = [
        f"{module} names {vendor}"
        for module, file in files().items()
        if any(lies_in(module, part) for part in NEUTRAL)
        for vendor in connectors.NAMES
        if vendor in file.read_text(encoding="utf-8").lower()
    ]
    assert named == []


def test_a_vendor_is_one_connector_one_simulator_one_dag_one_test_and_one_page() -> None:
    for vendor in connectors.NAMES:
        for pattern in (
            f"include/connectors/{vendor}/__init__.py",
            f"simulator/{vendor}*",
            f"dags/psa_{vendor}.py",
            f"tests/connectors/{vendor}/test_*.py",
            f"docs/{vendor}.md",
        ):
            assert list(ROOT.glob(pattern)), f"{vendor} lacks {pattern}"


@pytest.mark.parametrize("vendor", connectors.NAMES)
def test_the_modules_of_a_connector_have_the_names_that_they_have_at_every_vendor(vendor: str) -> None:
    files = {file.stem: file for file in (ROOT / "include/connectors" / vendor).glob("*.py")}
    own = ONE.get(vendor, set())
    assert files.keys() - SEVERAL == EVERY | own
    product = connectors.NAMES[vendor].split()[0]
    texts = {name: ast.get_docstring(ast.parse(files[name].read_text(encoding="utf-8"))) or "" for name in own}
    assert [name for name, text in texts.items() if f"only {product}".lower() not in text.lower()] == []


def test_files_and_functions_are_short_and_simple() -> None:
    too_long = {m: lines for m, text in sources().items() if (lines := len(text.splitlines())) > MAX_FILE_LINES}
    lengths = {name: (one.end_lineno or 0) - one.lineno + 1 for name, one in functions().items()}
    branches = {name: complexity(one) for name, one in functions().items()}
    assert too_long == {}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FUNCTION_LINES} == {}
    assert {name: number for name, number in branches.items() if number > MAX_COMPLEXITY} == {}


def test_include_has_no_module_outside_its_packages() -> None:
    assert {file.name for file in (ROOT / "include").glob("*.py")} == {"__init__.py"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return a", 1),
        ("return a if b else c", 2),
        ("return a and b and c", 3),
        ("return [x for x in a if x for y in x if y]", 5),
        ("try:\n  a()\nexcept E:\n  b()\nexcept F:\n  c()", 3),
        ("match a:\n  case 1: b()\n  case _: c()", 3),
        ("for x in a:\n  while x:\n    assert x", 4),
        ("if a: b()\nelif c: d()\nelse: e()", 3),
    ],
)
def test_complexity_counts_every_branch(code: str, expected: int) -> None:
    assert complexity(ast.parse(f"def f():\n{textwrap.indent(code, '  ')}").body[0]) == expected


def test_parsing_a_dag_file_brings_in_no_library_of_its_tasks_and_touches_nothing_outside() -> None:
    dag_files = sorted((ROOT / "dags").glob("*.py"))
    parsed = parse(dag_files)
    assert [file for file, _, _ in parsed] == list(map(str, dag_files))
    for file, added, done in parsed:
        assert {name for name in added if is_ours(name)} == LIGHT, file
        assert [name for name in added if name.split(".")[0] in HEAVY] == [], file
        assert done == [], file


def parse(dag_files: Sequence[Path]) -> list[tuple[str, list[str], list[str]]]:
    """Each DAG file, the modules that it adds to what a bare DAG needs, and its audited events."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in (ROOT / "include/dag_factory").glob("*.py")]
    taken = [
        node
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "airflow.sdk"
    ]
    names = ", ".join(sorted({alias.name for node in taken for alias in node.names}))
    program = [sys.executable, "-c", PARSING.format(names=names, events=OUTSIDE), *map(str, dag_files)]
    output = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)
    return [tuple(json.loads(line)) for line in output.stdout.splitlines() if line.startswith("[")]


def sources() -> Mapping[str, str]:
    """Each module whose length is limited → its source."""
    return {m: f.read_text(encoding="utf-8") for m, f in files().items() if any(lies_in(m, part) for part in SHORT)}


@cache
def functions() -> Mapping[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    return {
        f"{module}.{node.name}:{node.lineno}": node
        for module, text in sources().items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }


def complexity(function: ast.AST) -> int:
    """One more than the number of branches. Ruff's C901 does not count those inside expressions, such as `and`."""
    simple = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.Assert, ast.match_case)
    counted = 1
    for node in ast.walk(function):
        if isinstance(node, ast.comprehension):
            counted += 1 + len(node.ifs)
        elif isinstance(node, ast.BoolOp):
            counted += len(node.values) - 1
        elif isinstance(node, simple):
            counted += 1
    return counted


@cache
def house() -> Mapping[str, frozenset[str]]:
    """Each of our modules → what it imports, in function bodies and for type checking too."""
    return {module: frozenset(imports_of(file)) for module, file in files().items()}


@cache
def files() -> Mapping[str, Path]:
    """Module name → file."""
    found = (
        file
        for part in ("dags", "demo", "include", "plugins", "simulator")
        for file in sorted((ROOT / part).rglob("*.py"))
    )
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in found}


def imports_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: imports are absolute here, so that they can be read"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [name for name in names if name in files()]
            yield from modules
            if len(modules) < len(names):
                yield node.module or ""


def is_ours(module: str) -> bool:
    return module.split(".")[0] in ("bench", "dags", "demo", "include", "plugins", "simulator", "tests")


def part_of(module: str) -> str:
    """The part of the house a module belongs to; a module outside every part has no arrows yet."""
    return next((part for part in ARROWS if lies_in(module, part)), module)


def arrows_of(module: str) -> tuple[str, ...]:
    return ARROWS.get(part_of(module), ())


def lies_in(module: str, part: str) -> bool:
    return module == part or module.startswith(f"{part}.")
