"""Programs for people: what a tenant offers, what the pages take from the code, and the files of a new vendor."""
