"""Units, people, roles, and how people prove who they are."""

from __future__ import annotations

import datetime as dt

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.core.database import Identified, Model, Numbered, Stamped
from courseware.core.roles import Role

UNIT_KINDS = ("school", "university", "enterprise", "institute", "industry_body")
VOCATIONAL_KINDS = ("school",)


class Unit(Identified, Stamped, Model):
    """A school, company or other body; `parent` makes the tree of R8."""

    __tablename__ = "unit"
    __table_args__ = (CheckConstraint(f"kind IN {UNIT_KINDS}", "kind"),)

    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(index=True)
    name_en: Mapped[str] = mapped_column(default="")
    kind: Mapped[str]
    school_level: Mapped[str] = mapped_column(default="")
    province: Mapped[str] = mapped_column(default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))


class User(Identified, Stamped, UserMixin, Model):
    """A person's account. `key` is the name scenarios and rosters use; e-mails are kept in lower case (SEC1)."""

    __tablename__ = "user"

    key: Mapped[str | None] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    password_hash: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="")
    is_test: Mapped[bool] = mapped_column(default=False)
    is_demo: Mapped[bool] = mapped_column(default=False)
    verified_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    session_epoch: Mapped[int] = mapped_column(default=0)

    unit: Mapped[Unit | None] = relationship(lazy="joined", innerjoin=False)
    grants: Mapped[list[RoleGrant]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held."""
        return frozenset(Role(grant.role) for grant in self.grants)

    def has_role(self, *roles: Role) -> bool:
        """Whether the person holds at least one of `roles`."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_active(self) -> bool:
        """Flask-Login: a closed account signs in no more."""
        return self.closed_at is None

    def get_id(self) -> str:
        """Flask-Login: ends with the epoch, so that a new password ends the other sessions (SEC6)."""
        return f"{self.uuid}:{self.session_epoch}"


class RoleGrant(Numbered, Stamped, Model):
    """One role of one person."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("user_id", "role"),
        CheckConstraint(f"role IN {tuple(r.value for r in Role)}", "role"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    role: Mapped[str]


class SignInFailure(Numbered, Model):
    """A wrong password, counted towards the lock of SEC2. Unknown accounts are counted alike."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("ix_sign_in_failure_account_at", "account", "at"),)

    account: Mapped[str]
    address: Mapped[str]
    at: Mapped[dt.datetime]


class SetupLink(Numbered, Stamped, Model):
    """A one-time link to choose a password; only its hash is kept."""

    __tablename__ = "setup_link"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class ApiToken(Identified, Stamped, Model):
    """A bearer token of the API; only its hash is kept."""

    __tablename__ = "api_token"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    revoked_at: Mapped[dt.datetime | None]
    user: Mapped[User] = relationship()


class EndedSession(Numbered, Model):
    """A session that was signed out: its cookie opens nothing any more, wherever a copy of it lies (SEC6)."""

    __tablename__ = "ended_session"

    sid: Mapped[str] = mapped_column(unique=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)
