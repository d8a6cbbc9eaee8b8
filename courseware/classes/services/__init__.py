"""What people do with classes: open and close (classes), who is in them (roster), due days (work), sign_ins, polls, news.

The actor is the first argument; everything flushes and nothing commits.
"""
