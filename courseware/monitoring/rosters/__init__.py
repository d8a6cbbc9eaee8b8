"""Official lists of people: read from files, matched to accounts, decided where a match is doubtful (R63, M12)."""
