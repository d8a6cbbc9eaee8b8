"""Bulk work: one act on many resources, a sheet as many resources; each with a preview, progress and one undo."""
