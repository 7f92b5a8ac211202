"""`make clean`: ends the demo's processes and removes its data, wherever they are."""

from __future__ import annotations

import shutil
import sys

from demo import postgres_home, processes
from demo.errors import DemoError
from demo.postgres import EmbeddedPostgres
from demo.show import PROJECT
from demo.state import State


def main() -> int:
    state = State(PROJECT / ".demo")
    try:
        with state.locked():
            processes.end_marked(state.folder)
            if state.postgres.exists():
                EmbeddedPostgres(state.postgres).stop()
            postgres_home.remove(state.postgres)
            shutil.rmtree(state.folder)
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
