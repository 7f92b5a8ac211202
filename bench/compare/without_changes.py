"""The same run of this package's pipeline, with a setup that records no changes."""

from __future__ import annotations

from bench.compare.job import job
from bench.compare.pipeline import main
from include.model.setup import Setup

if __name__ == "__main__":
    main(job(), Setup(changes_days=0))
