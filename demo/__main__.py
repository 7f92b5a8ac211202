"""`make demo`: checks that everything is installed, then starts the demo."""

from __future__ import annotations

import sys

try:
    from demo.show import main
except ModuleNotFoundError as error:
    sys.exit(f"The module {error.name} is missing. `rm -rf .venv && make demo` installs everything again.")

if __name__ == "__main__":
    sys.exit(main())
