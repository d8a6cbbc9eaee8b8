"""A course as a folder that opens from a disk: pages, recordings, captions, search, without a server."""
