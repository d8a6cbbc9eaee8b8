"""What both databases promise alike: instants, one unit of work, foreign keys."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from courseware.accounts.models import RoleGrant, SignInFailure, Unit
from courseware.core import clock
from courseware.core.database import db, session
from courseware.core.unit_of_work import unit_of_work


def kept(moment: dt.datetime) -> dt.datetime:
    """The moment after a way through the database."""
    row = SignInFailure(account="a", address="", at=moment)
    session().add(row)
    session().flush()
    session().expire(row)
    return row.at


def units() -> int:
    return session().scalar(select(func.count()).select_from(Unit)) or 0


def test_an_instant_comes_back_as_it_went_in_and_in_utc(app: Flask) -> None:
    moment = dt.datetime(2026, 3, 1, 8, 0, 0, 123456, tzinfo=clock.REPORTING_ZONE)
    assert kept(moment) == moment
    assert kept(moment).utcoffset() == dt.timedelta()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moment=st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2200, 1, 1)), hours=st.integers(-12, 14))
def test_any_zone_names_the_same_instant(app: Flask, moment: dt.datetime, hours: int) -> None:
    aware = moment.replace(tzinfo=dt.timezone(dt.timedelta(hours=hours)))
    assert kept(aware) == aware


def test_a_time_without_zone_is_not_stored(app: Flask) -> None:
    with pytest.raises((ValueError, StatementError), match="zone"):
        kept(dt.datetime(2026, 3, 1))


def test_instants_are_compared_as_instants_in_queries(app: Flask) -> None:
    shanghai = dt.datetime(2026, 3, 1, 0, 30, tzinfo=clock.REPORTING_ZONE)
    kept(shanghai)
    before = select(func.count()).where(SignInFailure.at < dt.datetime(2026, 2, 28, 17, tzinfo=dt.UTC))
    after = select(func.count()).where(SignInFailure.at >= dt.datetime(2026, 2, 28, 17, tzinfo=dt.UTC))
    assert (session().scalar(before), session().scalar(after)) == (1, 0)


def test_a_unit_of_work_is_kept_whole(app: Flask) -> None:
    with unit_of_work() as own:
        own.add(Unit(key="a", name="A", kind="school"))
    session().rollback()
    assert units() == 1


def test_a_unit_of_work_that_raises_leaves_nothing_behind(app: Flask) -> None:
    with contextlib.suppress(RuntimeError), unit_of_work() as own:
        own.add(Unit(key="a", name="A", kind="school"))
        own.flush()
        raise RuntimeError
    assert units() == 0


def test_a_second_writer_waits_its_turn(app: Flask) -> None:
    """Reading first and writing later must not fail because somebody wrote in between."""
    assert units() == 0
    with unit_of_work() as own:
        own.add(Unit(key="a", name="A", kind="school"))
    with db.engine.connect() as other:
        assert other.execute(text("SELECT count(*) FROM unit")).scalar() == 1


def test_foreign_keys_and_checks_hold_on_both_databases(app: Flask) -> None:
    session().add(RoleGrant(user_id=424242, role="student"))
    with pytest.raises(IntegrityError):
        session().commit()
    session().rollback()
    session().add(Unit(key="b", name="B", kind="castle"))
    with pytest.raises(IntegrityError):
        session().flush()
