"""Tickets as they are at this moment: asked for when somebody looks, shared by those who look, and kept nowhere."""
