"""The other loaders. They run in the environment of `bench/requirements.lock`, and import nothing of this package."""
