"""Whatever happens to a sync and its PSA, a full run makes the tables what the PSA has, and a quick run nothing wrong.

`make test-long` tries a thousand histories, others each time.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings

from include import connectors
from tests.support.databases import EmptyWarehouses
from tests.support.histories import Life, Step, histories
from tests.support.rig import rig
from tests.support.truth import vendor
from tests.support.worlds import new_world

# A history takes seconds, so `make test` has few of them.
EXAMPLES = settings().max_examples // len(connectors.NAMES) if "PSA_TEST_LONG" in os.environ else 2


@pytest.mark.timeout(7200)  # a history that fails is shortened first
@pytest.mark.parametrize("name", sorted(connectors.NAMES))
@settings(max_examples=EXAMPLES)
@given(history=histories)
def test_a_full_run_makes_the_tables_what_the_psa_has(
    warehouses: EmptyWarehouses, name: str, history: tuple[Step, ...]
) -> None:
    world = new_world(companies=2, sites=3, contacts=3, assets=3, tickets=0)
    with warehouses.borrow() as dsn, rig(dsn, world, vendor=name, rate_limit=100_000) as running:
        Life(running, vendor(name)).live(history)
