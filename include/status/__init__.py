"""How fresh the tables of each PSA are, from the ledger alone: for the status page, a monitor and an alert."""
