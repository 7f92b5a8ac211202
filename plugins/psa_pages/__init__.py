"""What the pages in Airflow's UI share: access rules, refusals, request bodies and static files."""
