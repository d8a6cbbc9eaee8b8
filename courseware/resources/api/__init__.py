"""Resources for programs: reading and describing them, and writing them up to the moment they are handed in."""

from courseware.resources.api import reading, writing

blueprints = (reading.blueprint, writing.blueprint)
