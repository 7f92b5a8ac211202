"""This package beside other loaders, on the same records: `make bench`."""
