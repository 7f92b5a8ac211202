"""Simulated PSAs over one generated MSP, with faults on demand. simulator/README.md describes the modules."""
