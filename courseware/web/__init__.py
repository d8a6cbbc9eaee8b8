"""The web edge: what every request goes through. Imported by app.py, views and forms only; imports no subject but accounts for who asks."""
