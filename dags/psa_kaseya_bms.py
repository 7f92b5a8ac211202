"""Kaseya BMS to Postgres, every night. An Airflow Dag."""

from include.dag_factory import psa_dag

dag = psa_dag("kaseya_bms", schedule="@daily")
