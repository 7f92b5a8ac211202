"""Autotask PSA, simulated after its REST API documentation."""

from simulator.autotask.api import Autotask as Api

__all__ = ["Api"]
