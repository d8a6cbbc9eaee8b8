"""The default engine: a Whoosh index on disk, read block by block into numpy arrays."""

from search.whoosh_engine.engine import WhooshEngine

__all__ = ["WhooshEngine"]
