"""The ticket page: access rules, routes and static files. It stores nothing."""
