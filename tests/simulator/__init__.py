"""Tests of the simulator itself. If it is wrong, every test that uses it is worthless."""
