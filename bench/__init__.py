"""Measurements to run by hand; each prints its result and fails when a promise is not kept."""
