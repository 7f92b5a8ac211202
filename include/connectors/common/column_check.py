"""Loading a connector fails if the name of a column is misspelt, or the vendor does not say where one comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from include.connectors.common.columns import OPTIONAL
from include.model.tables import BY_NAME
from include.model.wording import suggestion


def check_columns(
    table: str,
    columns: Mapping[str, object],
    details: Mapping[str, object] | None = None,
    *,
    has_custom: bool = False,
    expected: Sequence[str] = (),
) -> None:
    """Raise ValueError unless exactly the columns of a table are said, in the listing's or the details' mapping."""
    names = tuple(expected) or ("source_id", *BY_NAME[table].facts)
    said = {*columns, *(details or {}), *(["custom_fields"] if has_custom else [])}
    problems = [
        f"'{name}' is not a column of {table}.{suggestion(name, names)}"
        for name in sorted(said - {*names, *OPTIONAL, "custom_fields"})
    ]
    problems += [
        f"{table}.{name}: say where it comes from, or `not_available(…)` where the vendor has nothing of the kind."
        for name in names
        if name not in said
    ]
    if problems:
        raise ValueError(" ".join(problems))
