"""What every subject stands on: clock, database, errors, events, settings. Imports no subject."""
