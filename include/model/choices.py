"""What a person can choose or has to type, and how large a tenant is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """Something that setup can choose: a custom field, a type, a status or a board."""

    group: str
    """What it is, such as `custom fields of assets`."""
    id: str
    """What setup calls it: the vendor's key."""
    label: str
    """What people see in the PSA."""
    note: str = ""
    on_records: bool = True
    """Whether it was seen in use."""
    examples: tuple[str, ...] = ()
    """A few values of it."""
    refused: str = ""
    """Why it cannot be chosen, as the end of a sentence; empty when it can."""


@dataclass(frozen=True)
class ConnectionField:
    """A field of the Airflow connection that a person fills in."""

    meaning: str
    example: str
    required: bool = True


@dataclass(frozen=True)
class Sizes:
    """How much a tenant has."""

    companies: int
    sites: int
    assets: int
    contacts: int
    boards: int = 5
