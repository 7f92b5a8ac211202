"""Numbers as they are written."""

from __future__ import annotations

from decimal import Decimal

import pytest

from include.model.numbers import Number, decimal_number, whole_number


@pytest.mark.parametrize("written", ["1.10", "1e3", "-0.0", "0.30000000000000004", "1E400", "12345678901234567890.5"])
def test_a_number_is_exact_and_is_shown_as_it_was_written(written: str) -> None:
    assert Number(written) == Decimal(written)
    assert f"{Number(written)!s}" == written


def test_the_largest_whole_numbers_are_those_of_64_bits() -> None:
    edges = (2**63 - 1, -(2**63))
    assert [whole_number(edge) for edge in edges] == [whole_number(str(edge)) for edge in edges] == list(edges)
    assert [whole_number(edge) for edge in (2**63, -(2**63) - 1, Number("1e999999999"), 10**4400)] == [None] * 4


@pytest.mark.parametrize("value", [True, None, "", "nan", "1_0", "1e3", [], float("nan"), float("inf")])
def test_what_is_no_number_is_none(value: object) -> None:
    assert decimal_number(value) is None
