"""Postgres: what is kept, how it gets there, and the books about it."""
