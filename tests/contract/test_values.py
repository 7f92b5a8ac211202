"""Values of records in every form that JSON has, one at a time in records of every PSA."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, ClassVar

import pytest

from include import connectors
from include.connectors.common.mapping import Rows, map_details, map_page
from include.connectors.common.setup import check_setup, discover
from include.connectors.common.values import InvalidValue
from include.connectors.contract import ReadContext, Stream
from include.model.errors import PsaError
from include.model.numbers import Number
from include.model.page import Page, Record
from include.model.setup import Setup
from include.model.strict_json import Ambiguous, read_json, write_json
from include.sync.extract import extract
from simulator.faults.base import Fault
from simulator.messages import Response
from tests.support.rig import rig
from tests.support.truth import differences, vendor
from tests.support.worlds import new_world

EMPTY: tuple[Record, ...] = (None, "", " \t", {}, [])
HOSTILE = ("x", "\x00", "A\ud800", 7, -1, True, 10**30, Number("0.1"), Number("1e999"), ["x"], {"a": 1}, Ambiguous())
UNSTORABLE = re.compile(r"[\x00\ud800]|\\u0000|\\ud800")
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Sample:
    """A record as a stream's mapping reads it."""

    stream: Stream[Any]
    setup: Setup
    record: Record
    is_detail: bool = False

    def rows(self, record: Record) -> Rows:
        """The record's row, or why it is rejected."""
        details = self.stream.details
        if not (self.is_detail and details):
            return map_page(self.stream, Page([record]), self.setup)
        mapped = Rows()
        try:
            mapped.rows.append(map_details(self.stream, details, record, self.setup, mapped.unread))
        except InvalidValue:
            mapped.rejects.append(None)  # type: ignore[arg-type] # only counted
        return mapped

    def paths(self) -> Iterator[Path]:
        """Where the vendor's values are; names that begin with `_` may be of a connector's own."""
        is_made = self.stream.table == "company_sites" and "customer" in self.record  # by Syncro's connector
        for path in _paths(self.record):
            if not (is_made and len(path) == 1) and not (str(path[0]).startswith("_") and path[0] != "_info"):
                yield path


def _paths(value: Record, before: Path = ()) -> Iterator[Path]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*before, key)
        yield from _paths(one, (*before, key))


def changed(record: Record, path: Path, value: Record) -> Record:
    """The record with another value at a path."""
    copy = deepcopy(record)
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return copy


def at(record: Record, path: Path) -> Record:
    for step in path:
        record = record[step]
    return record


@pytest.fixture(scope="module", params=sorted(connectors.NAMES))
def samples(request: pytest.FixtureRequest, postgres: Any) -> list[Sample]:
    """Two records of each table, and the details of one."""
    psa, found = vendor(request.param), list[Sample]()
    with rig(postgres.url(), new_world(companies=12), setup=psa.setup, vendor=psa.name) as running:
        context = ReadContext(running.client(), psa.setup)
        for stream in connectors.load(psa.name).streams:
            records = islice((record for page in stream.read(context) for record in page.records), 3, 5)
            some = [Sample(stream, psa.setup, record) for record in records]
            found += some
            if stream.details and some:
                row = some[0].rows(some[0].record).rows[0]
                detail = stream.details.read(context, row["source_id"], row.get("company_source_id"))
                found.append(Sample(stream, psa.setup, detail, is_detail=True))
    return found


@pytest.mark.parametrize("fault", ["empty_in_other_forms", "respelled"])
@pytest.mark.parametrize("name", sorted(connectors.NAMES))
def test_a_run_over_other_forms_of_the_same_values_finds_no_difference(
    warehouse_dsn: str, name: str, fault: str
) -> None:
    psa = vendor(name)
    setup = replace(psa.setup, details_per_night=100_000)
    with rig(warehouse_dsn, new_world(companies=12), setup=setup, vendor=name, faults=[fault]) as running:
        counts = running.run()
        expected = psa.truth(running.simulator.world, setup)
        assert [line for table, rows in expected.items() for line in differences(running.rows(table), rows)] == []
        assert not any(one.rejected for one in counts.values()), counts


@dataclass(kw_only=True)
class ListOfAnotherForm(Fault):
    """The list of records of an answer is something else that is empty, and all the rest is as it was."""

    name: ClassVar[str] = "list_of_another_form"
    form: Record = None

    def change_response(self, response: Response) -> Response:
        body = json.loads(response.body)
        if isinstance(body, list):
            return replace(response, body=json.dumps(self.form).encode())
        changed = {key: self.form if isinstance(one, list) else one for key, one in body.items()}
        return replace(response, body=json.dumps(changed).encode())


@pytest.mark.parametrize("form", [None, "", " ", {}, 0, False])
@pytest.mark.parametrize("name", sorted(connectors.NAMES))
def test_a_listing_in_another_form_is_no_empty_listing(warehouse_dsn: str, name: str, form: Record) -> None:
    psa = vendor(name)
    with rig(warehouse_dsn, new_world(companies=3), setup=psa.setup, vendor=name) as running:
        extract(running.sync(), "assets")
        running.simulator.faults.add(ListOfAnotherForm(path=psa.lists["assets"], form=form))
        with pytest.raises(PsaError):
            extract(running.sync(), "assets")


def test_empty_in_any_form_is_what_null_is(samples: list[Sample]) -> None:
    for sample in samples:
        for path in sample.paths():
            null, *others = (sample.rows(changed(sample.record, path, empty)) for empty in EMPTY)
            for empty, rows in zip(EMPTY[1:], others, strict=True):
                assert rows == null, (sample.stream.table, path, empty)
            assert not null.unread


