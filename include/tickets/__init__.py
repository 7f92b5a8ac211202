"""The live tickets behind the ticket page: read from the PSA on demand, shared among viewers, never stored."""
