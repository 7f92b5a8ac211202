"""The pipeline: one run of one PSA, from the first check to the report."""
