"""The faults that every vendor has, by name, and the set of those that are on. Each vendor adds its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields

from simulator.faults import listings, records, transport
from simulator.faults.base import Fault

COMMON_FAULTS: tuple[type[Fault], ...] = (
    transport.RateLimit,
    transport.ServerError,
    transport.Unavailable,
    transport.Html200,
    transport.EmptyBody,
    transport.NullBody,
    transport.NotJson,
    transport.NotANumber,
    transport.ExpiredCredentials,
    transport.LoginHtml404,
    transport.LostRight,
    transport.EdgeBlock,
    transport.Redirect,
    transport.Refusal,
    transport.Slow,
    transport.Hang,
    transport.DroppedConnection,
    listings.RepeatedPage,
    listings.EarlyEnd,
    listings.CappedPage,
    listings.NarrowedList,
    listings.EmptiedList,
    listings.CountDisagrees,
    listings.DuplicateRecord,
    listings.RowEditedBetweenPages,
    listings.RowDeletedBetweenPages,
    records.PoisonedRecord,
    records.NulBytes,
    records.RenamedKey,
    records.Retyped,
    records.ReorderedLists,
    records.MissingId,
    records.OddRecord,
    records.EmptyInOtherForms,
    records.Respelled,
)


class Faults:
    """The faults that are on. They can be switched while the simulator serves."""

    def __init__(self, known: Iterable[type[Fault]]) -> None:
        self.known = {one.name: one for one in known}
        self._on: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._on))

    def add(self, fault: Fault | str) -> Fault:
        """Switch a fault on, given as an object or as text: `name:key=value,key=value`."""
        made = self.parse(fault) if isinstance(fault, str) else fault
        self._on.append(made)
        return made

    def remove(self, fault: Fault | str) -> None:
        """Switch off this fault, or all faults of this name."""
        self._on = [one for one in self._on if one is not fault and one.name != fault]

    def clear(self) -> None:
        """Switch all faults off."""
        self._on = []

    def parse(self, text: str) -> Fault:
        """Parse a fault. The ValueError for a wrong one says what is allowed."""
        name, _, rest = text.partition(":")
        if name not in self.known:
            raise ValueError(f"no fault is called {name!r}; the faults are: {', '.join(sorted(self.known))}")
        kind = self.known[name]
        defaults = {one.name: one.default for one in fields(kind)}
        given: dict[str, object] = {}
        for pair in filter(None, rest.split(",")):
            key, _, value = pair.partition("=")
            if key not in defaults:
                raise ValueError(f"{name} has no {key!r}; it takes: {', '.join(defaults)}")
            given[key] = _typed(name, key, value, like=defaults[key])
        return kind(**given)  # type: ignore[arg-type]  # the keys and types were just taken from the class itself

    def describe(self) -> str:
        """Describe each fault that can be switched on: its name, its arguments and what it does."""
        lines = []
        for name, kind in sorted(self.known.items()):
            taken = ",".join(f"{one.name}={one.default}" for one in fields(kind))
            lines.append(f"{name}:{taken}\n    {kind.__doc__}")
        return "\n".join(lines)


def _typed(name: str, key: str, value: str, *, like: object) -> object:
    if not isinstance(like, int):
        return value
    try:
        return int(value)
    except ValueError:
        raise ValueError(f"{name} wants a whole number for {key}, not {value!r}") from None
