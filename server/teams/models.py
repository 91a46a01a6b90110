"""Teams of an assignment. Whoever is in none stands for himself."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.database import Base


class Team(Base):
    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("assignment_id", "name"), UniqueConstraint("id", "assignment_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    members: Mapped[list["TeamMember"]] = relationship(order_by="TeamMember.id", back_populates="team")


class TeamMember(Base):
    """An invitation until it is accepted (`joined_at`), then a place in the team; a person has at most one of those."""

    __tablename__ = "team_members"
    __table_args__ = (
        ForeignKeyConstraint(["team_id", "assignment_id"], ["teams.id", "teams.assignment_id"], ondelete="CASCADE"),
        UniqueConstraint("team_id", "user_id"),
        Index(
            "uq_team_members_one_team_each",
            "assignment_id",
            "user_id",
            unique=True,
            postgresql_where=text("joined_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int]
    assignment_id: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    invited_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    joined_at: Mapped[datetime | None]

    team: Mapped[Team] = relationship(back_populates="members")
    user: Mapped[User] = relationship(foreign_keys=user_id, lazy="joined", innerjoin=True)
