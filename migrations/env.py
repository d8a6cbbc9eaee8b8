"""Alembic, through Flask-Migrate. Steps import no models, so that old steps keep their meaning."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context
from flask import current_app

from courseware.core.database import Model, db
from courseware.core.types import UtcDateTime

config = context.config


def _leave_empty_alone(_context, _revision, directives) -> None:
    """No step is written when nothing changed."""
    if getattr(config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def _own_tables(thing, name, kind, _reflected, _compare_to) -> bool:
    """Tables of the job engine, when it shares the database, and of single months of events (decision 28) are in no model."""
    if (
        kind in ("unique_constraint", "index")
        and thing.table.name == "learning_event"
        and list(thing.columns.keys()) == ["uuid"]
    ):
        return False  # a key on SQLite, an index beside a table of uuids on PostgreSQL: no model can say both
    return not (kind == "table" and str(name).startswith(("dbos", "learning_event_")))


def _render(kind, item, autogen_context):
    """Our column types become plain SQLAlchemy types in a step."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, sa.JSON):
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    if isinstance(item, sa.BigInteger) and item._variant_mapping:
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False


def run_offline() -> None:
    """Writes SQL instead of running it."""
    context.configure(
        url=current_app.config["SQLALCHEMY_DATABASE_URI"], target_metadata=Model.metadata, literal_binds=True
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Runs the steps on the application's database, all in one transaction."""
    with db.engine.connect() as connection:
        arguments = current_app.extensions["migrate"].configure_args
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            process_revision_directives=_leave_empty_alone,
            include_object=_own_tables,
            render_item=_render,
            **arguments,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
