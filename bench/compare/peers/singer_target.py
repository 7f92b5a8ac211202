"""The Singer target for Postgres of MeltanoLabs, with its settings as they are; it reads what the tap writes."""

from __future__ import annotations

from target_postgres.target import TargetPostgres

from bench.compare.job import job

SCHEMA = "loaded"

if __name__ == "__main__":
    config = {
        "sqlalchemy_url": job().dsn.replace("postgresql:", "postgresql+psycopg:", 1),
        "default_target_schema": SCHEMA,
    }
    TargetPostgres(config=config).listen()
