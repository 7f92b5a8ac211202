"""Syncro as its API document and its users describe it, over a world that was not made for it."""

from simulator.syncro.api import Syncro as Api

__all__ = ["Api"]
