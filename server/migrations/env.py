"""Runs migrations against the URL given by `server.database.alembic_config`, or by the settings."""

from alembic import context
from sqlalchemy import create_engine, pool, text

from server.database import use_psycopg
from server.models import Base
from server.settings import get_settings

MIGRATION_LOCK = 7_314_201  # any number, the same in every process


def run() -> None:
    """One migration at a time: two starting processes do not race."""
    url = context.config.attributes.get("url") or use_psycopg(get_settings().database_url or "")
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
        with context.begin_transaction():
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            context.run_migrations()
        connection.commit()


run()
