"""What the documents say is so: generated parts, links, commands, settings, SQL and quoted messages."""

from __future__ import annotations

import importlib.util
import inspect
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml
from jsonschema import Draft202012Validator

from include import connectors
from include.connectors.common import setup as tenant_setup
from include.connectors.common.custom_values import DATES
from include.model import errors
from include.model import setup as model_setup
from include.model.errors import ConfigError
from include.model.run import Run
from include.model.tables import BY_NAME, TABLES
from include.model.version import __version__
from include.tools import discover, pages
from include.warehouse.connection import Warehouse
from include.warehouse.schema import ensure_schema
from include.warehouse.staging import Staging
from tests.support.rig import rig
from tests.support.worlds import new_world

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
VARIABLE = "Airflow Variable 'psa_connectwise'"
# Whom a page may send a reader to: this machine, Airflow's constraints, and the vendors' own examples of an address.
HOSTS = (
    "127.0.0.1",
    "localhost",
    "api-na.myconnectwise.net",
    "developer.connectwise.com",
    "raw.githubusercontent.com",
    "yourcompany.halopsa.com",
)
NO_REFERENCE: Mapping[str, Any] = {"origin": "http://127.0.0.1:9"}
# Vendor → what its page calls a wrong value → connections that have it wrong, or the fault that is like such a host.
WRONG: Mapping[str, Mapping[str, Sequence[Mapping[str, Any] | str]]] = {
    "connectwise": {
        "company id": [{"login": "acme+key"}],
        "login": [{"login": "acme"}],
        "client id": [{"extra": {}}],
        "key": [{"password": "wrong"}],
        "host": [NO_REFERENCE],
    },
    "autotask": {
        "user name": [{"login": "nobody@example.com"}],
        "secret": [{"password": "wrong"}],
        "tracking identifier": [{"extra": {"integrationCode": "wrong"}}],
        "no tracking identifier": [{"extra": {}}],
        "host": [NO_REFERENCE],
    },
    "halopsa": {
        "client id, secret or tenant": [{"login": "wrong"}, {"password": "wrong"}, {"extra": {"tenant": "wrong"}}],
        "scope": [{"extra": {"scope": "read:nothing"}}],
        "host": ["html_200"],
    },
    "kaseya_bms": {
        "user name, password or tenant": [{"login": "nobody"}, {"password": "wrong"}, {"extra": {"tenant": "wrong"}}],
        "tenant missing": [{"extra": {}}],
        "host of version 1 of the API": ["foreign_envelope:path=*"],
        "host": [NO_REFERENCE],
    },
    "syncro": {
        "token, mistyped": [{"password": "two words"}],
        "token, unknown or expired": [{"password": "wrong"}],
        "host": [NO_REFERENCE],
    },
}
# Folders that only the machine of whoever wrote a page has, and mirrors of package registries.
LOCAL = re.compile(r"(?<![\w.])/(?:home|root|tmp|Users|work)/|index-url|/simple\b|artifactory|nexus|proxy\.")

LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```.*?^```$|^ {4,}\S[^\n]*$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"^```json\n(?P<wrong>[^`]*)```\n```text\n(?P<message>[^`]*)```$", re.MULTILINE)


def test_every_generated_part_is_as_the_code_has_it() -> None:
    assert pages.main(["--check"]) == 0


