"""The version of this package, which every run logs; the newest heading of CHANGELOG.md is the same."""

__version__ = "0.4.0"
