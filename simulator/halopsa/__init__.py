"""HaloPSA as its API description and its users' reports have it, over a world that was not made for it."""

from simulator.halopsa.api import HaloPSA as Api

__all__ = ["Api"]