def test_a_stale_part_is_rewritten_and_the_rest_of_its_page_kept(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- generated: part -->\nstale\n<!-- end -->\nafter\n", encoding="utf-8")
    text = pages.fresh(page, {"part": lambda: ["fresh"]})
    assert text == "before\n<!-- generated: part -->\n\nfresh\n\n<!-- end -->\nafter\n"


def test_a_page_that_lost_a_marker_is_an_error(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing\n", encoding="utf-8")
    with pytest.raises(KeyError, match=r"page\.md has no marker for part"):
        pages.fresh(page, {"part": lambda: ["fresh"]})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    dead = [
        link
        for link in LINK.findall(read(page))
        if not urlsplit(link).scheme and not leads_somewhere(page, *link.partition("#")[::2])
    ]
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_exists(page: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE)
    code = " ".join(CODE.findall(read(page)))
    assert set(re.findall(r"\bmake ([a-z-]+)", code)) <= set(targets)
    assert [module for module in re.findall(r"python -m ([\w.]+)", code) if not runs(module)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_names_a_place_that_its_readers_do_not_have(page: Path) -> None:
    assert LOCAL.findall(read(page)) == []
    assert {urlsplit(url).hostname for url in re.findall(r"https?://[^\s`)'\"]+", read(page))} <= {*HOSTS}


def test_the_newest_release_in_the_changelog_is_the_version_that_runs_log() -> None:
    assert re.findall(r"^## (\S+)$", read(ROOT / "CHANGELOG.md"), re.MULTILINE)[0] == __version__


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_quoted_logs_are_of_this_version(page: Path) -> None:
    assert {*re.findall(r"PSA Sync (\d[\w.]*)", read(page))} <= {__version__}


def test_every_entry_of_airflow_settings_is_explained() -> None:
    page = read(ROOT / "docs/installing.md")
    entries = yaml.safe_load(read(ROOT / "airflow_settings.yaml"))["airflow"]
    names = {
        *(entry["conn_id"] for entry in entries["connections"]),
        *(key for entry in entries["connections"] for key in entry if key not in ("conn_id", "conn_extra")),
        *(key for entry in entries["connections"] for key in json.loads(entry.get("conn_extra", "{}"))),
        *(field.partition(".")[2] for name in connectors.NAMES for field in connectors.load(name).connection),
        *(entry["variable_name"] for entry in entries["variables"]),
    }
    assert [name for name in sorted(names - {""}) if f"`{name}`" not in page] == []


def test_the_variable_that_airflow_settings_offers_is_valid() -> None:
    for entry in yaml.safe_load(read(ROOT / "airflow_settings.yaml"))["airflow"]["variables"]:
        model_setup.parse(entry["variable_value"], where=entry["variable_name"])


def test_every_setting_has_an_example_that_is_valid() -> None:
    page = QUOTED.sub("", read(ROOT / "docs/setup.md"))
    examples = [match["body"] for match in FENCE.finditer(page) if match["kind"] == "json"]
    for example in examples:
        model_setup.parse(example, where=VARIABLE)
    known = {path for path, _ in model_setup.schema().settings()}
    assert known == {path for example in examples for path in set_by(json.loads(example), known)}


def test_a_mapped_date_is_shown_with_and_without_a_format() -> None:
    page = QUOTED.sub("", read(ROOT / "docs/setup.md"))
    examples = [match["body"] for match in FENCE.finditer(page) if match["kind"] == "json"]
    mapped = [model_setup.parse(example, where=VARIABLE).field_map_of("assets") for example in examples]
    dates = [fields[column] for fields in mapped for column in fields.keys() & DATES]
    assert {field.format == "" for field in dates} == {True, False}


def test_every_quoted_message_is_what_wrong_setup_says() -> None:
    quoted = [
        (match["wrong"].strip(), match["message"].strip()) for match in QUOTED.finditer(read(ROOT / "docs/setup.md"))
    ]
    assert len(quoted) >= 8
    with rig("", new_world()) as tenant:
        client = tenant.client()
        for wrong, message in quoted:
            said = complaint(wrong, client)
            assert said == message or (message.endswith("…") and said.startswith(message.rstrip("… "))), said


def test_every_column_that_a_custom_field_may_fill_is_named() -> None:
    page = read(ROOT / "docs/setup.md")
    for table in TABLES:
        found = re.search(rf"^\| `field_map\.{table.name}` \| .* Columns: (.*) \|$", page, re.MULTILINE)
        columns = [column.name for column in table.columns_from_custom_fields]
        assert (found[1].split(", ") if found else []) == columns, table.name


def test_the_schema_beside_the_page_accepts_what_the_page_shows() -> None:
    validator = Draft202012Validator(json.loads(read(ROOT / "docs/setup.schema.json")))
    page = read(ROOT / "docs/setup.md")
    wrong = [json.loads(match["wrong"]) for match in QUOTED.finditer(page) if "is not a setting" in match["message"]]
    right = [match["body"] for match in FENCE.finditer(QUOTED.sub("", page)) if match["kind"] == "json"]
    assert wrong
    assert not any(validator.is_valid(example) for example in wrong)
    assert all(validator.is_valid(json.loads(example)) for example in right)


def test_a_schema_that_is_stale_or_missing_is_reported_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "setup.schema.json"
    assert pages.bring_up_to_date({file: "fresh"}, check=True) == 1
    assert not file.exists()
    assert pages.bring_up_to_date({file: "fresh"}, check=False) == 0
    assert read(file) == "fresh"
    assert pages.bring_up_to_date({file: "fresh"}, check=True) == 0
    assert capsys.readouterr().out.splitlines() == [
        "setup.schema.json is stale: run `python -m include.tools.pages`.",
        "setup.schema.json was rewritten.",
    ]


def test_the_choices_shown_are_those_that_discover_shows() -> None:
    shown = re.findall(r"^```text\n(custom fields of .*?)^```$", read(ROOT / "docs/setup.md"), re.MULTILINE | re.DOTALL)
    with rig("", new_world()) as tenant:
        choices = tenant_setup.discover(connectors.load("connectwise"), tenant.client())
        lines = list(discover._told(choices, "psa_connectwise"))
    assert shown
    assert [line for text in shown for line in text.splitlines() if line not in lines] == []


@pytest.mark.parametrize("vendor", connectors.NAMES)
def test_every_quoted_message_is_what_a_wrong_connection_says(vendor: str) -> None:
    rows = re.findall(r"^\| ([\w, -]+) \| `(.*…[^|]*)` \|$", read(ROOT / f"docs/{vendor}.md"), re.MULTILINE)
    quoted = {field: message for field, message in rows if "` or `" not in message}  # two messages are no connection's
    assert quoted.keys() == WRONG[vendor].keys()
    for field, message in quoted.items():
        pattern = ".*".join(map(re.escape, message.split("…")))
        for wrong in WRONG[vendor][field]:
            said = refusal(vendor, wrong)
            assert re.fullmatch(pattern, said), said


def test_every_query_runs_on_the_schema_as_it_is_made(warehouse_dsn: str) -> None:
    queries = [query for page in ("warehouse.md", "operating.md") for query in sql_of(page, "sql")]
    assert len(queries) > 10
    with psycopg.connect(warehouse_dsn) as connection:
        for query in queries:
            connection.execute(query)


def test_the_rights_described_are_enough_for_the_sync_and_for_readers(empty_dsn: str) -> None:
    with psycopg.connect(empty_dsn, autocommit=True) as connection:
        try:
            for statements in sql_of("warehouse.md", "sql rights"):
                connection.execute(statements)
            warehouse = Warehouse(lambda: psycopg.connect(empty_dsn, options="-c role=psa_sync"))
            ensure_schema(warehouse)
            with warehouse.transaction() as as_sync:
                Staging(as_sync, Run("connectwise", "run"), BY_NAME["assets"]).create()
            connection.execute("SET ROLE psa_reader")
            assert connection.execute("SELECT count(*) FROM psa.assets").fetchone() == (0,)
        finally:
            connection.execute("RESET ROLE")
            for role in (b"psa_sync", b"psa_reader"):
                connection.execute(b"DROP OWNED BY %s CASCADE" % role)
                connection.execute(b"DROP ROLE %s" % role)


def test_removing_leaves_nothing_in_the_warehouse(warehouse_dsn: str) -> None:
    with psycopg.connect(warehouse_dsn) as connection:
        for statements in sql_of("operating.md", "sql removing"):
            connection.execute(statements)
        left = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'psa%'").fetchall()
    assert left == []


def test_the_guide_for_people_on_call_knows_every_error() -> None:
    page = read(ROOT / "docs/operating.md")
    known = inspect.getmembers(errors, lambda thing: inspect.isclass(thing) and issubclass(thing, errors.PsaError))
    branches = {base for _, error in known for base in error.__bases__ if base.__name__ != "WarehouseError"}
    raised = [name for name, error in known if error not in branches or error is errors.AuthError]
    assert [name for name in raised if f"`{name}`" not in page] == []


@pytest.mark.parametrize(
    ("page", "dag_ids"),
    [("installing.md", {"psa_halo_uk"}), ("operating.md", {"psa_connectwise", "psa_freshness", "warranty_report"})],
)
def test_every_dag_file_shown_is_one(page: str, dag_ids: set[str]) -> None:
    shown = [match["body"] for match in FENCE.finditer(read(ROOT / "docs" / page)) if match["kind"] == "python"]
    found = set()
    for body in shown:
        names: dict[str, Any] = {}
        exec(body, names)  # noqa: S102 - our own page
        found.add(names["dag"].dag_id)
        assert "airflow" in body.lower()
        assert "dag" in body.lower()  # or Airflow's scan skips the file
    assert found == dag_ids


def test_every_decision_has_its_four_parts_and_its_line_in_the_list() -> None:
    index = read(ROOT / "docs/decisions/README.md")
    for page in sorted((ROOT / "docs/decisions").glob("0*.md")):
        parts = re.findall(r"^## (.+)$", read(page), re.MULTILINE)
        assert parts == ["Context", "Decision", "Consequences", "Violated when"], page.name
        assert f"({page.name})" in index, page.name


def complaint(raw: str, client: Any) -> str:
    """What preflight says about a Variable, at parsing or against the tenant."""
    try:
        setup = model_setup.parse(raw, where=VARIABLE)
        problems = tenant_setup.check_setup(connectors.load("connectwise"), client, setup)
    except ConfigError as error:
        return str(error)
    return f"{VARIABLE}: {' '.join(problems)}"


def refusal(vendor: str, wrong: Mapping[str, Any] | str) -> str:
    """What a task says that logs in with a wrong connection, or reaches a host that answers with a fault."""
    with rig("", new_world(companies=1), vendor=vendor) as tenant:
        if isinstance(wrong, str):
            tenant.simulator.faults.add(wrong)
        with pytest.raises(errors.PsaError) as refused:
            client = tenant.client(**({} if isinstance(wrong, str) else wrong))
            connectors.load(vendor).probe(client, "companies")
    return str(refused.value)


def leads_somewhere(page: Path, path: str, anchor: str) -> bool:
    target = (page.parent / path) if path else page
    if not target.exists():
        return False
    return not anchor or anchor in {slug(title) for title in re.findall(r"^#+ (.+)$", read(target), re.MULTILINE)}


def slug(title: str) -> str:
    """The anchor that a heading gets: lower case, blanks as hyphens, marks left out."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def runs(module: str) -> bool:
    found = importlib.util.find_spec(module)
    if found is None or not found.submodule_search_locations:
        return found is not None
    return importlib.util.find_spec(f"{module}.__main__") is not None


def set_by(example: Mapping[str, Any], known: Collection[str], place: str = "") -> Iterator[str]:
    """The settings that a valid example sets."""
    for name, child in example.items():
        path = place + name
        yield from [path] if path in known else set_by(child, known, f"{path}.")


def sql_of(page: str, kind: str) -> Iterator[bytes]:
    """The blocks of one kind."""
    for match in FENCE.finditer(read(ROOT / "docs" / page)):
        if match["kind"] == kind:
            yield match["body"].encode()


def read(file: Path) -> str:
    return file.read_text(encoding="utf-8")
