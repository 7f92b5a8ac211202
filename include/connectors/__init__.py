"""The vendors this package can read: module name → product name."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from include.model.errors import ConfigError

if TYPE_CHECKING:
    from include.connectors.contract import Connector, PsaClient

NAMES: Mapping[str, str] = {
    "connectwise": "ConnectWise PSA",
    "autotask": "Autotask PSA",
    "halopsa": "HaloPSA",
    "kaseya_bms": "Kaseya BMS",
    "syncro": "Syncro",
}
DETAILED: Mapping[str, tuple[str, ...]] = {
    "halopsa": ("assets", "contacts"),
    "kaseya_bms": ("companies", "assets", "contacts"),
}
"""The kinds of which a vendor gives details, columns of one record at a time: they have a task for them."""
QUICK: frozenset[str] = frozenset({"connectwise", "autotask", "halopsa", "kaseya_bms", "syncro"})
"""The vendors that can be asked for what changed, so that they have quick runs."""


def title_of(name: str) -> str:
    """The product's name; raises ConfigError for a vendor that is not known here."""
    if name not in NAMES:
        from include.model.wording import suggestion  # late, since parsing a DAG needs nothing of it

        raise ConfigError(f"There is no PSA '{name}'.{suggestion(str(name), NAMES)} Known: {', '.join(NAMES)}.")
    return NAMES[name]


def load(name: str) -> Connector[PsaClient]:
    """The connector of a vendor; imported when it is needed, since parsing a DAG needs the name alone."""
    title_of(name)
    connector: Connector[PsaClient] = importlib.import_module(f"include.connectors.{name}").CONNECTOR
    return connector
