"""Syncro, simulated after its API document and reports of its users."""

from simulator.syncro.api import Syncro as Api

__all__ = ["Api"]
