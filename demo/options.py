"""The demo's options, which are variables: `make demo ONCE=1 PORT=8081 COMPANIES=50`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from demo.errors import DemoError


@dataclass(frozen=True)
class Options:
    """The options, with their defaults."""

    once: bool = False
    """Exit after the runs."""
    port: int = 8080
    """Where Airflow's pages are."""
    companies: int | None = None
    """The size of each simulated tenant; None for that of the last demo."""


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
