"""Everything that goes over the network to a PSA: the only package that imports an HTTP library."""