def test_records_that_are_mapped_together_give_what_each_gives_alone(samples: list[Sample]) -> None:
    for sample in samples:
        for path in () if sample.is_detail else sample.paths():
            hostile = [changed(sample.record, path, value) for value in (*EMPTY, *HOSTILE)]
            records = [sample.record, *hostile, sample.record]
            together = map_page(sample.stream, Page(records), sample.setup)
            alone = [sample.rows(record) for record in records]
            assert _filled(together) == [row for one in alone for row in _filled(one)], (sample.stream.table, path)
            assert together.rejects == [reject for one in alone for reject in one.rejects], (sample.stream.table, path)
            assert together.unread == sum((one.unread for one in alone), Counter()), (sample.stream.table, path)


def _filled(mapped: Rows) -> list[dict[str, object]]:
    return [{name: value for name, value in row.items() if value is not None} for row in mapped.rows]


def test_values_that_are_nested_too_deeply_reject_their_record_at_most(samples: list[Sample]) -> None:
    deep = json.loads('[{"a":' * 300 + "7" + "}]" * 300)
    for sample in samples:
        for path in sample.paths():
            rows = sample.rows(changed(sample.record, path, deep))
            assert len(rows.rows) + len(rows.rejects) == 1, (sample.stream.table, path)


def test_a_flag_is_the_same_in_every_spelling(samples: list[Sample]) -> None:
    for sample in samples:
        for path in sample.paths():
            flag = at(sample.record, path)
            if isinstance(flag, bool) and path[-1] != "value":  # that of a custom field is kept as it is spelled
                spellings = (str(flag), f" {flag} ".lower(), int(flag), str(int(flag)), Number(f"{int(flag)}.0"))
                for spelled in spellings:
                    rows = sample.rows(changed(sample.record, path, spelled))
                    assert rows == sample.rows(sample.record), (sample.stream.table, path, spelled)


def test_a_key_is_the_same_in_every_spelling(samples: list[Sample]) -> None:
    for sample in samples:
        for path in sample.paths():
            key = at(sample.record, path)
            if isinstance(key, int) and not isinstance(key, bool) and str(path[-1]).lower().endswith("id"):
                for spelled in (str(key), f" {key} ", Number(f"{key}.0"), f"{key}.0"):
                    rows = sample.rows(changed(sample.record, path, spelled))
                    assert rows == sample.rows(sample.record), (sample.stream.table, path, spelled)


def test_a_value_of_any_other_kind_rejects_its_record_or_changes_a_row_and_never_more(samples: list[Sample]) -> None:
    for sample in samples:
        for path in sample.paths():
            for value in HOSTILE:
                rows = sample.rows(changed(sample.record, path, value))
                assert len(rows.rows) + len(rows.rejects) == 1, (sample.stream.table, path, value)
                written = [str(one) for row in rows.rows for one in row.values() if not isinstance(one, dict)]
                written += [write_json(row.get("custom_fields")) for row in rows.rows]
                assert not re.search(r"[\x00\ud800]|\\u0000|\\ud800", " ".join(written)), (
                    sample.stream.table,
                    path,
                    value,
                )


TWICE: list[Record] = [{"id": 5, "value": 1}, {"id": 5.0, "value": 2}, {"id": 6, "value": 3}]
# A record with two custom fields of one id or name, and what setup calls that field and another one.
SEVERAL: dict[str, tuple[Record, str, str]] = {
    "autotask": (
        {"userDefinedFields": [{"name": n, "value": v} for n, v in (("A", "1"), ("A", "2"), ("a", "3"))]},
        "A",
        "a",
    ),
    "connectwise": ({"customFields": TWICE}, "5", "6"),
    "halopsa": ({"customfields": TWICE}, "5", "6"),
    "kaseya_bms": ({"customfields": [{"customfieldid": one["id"], "data": one["value"]} for one in TWICE]}, "5", "6"),
    "syncro": ({"properties": read_json('{"A": 1, "A": 2, "a": 3, "A\\u0000": 4}')}, "A", "a"),
}


@pytest.mark.parametrize("name", sorted(connectors.NAMES))
def test_of_two_custom_fields_under_one_name_none_is_stored(name: str) -> None:
    record, twice, once = SEVERAL[name]
    stream = next(one for one in connectors.load(name).streams if one.table == "assets")

    def mapped(field: str) -> Rows:
        setup = Setup(custom_fields={"assets": {"chosen": field}})
        is_detail = bool(stream.details and stream.details.custom)
        return Sample(stream, setup, record, is_detail).rows({"id": 7, **record})

    assert [str(row["custom_fields"]["chosen"]) for row in mapped(once).rows] == ["3"]
    assert (len(mapped(twice).rows), len(mapped(twice).rejects)) == (0, 1)


NAMES_AND_FLAGS = (
    "name",
    "label",
    "displayName",
    "caption",
    "type",
    "isProtected",
    "isencrypted",
    "inactive",
    "settings",
)


@pytest.mark.parametrize("name", sorted(connectors.NAMES))
def test_invalid_names_and_flags_in_any_list_are_left_out_or_refused_by_name(warehouse_dsn: str, name: str) -> None:
    psa = vendor(name)
    connector, setup = connectors.load(name), replace(psa.setup, details_per_night=2)
    with rig(warehouse_dsn, new_world(companies=3), setup=setup, vendor=name) as running:
        for key in NAMES_AND_FLAGS:
            running.simulator.faults.add(f"odd_record:key={key},kind=object,nth=1")
        client = running.client()
        with suppress(PsaError):  # any other error would be unforeseen
            running.run()
        with suppress(PsaError):
            discover(connector, client)
        with suppress(PsaError):
            check_setup(connector, client, setup)
