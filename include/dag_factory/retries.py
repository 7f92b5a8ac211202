"""When a task of ours is tried again, and how late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import RetryDecision, RetryPolicy

from include.model.errors import (
    PsaError,
    RateLimited,
    SecretsUnavailable,
    TransientError,
    Truncated,
    WarehouseDown,
)

RETRIES = 3
# Of a task that gets no turn because others go first, or because other tools use up the PSA's limit.
PATIENT_RETRIES = 24
RETRY_DELAY = timedelta(minutes=1)
# Records that come and go during a listing can make it look truncated.
MAY_PASS = (TransientError, WarehouseDown, SecretsUnavailable, Truncated)


class PsaRetryPolicy(RetryPolicy):
    """Retry temporary errors, as late as the vendor asks; fail at once where a person has to act."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,  # noqa: ARG002 - the signature is Airflow's
        context: Any = None,  # noqa: ARG002
    ) -> RetryDecision:
        delay = max(timedelta(seconds=getattr(exception, "retry_after_seconds", 0.0)), RETRY_DELAY)
        if isinstance(exception, RateLimited) and exception.retry_after_seconds:
            return RetryDecision.retry(delay, "the vendor's rate limit")
        if isinstance(exception, PsaError) and not isinstance(exception, MAY_PASS):
            return RetryDecision.fail("a person has to act")
        if try_number > RETRIES:
            return RetryDecision.fail("it was tried often enough")
        return RetryDecision.retry(delay, "the PSA said when") if delay > RETRY_DELAY else RetryDecision.default()
