"""Where the year will end, what is missing to a target, and who can bring it."""
