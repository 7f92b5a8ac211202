"""`make demo`: the door, which only makes sure that everything is installed."""

from __future__ import annotations

import sys

try:
    from demo.show import main
except ModuleNotFoundError as error:
    sys.exit(f"The module {error.name} is missing. `rm -rf .venv && make demo` installs everything anew.")

if __name__ == "__main__":
    sys.exit(main())
