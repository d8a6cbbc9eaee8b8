"""Sums of learning kept beside the events: folded day by day, read by figures, proved by a recount (README.md)."""
