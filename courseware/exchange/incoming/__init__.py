"""Packages of other platforms: opened under limits, understood as an outline, written as drafts.

`archive` finds files, `markup` reads XML and pages, `cartridge` and `olx` make an `outline.Outline` of them and say what
they did not take; nothing here knows the database but `writing` and `undoing`.
"""
