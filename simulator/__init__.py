"""Fake PSAs over one seeded world: each vendor's API as its documents describe it, unkind on demand."""
