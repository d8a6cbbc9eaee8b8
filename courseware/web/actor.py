"""Who asks."""

from __future__ import annotations

from typing import cast

from flask_login import current_user

from courseware.accounts.models import User


def actor() -> User | None:
    """The person signed in, or None for a guest."""
    return cast(User, current_user._get_current_object()) if current_user and current_user.is_authenticated else None
