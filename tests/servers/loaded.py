"""Imported by the process from which others are forked (`tests/servers/forked.py`): all of the product, none of it begun."""

from __future__ import annotations

import gc

import app

for subject in app.SUBJECTS:
    for part in app.PARTS:
        app._optional(f"courseware.{subject}.{part}")
gc.freeze()  # what is never looked at is never copied
