"""HaloPSA as its API description and its users' reports have it, over a world that was not made for it."""

from simulator.halopsa.api import HaloPSA as Fake

__all__ = ["Fake"]
