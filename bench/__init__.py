"""Measurements that a person runs by hand; each prints what it found and fails when a promise is broken."""
