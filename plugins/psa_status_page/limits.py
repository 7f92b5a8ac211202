"""How old a table may be, from setup: looked up as Airflow itself does, and kept for a minute."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from airflow.models.variable import Variable

from include.model.errors import ConfigError
from include.model.setup import Setup, parse
from include.model.setup_messages import variable_of

KEPT_SECONDS = 60.0  # a secrets backend may take longer than all else that the page does


@dataclass(frozen=True)
class Limit:
    """How old the tables of a PSA may be."""

    age: timedelta
    remark: str = ""
    """Why it is the usual one although setup may say another."""


def limit_of(source: str) -> Limit:
    return _read(source, int(time.monotonic() / KEPT_SECONDS))


@lru_cache(maxsize=100)
def _read(source: str, _moment: int) -> Limit:
    name = f"psa_{source}"
    try:
        setup = parse(Variable.get(name, default_var=None), where=variable_of(source))
    except ConfigError:
        setup, remark = Setup(), f"The Variable {name} is not valid: the log of the next run's preflight says why."
    else:
        remark = ""
    return Limit(timedelta(hours=setup.freshness_hours), remark)
