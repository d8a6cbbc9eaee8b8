"""The world of the catalogue."""

from tests.catalog.world import World, world

__all__ = ["World", "world"]
