"""PSA Sync: copies what MSPs keep in their PSAs into Postgres, and shows their tickets live."""

import sys
from collections.abc import Sequence
from pkgutil import extend_path
from types import ModuleType

__path__ = extend_path(__path__, __name__)  # an `include` package of the installation's own stays importable

MOVED = {  # modules of 0.3.0 that an installation may import or run
    "include.account": "include.sync.connect",
    "include.airflow_run": "include.sync.context",
    "include.connectors.base": "include.connectors.contract",
    "include.docs": "include.tools.pages",
    "include.errors": "include.model.errors",
    "include.kinds": "include.model.kinds",
    "include.live": "include.tickets",
    "include.preflight": "include.sync.preflight",
    "include.request": "include.model.request",
    "include.settings": "include.model.setup",
    "include.setup": "include.tools.discover",
    "include.simulator": "simulator",
    "include.summary": "include.sync.report",
    "include.warehouse.tables": "include.model.tables",
}


class _MovedModules:
    """The last finder to be asked, which names the new place of a module that has moved."""

    @staticmethod
    def find_spec(name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None) -> None:
        if name in MOVED:  # without `name=`, or `from include import errors` would hide this message
            raise ModuleNotFoundError(f"{name} is now {MOVED[name]}: see CHANGELOG 0.4.0.")


sys.meta_path.append(_MovedModules)
