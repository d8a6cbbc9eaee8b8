"""The whole graph of a library in a file: xlsx or JSON, read, compared with what is stored, and taken in (R14)."""
