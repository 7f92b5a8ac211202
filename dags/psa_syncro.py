"""Syncro to Postgres, every night. An Airflow Dag."""

from include.dag_factory import psa_dag

dag = psa_dag("syncro", schedule="@daily")
