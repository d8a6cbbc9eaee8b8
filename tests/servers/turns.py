"""Which worker of a run takes which tests.

A file stays with one worker, as `--dist loadfile` has it, and all page tests stay with one. They share a site, a browser and
a world, which cost a minute of processor to make; and while they wait for a page to move, the other workers have the cores.
"""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

PAGES = "tests/pages/"


class Turns(LoadFileScheduling):
    """Files in the order of the collection, each to the worker that is free; the pages as if they were one file."""

    def _split_scope(self, nodeid: str) -> str:
        return PAGES if nodeid.startswith(PAGES) else str(super()._split_scope(nodeid))
