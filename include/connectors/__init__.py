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


def load(name: str) -> Connector[PsaClient]:
    """The connector of a vendor; imported when it is needed, since parsing a DAG needs the name alone."""
    if name not in NAMES:
        raise ConfigError(f"There is no PSA '{name}'. Known: {', '.join(NAMES)}.")
    connector: Connector[PsaClient] = importlib.import_module(f"include.connectors.{name}").CONNECTOR
    return connector
