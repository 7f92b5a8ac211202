"""ConnectWise PSA, simulated after its developer guide."""

from simulator.connectwise.api import ConnectWise as Api

__all__ = ["Api"]
