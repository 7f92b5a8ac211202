"""Runs of one PSA over each other, turn by turn, while its world changes; and what must hold after every merge."""
