"""The status page: routes and static files. It reads the ledger and Airflow's runs, and asks no PSA."""
