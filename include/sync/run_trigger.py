"""Why there was a run, as its reports say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from include.model.request import Request
from include.model.run_types import is_force_sync, name_of
from include.model.wording import duration


@dataclass(frozen=True)
class RunTrigger:
    """Why there was a run, and when."""

    run_type: str
    """Airflow's type of the run."""
    request: Request
    company: str | None
    """The company that was found for the request, as a person reads it."""
    user: str | None
    """Who triggered it."""
    asked_at: datetime
    """When it was due, or was triggered, by Airflow's clock."""
    began_at: datetime
    """When its first task began, by Postgres' clock; by Airflow's after a retry, or if it was cleared."""
    reported_at: datetime
    """When this report was made, by Postgres' clock."""
    cleared: bool = False
    """Whether it had ended before, and was cleared."""
    remarks: tuple[str, ...] = ()
    """Sentences about the way it was run that a person should read."""
    preflight_failure: str | None = None
    """Why preflight failed, if it did."""

    @property
    def took_seconds(self) -> float:
        """From its first task until now."""
        return (self.reported_at - self.began_at).total_seconds()

    @property
    def opening(self) -> str:
        """Who asked for what, and how long it queued and ran."""
        name = name_of(self.run_type, is_quick=self.request.is_quick)
        forced = is_force_sync(self.run_type)
        who = f"asked for by {self.user or 'an unknown user'}" if forced else "due"
        waited = duration(max((self.began_at - self.asked_at).total_seconds(), 0))
        wait = f"queued {waited}" if forced else f"began {waited} later"
        if self.cleared:
            wait = f"was cleared since; counted from {_moment(self.began_at)} it"
        ran = "ran" if self.cleared else "and ran"
        return (
            f"{name} of {self.request}; {who} at {_moment(self.asked_at)}. "
            f"It {wait} {ran} {duration(self.took_seconds)}."
        )


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
