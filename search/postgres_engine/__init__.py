"""The engine that keeps its index in PostgreSQL."""

from search.postgres_engine.engine import PostgresEngine

__all__ = ["PostgresEngine"]
