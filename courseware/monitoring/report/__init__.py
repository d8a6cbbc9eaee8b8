"""The yearly report: the figures of the screen in both languages, as a document, a print, a workbook and data."""
