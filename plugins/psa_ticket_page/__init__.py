"""The ticket page: routes and static files. It stores nothing."""
