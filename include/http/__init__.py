"""The door to the network: the only package that imports an HTTP library."""
