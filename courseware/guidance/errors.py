"""What guidance refuses."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Conflict, DomainError


class PlanUnclear(DomainError):
    """Days are weekdays, minutes within reason."""

    status, code = 422, "plan_unclear"
    message = _l("Choose days of the week and %(least)s to %(most)s minutes a day. Nothing was changed.")


class ExportUnderWay(Conflict):
    """One copy at a time."""

    code = "export_under_way"
    message = _l("A copy is being made already. It appears here when it is ready.")
