"""The staleness radar: what grows old by itself, found by looking: dead links, newer standards, places gone back to."""
