"""JSON that is read and written without a change."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.model.numbers import Number
from include.model.strict_json import Ambiguous, distinct, parse_json, read_json, repeated_keys, write_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize("body", ["NaN", "[Infinity]", "{'a':1}", "[1,]", "01", "0x10", "1_0", "+5", ".5"])
@pytest.mark.parametrize("read", [read_json, parse_json])
def test_what_is_not_json_is_refused(read: Any, body: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(body)


@pytest.mark.parametrize("body", ["[" * 100_000, "1e99999999999999999999", "9" * 5000])
def test_what_is_too_large_is_refused(body: str) -> None:
    for given_as in (body, body.encode()):
        with pytest.raises(ValueError, match=r"too large|Exceeds"):
            read_json(given_as)


def test_bytes_are_utf_8_with_or_without_its_mark_and_nothing_else() -> None:
    assert read_json(b'\xef\xbb\xbf["\xc3\xa9"]') == read_json(b'["\xc3\xa9"]') == ["é"]
    for other in ('["é"]'.encode("latin-1"), '["é"]'.encode("utf-16"), b'["\xed\xa0\x80"]'):
        with pytest.raises(ValueError, match=r"."):
            read_json(other)


@pytest.mark.parametrize("number", ["1.10", "1e3", "1E22", "0.30000000000000004", "-0.0", "1e400", "10.50", "5.0"])
def test_a_fraction_is_written_as_it_was_read(number: str) -> None:
    assert isinstance(read_json(number), Number)
    assert write_json(read_json(f'{{"a": [{number}]}}')) == f'{{"a": [{number}]}}'


@given(JSON)
def test_what_is_written_reads_the_same(value: Any) -> None:
    assert json.loads(write_json(value)) == json.loads(json.dumps(value))
    assert write_json(read_json(json.dumps(value))) == json.dumps(value)


def objects(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """The text of an object, in which a name may come twice, with or without blanks around it."""
    names = st.sampled_from(
        ['"a"', '"b"', '"\\u0061"', '"a\\""', '"\\u0022:"', '"\\":"', '"a\\\\"', '"\\u003a"', '"é"']
    )
    blanks = st.sampled_from(["", "", "", " ", "\n\t", "\r"])
    pairs = st.tuples(blanks, names, blanks, blanks, inner, blanks).map(
        lambda p: f"{p[0]}{p[1]}{p[2]}:{p[3]}{p[4]}{p[5]}"
    )
    return st.lists(pairs, max_size=4).map(lambda all_: "{" + ",".join(all_) + "}")


ATOMS = [
    "1",
    "1.0",
    "1.00",
    "1e2",
    "-0",
    "true",
    "null",
    '"x"',
    '"\\":"',
    '"\\u0022:"',
    '": "',
    '"\\ud800"',
    '"\\/"',
    "9" * 30,
]
TEXTS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: objects(inner) | st.lists(inner, max_size=3).map(lambda all_: f"[{', '.join(all_)}]"),
    max_leaves=12,
)


@given(TEXTS)
def test_bytes_are_read_as_text_is(text: str) -> None:
    assert repr(read_json(text.encode())) == repr(read_json(text))


@pytest.mark.parametrize(("one", "other"), [("1", "2"), ("1", "true"), ("1.10", "1.1"), ("1", "null"), ("[1]", "1")])
def test_a_key_that_a_psa_gives_twice_has_no_value(one: str, other: str) -> None:
    text = f'[{{"a": {one}, "a": {other}}}]'
    assert read_json(text) == read_json(text.encode()) == [{"a": Ambiguous()}]


def test_a_key_that_comes_twice_with_the_same_value_has_it() -> None:
    assert read_json('{"a": {"b": 1.0}, "c": 2, "a": {"b": 1.0}}') == {"a": {"b": Number("1.0")}, "c": 2}
    assert distinct([("a", 1), ("a", 2), ("a", 1)]) == {"a": Ambiguous()}


def test_every_key_that_a_person_gives_twice_is_found() -> None:
    assert list(repeated_keys(parse_json('{"a": [{"b": 1, "b": 1}], "c": 1, "c": 2}'))) == [("c",), ("a", 0, "b")]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("9007199254740993.0", 9007199254740993),
        ("12345678901234567890.0", 12345678901234567890),
        ("2e2", 200),
        ("0.25", 0.25),
        ("1e999", float("inf")),
    ],
)
def test_a_whole_number_that_a_person_typed_is_exact(typed: str, read: object) -> None:
    assert (parse_json(typed), type(parse_json(typed))) == (read, type(read))
