"""ConnectWise PSA as its developer guide describes it, over a world that was not made for it."""

from simulator.connectwise.api import ConnectWise as Api

__all__ = ["Api"]
