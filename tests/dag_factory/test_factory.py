"""The door for DAG files says in a sentence what it cannot work with."""

from __future__ import annotations

import pytest

from include.connectors import load
from include.dag_factory import psa_dag
from include.model.errors import ConfigError


@pytest.mark.parametrize(
    ("typed", "guess"),
    [
        ("halo", " Did you mean 'halopsa'?"),
        ("HaloPSA", " Did you mean 'halopsa'?"),
        ("kaseya", " Did you mean 'kaseya_bms'?"),
        ("connect-wise", " Did you mean 'connectwise'?"),
        ("zendesk", ""),
        ("", ""),
    ],
)
def test_a_psa_that_is_not_known_is_refused_with_a_guess(typed: str, guess: str) -> None:
    for ask in (lambda: psa_dag(typed, schedule=None), lambda: load(typed)):
        with pytest.raises(ConfigError) as refused:
            ask()
        assert f"There is no PSA '{typed}'.{guess} Known: connectwise, autotask, " in str(refused.value)
