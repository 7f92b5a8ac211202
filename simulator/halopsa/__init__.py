"""HaloPSA, simulated after its API description and reports of its users."""

from simulator.halopsa.api import HaloPSA as Api

__all__ = ["Api"]
