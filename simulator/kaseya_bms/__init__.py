"""Kaseya BMS, simulated after its V2 API document and Kaseya's help pages."""

from simulator.kaseya_bms.api import KaseyaBms as Api

__all__ = ["Api"]
