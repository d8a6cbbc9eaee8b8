"""Pages of learning. `learning`: a lesson and its acts; `lesson_page`: all that it shows; `content`: the thing in its middle;
`time`: learning time and appeals."""

from __future__ import annotations

from flask import Blueprint

blueprint: Blueprint = Blueprint("progress", __name__)

from courseware.progress.views import learning, time  # noqa: E402
from courseware.progress.views.lesson_page import LearnPage, learn_page  # noqa: E402

__all__ = ["LearnPage", "blueprint", "learn_page", "learning", "time"]
