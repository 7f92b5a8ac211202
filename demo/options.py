"""What a person can say to the demo, all of it through variables: `make demo ONCE=1 PORT=8081 COMPANIES=50`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from demo.errors import DemoError


@dataclass(frozen=True)
class Options:
    """Once: leave after the run. Port: of Airflow's pages. Companies: the size of the made-up MSP, if one was named."""

    once: bool = False
    port: int = 8080
    companies: int | None = None


def read(environment: Mapping[str, str]) -> Options:
    return Options(
        once=environment.get("ONCE", "") not in ("", "0"),
        port=_number(environment, "PORT", most=65_535) or Options.port,
        companies=_number(environment, "COMPANIES", most=100_000),
    )


def _number(environment: Mapping[str, str], name: str, *, most: int) -> int | None:
    text = environment.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise DemoError(f"{name}={text}: this must be a number from 1 to {most}.")
    return int(text)
