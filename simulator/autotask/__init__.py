"""Autotask PSA as its REST documents describe it, over a world that was not made for it."""

from simulator.autotask.api import Autotask as Api

__all__ = ["Api"]
