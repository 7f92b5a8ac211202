"""Programs for people: what a tenant offers, and what the pages take from the code."""
