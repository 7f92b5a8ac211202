"""The setup page: routes and static files. It stores nothing: the browser saves by Airflow's own API."""
