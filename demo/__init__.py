"""The demo: a whole Airflow, a real Postgres and a fake ConnectWise on one machine, from nothing to a green run."""
