"""What classes show. The number of queries does not grow with people, lessons or answers."""

from courseware.classes.queries.due import Due, due_for
from courseware.classes.queries.news import Unread, unread_for

__all__ = ["Due", "Unread", "due_for", "unread_for"]
