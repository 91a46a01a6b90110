"""The tables that migrations make are the tables that the models speak of."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from server.database import alembic_config
from server.engines import Postgres
from server.models import Base


def test_models_and_migrations_agree(database_url: str) -> None:
    with create_engine(database_url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_migration_can_be_taken_back(postgres: Postgres, worker_number: int) -> None:
    name = f"migrations_{worker_number}"
    with postgres.connect("postgres") as connection:
        connection.execute(f"CREATE DATABASE {name}")
    config = alembic_config(postgres.url_of(name))
    command.upgrade(config, "head")
    command.downgrade(config, "base")
    with create_engine(postgres.url_of(name)).connect() as connection:
        left = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
    assert left == ["alembic_version"]
    command.upgrade(config, "head")
