"""The demo: Airflow, Postgres and a simulator of each PSA on one machine, from an empty checkout to a green run."""
