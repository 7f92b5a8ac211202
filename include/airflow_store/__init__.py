"""Connections and Variables as Airflow has them. What is there but cannot be read does not count as missing."""
