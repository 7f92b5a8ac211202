"""Kaseya BMS as its V2 document and the vendor's help describe it, over a world that was not made for it."""

from simulator.kaseya_bms.api import KaseyaBms as Api

__all__ = ["Api"]
