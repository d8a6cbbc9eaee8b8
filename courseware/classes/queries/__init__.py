"""What classes show. The number of queries does not grow with people, lessons or answers."""

from courseware.classes.queries.due import Due, due_for
from courseware.classes.queries.due_points import DuePoint, points_due_for
from courseware.classes.queries.news import Unread, unread_for

__all__ = ["Due", "DuePoint", "Unread", "due_for", "points_due_for", "unread_for"]
