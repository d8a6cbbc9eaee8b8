"""Pages of classes. Teachers: teaching (list, board, settings), people, work, live, telling, use. Learners: learning."""

from flask import Blueprint

blueprint = Blueprint("classes", __name__)

from courseware.classes.views import learning, live, people, polls, signing, talking, teaching, telling, use, work  # noqa: E402, F401
