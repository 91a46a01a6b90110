"""Drawing a sample, and keeping what came of reading it. Two people never overwrite each other."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.audit import write_line
from server.courses.models import Course
from server.leaderboard.views import Board
from server.spotchecks import queries, rules
from server.spotchecks.counting import submissions_read
from server.spotchecks.models import Draw, Impression, SpotCheck

SEED_BYTES = 8


def draw(session: Session, *, board: Board, per_section: int, seed: str | None, readers: Sequence[str], by: User) -> SpotCheck:
    """Draw among those who have handed in; whoever reads is named in turn."""
    assignment = board.assignment
    lock_draws(session, assignment.course)
    staff = find_readers(session, course=assignment.course, logins=readers)
    found = submissions_read(session, board)
    people = {user.login: (user, section) for user, section in queries.list_students(session, course=assignment.course)}
    pool = make_pool(people, found, queries.times_drawn(session, course=assignment.course))
    seed = rules.check_seed(seed) if seed else secrets.token_hex(SEED_BYTES)
    drawn = rules.draw_sample(pool, seed=seed, per_section=per_section)
    if not drawn:
        raise rules.NobodyToDraw
    check = SpotCheck(
        assignment=assignment, seed=seed, per_section=per_section, drawn_by=by, pool=[asdict(each) for each in pool]
    )
    for each, reader in zip(drawn, rules.share_out(staff, len(drawn)), strict=True):
        student, section = people[each.login]
        check.draws.append(Draw(student=student, section=section, submission_id=found[student.id], reader=reader))
    session.add(check)
    session.flush()
    facts = {"assignment": assignment.slug, "spot_check": check.id, "seed": seed, "per_section": per_section}
    write_line(session, course=assignment.course, actor=by, action="integrity.spot_check_drawn", **facts, students=len(drawn))
    return check


def lock_draws(session: Session, course: Course) -> None:
    """One draw at a time in a course: each counts all that came before it."""
    session.execute(select(Course.id).where(Course.id == course.id).with_for_update(key_share=True))


def make_pool(people: Mapping[str, tuple], found: Mapping[int, int], times: Mapping[int, int]) -> list[rules.Candidate]:
    """Everybody in the course now, also who has handed in nothing."""
    return [
        rules.Candidate(login, section.name if section else "", times.get(student.id, 0), student.id in found)
        for login, (student, section) in people.items()
    ]


def find_readers(session: Session, *, course: Course, logins: Sequence[str]) -> list[User]:
    staff = {user.login: user for user in queries.list_staff(session, course=course)}
    for login in logins:
        if login not in staff:
            raise rules.NoSuchReader(login)
    return [staff[login] for login in dict.fromkeys(logins)]


def read_pool(check: SpotCheck) -> list[rules.Candidate]:
    return [rules.Candidate(**each) for each in check.pool]


def record(
    session: Session,
    *,
    draw: Draw,
    version: int,
    by: User,
    answers: Sequence[Mapping[str, str]],
    impression: Impression | None,
    note: str,
    now: datetime,
) -> Draw:
    """Keep what was said. Raises SavedMeanwhile where somebody has saved since `version` was read."""
    rules.check_texts([note, *(text for each in answers for text in each.values())])
    locked = select(Draw).where(Draw.id == draw.id).with_for_update(of=Draw)
    draw = session.scalars(locked.execution_options(populate_existing=True)).one()
    if draw.version != version:
        raise rules.SavedMeanwhile(draw.reader.display_name if draw.reader else None, draw.version)
    before = draw.impression
    draw.answers = [kept(each) for each in answers[: rules.MAX_QUESTIONS] if each["question"].strip() or each["answer"].strip()]
    draw.impression, draw.note, draw.reader = impression, note.strip() or None, by
    draw.done_at = (draw.done_at or now) if impression else None
    session.flush()
    assignment = draw.spot_check.assignment
    facts = {"assignment": assignment.slug, "draw": draw.id, "before": before, "now": impression}
    write_line(session, course=assignment.course, actor=by, action="integrity.spot_check_read", **facts)
    return draw


def kept(answer: Mapping[str, str]) -> dict[str, Any]:
    return {"question": answer["question"].strip(), "answer": answer["answer"].strip()}


def assign(session: Session, *, draw: Draw, login: str | None, by: User) -> None:
    """Say who is to read it; None: nobody yet."""
    course = draw.spot_check.assignment.course
    (reader,) = find_readers(session, course=course, logins=[login]) if login else (None,)
    draw.reader = reader
    session.flush()
    facts = {"assignment": draw.spot_check.assignment.slug, "draw": draw.id, "reader": login}
    write_line(session, course=course, actor=by, action="integrity.spot_check_assigned", **facts)
