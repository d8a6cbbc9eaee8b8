"""Courses and their runs for programs."""

from courseware.catalog.api import courses, runs

blueprints = (courses.blueprint, runs.blueprint)
