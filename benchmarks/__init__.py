"""Runnable measurements of pages and writes on a large installation: `make bench`."""
