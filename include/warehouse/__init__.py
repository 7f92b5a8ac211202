"""Postgres: the schema, staging and merge of synced rows, the ledger of every run, and the shared request budget."""
