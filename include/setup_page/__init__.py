"""The facts behind the page PSA setup: a connection and its test, what a PSA offers, what a setup would change."""
