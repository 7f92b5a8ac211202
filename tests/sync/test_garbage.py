"""The search for garbage is rare while pages are read, and as usual afterwards."""

from __future__ import annotations

import gc

import pytest

from include.sync.garbage import NEW_OBJECTS, rare_searches


def test_searches_are_rare_in_the_block_and_as_usual_after_it() -> None:
    usual = gc.get_threshold()
    with pytest.raises(KeyError), rare_searches():
        assert gc.get_threshold() == (NEW_OBJECTS, *usual[1:])
        raise KeyError
    assert gc.get_threshold() == usual


def test_a_process_that_searches_more_rarely_still_does() -> None:
    usual = gc.get_threshold()
    gc.set_threshold(NEW_OBJECTS + 1, *usual[1:])
    try:
        with rare_searches():
            assert gc.get_threshold()[0] == NEW_OBJECTS + 1
    finally:
        gc.set_threshold(*usual)
