"""`python -m include.tools.discover <psa>`: lists what the Variable `psa_<name>` can choose at this tenant."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
from collections.abc import Iterable, Sequence

from include import connectors
from include.model.choices import Choice
from include.model.errors import PsaError

EXAMPLE_CHARACTERS = 60
EXAMPLE = {
    "companies": {"types": ["Client"], "statuses": ["Active"]},
    "custom_fields": {"assets": {"the_name_you_want": 12}, "contacts": {}},
    "field_map": {"assets": {"purchase_date": {"field": 34, "format": "%m/%d/%Y"}}},
    "deletion_guard": {"share": 0.1, "rows": 10},
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, or 1 after one line that says what to fix."""
    parser = argparse.ArgumentParser(prog="python -m include.tools.discover", description=__doc__)
    parser.add_argument("psa", choices=sorted(connectors.NAMES))
    parser.add_argument("--source", help="name of the sync, if it is not that of the PSA (a second tenant)")
    chosen = parser.parse_args(arguments)
    # The metadata database's connections are open to servers and the CLI only; Airflow's own CLI says so like this.
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"
    try:
        choices = _discover(chosen.psa, f"psa_{chosen.source or chosen.psa}")
    except PsaError as error:
        print(error, file=sys.stderr)
        return 1
    for line in _told(choices, f"psa_{chosen.source or chosen.psa}"):
        print(line)
    return 0


def _discover(vendor: str, conn_id: str) -> list[Choice]:
    from include.connectors.common.setup import discover
    from include.model.limits import Lane
    from include.sync.connect import open_client
    from include.warehouse.connection import open_warehouse
    from include.warehouse.requirements import check_database
    from include.warehouse.schema import ensure_schema

    connector, warehouse = connectors.load(vendor), open_warehouse()
    check_database(warehouse)
    ensure_schema(warehouse)
    with open_client(connector, conn_id, warehouse, Lane.FORCED) as client:
        return discover(connector, client)


def _told(choices: Iterable[Choice], variable: str) -> Iterable[str]:
    for group, members in itertools.groupby(choices, key=lambda choice: choice.group):
        yield f"{group}"
        for choice in members:
            remarks = [choice.note] * bool(choice.note) + ["perhaps of another screen"] * (not choice.on_records)
            remarks += [choice.refused] * bool(choice.refused)
            told = f"  ({', '.join(remarks)})" if remarks else ""
            examples = [" ".join(example.split())[:EXAMPLE_CHARACTERS] for example in choice.examples]
            seen = f"  for example: {' | '.join(examples)}" if examples else ""
            label = "" if choice.label == choice.id else f"  {choice.label}"
            yield f"  {choice.id:>6}{label}{told}{seen}"
        yield ""
    yield f"The Airflow Variable '{variable}' chooses among these, for example:"
    yield json.dumps(EXAMPLE, indent=2)


if __name__ == "__main__":
    sys.exit(main())
