"""What changed between two files, by what a reader, a viewer or a listener takes in; see README.md."""
