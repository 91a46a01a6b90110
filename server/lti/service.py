"""Registering platforms, and the steps of a score on its way back."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.audit import write_line
from server.broker import OUTSIDE, SEND_SCORE
from server.courses.models import Course, Enrollment
from server.courses.service import is_active_student
from server.errors import NotFound
from server.identities.models import Identity
from server.lti import rules
from server.lti.models import LearningPlatform, ResourceLink, ReturnedScore, Returning
from server.lti.wanted import Standings, sending_links
from server.outbox import run_after_commit
from server.wire import Reach, is_usable

URLS = "auth_url", "token_url", "jwks_url"
LONGEST, MOST_DEPLOYMENTS = 1000, 20
LOST_AFTER = timedelta(minutes=5)  # a sending whose worker has not been heard of
LOOKING = timedelta(seconds=60)  # one worker looks for a line item, the others wait
SOON = timedelta(seconds=5)


def register(
    session: Session,
    *,
    fields: Mapping[str, str],
    course: Course | None,
    by: User | None,
    reach: Reach,
    now: datetime,
) -> LearningPlatform:
    """By an instructor for a course, where it waits for the operator; or by the operator. Raises BadRegistration."""
    known = tidy(fields, reach)
    holds = LearningPlatform.removed_at.is_(None)
    same = LearningPlatform.issuer == known["issuer"], LearningPlatform.client_id == known["client_id"]
    if session.scalar(select(LearningPlatform.id).where(*same, holds)) is not None:
        raise rules.AlreadyRegistered
    approved_at = now if by is None else None
    platform = LearningPlatform(**known, course=course, added_by_id=by.id if by else None, approved_at=approved_at)
    session.add(platform)
    session.flush()
    if course is not None:
        write_line(session, course=course, actor=by, action="lti.registered", platform=platform.name, issuer=platform.issuer)
    return platform


def tidy(fields: Mapping[str, str], reach: Reach) -> dict[str, Any]:
    known: dict[str, Any] = {name: fields.get(name, "").strip() for name in ("name", "issuer", "client_id", *URLS)}
    for name in ("name", "issuer", "client_id"):
        if not 0 < len(known[name]) <= LONGEST or not known[name].isprintable():
            raise rules.BadRegistration(name, f"Fill in: {name}.", f"请填写：{name}。")
    for name in URLS:
        if len(known[name]) > LONGEST or not is_usable(known[name], reach):
            raise rules.BadRegistration(
                name, f"{name} is an address that begins with https://; copy it from the platform.",
                f"{name} 应为以 https:// 开头的地址，请从平台复制。",
            )  # fmt: skip
    deployments = list(dict.fromkeys(fields.get("deployments", "").replace(",", " ").split()))
    if not 0 < len(deployments) <= MOST_DEPLOYMENTS or any(len(each) > 255 for each in deployments):
        raise rules.BadRegistration(
            "deployments", "Name at least one deployment id; the platform shows it.", "至少填写一个部署 ID，平台上可以看到。"
        )
    return known | {"deployments": deployments}


def list_platforms(session: Session, *, course: Course | None = None) -> list[LearningPlatform]:
    """Those that may lead into the course; all without one."""
    query = select(LearningPlatform).where(LearningPlatform.removed_at.is_(None)).order_by(LearningPlatform.id)
    if course is not None:
        query = query.where((LearningPlatform.course_id == course.id) | LearningPlatform.course_id.is_(None))
    return list(session.scalars(query))


def get_platform(session: Session, *, platform_id: int, course: Course | None = None) -> LearningPlatform:
    """course: one of its own, that its instructors may take away."""
    found = session.get(LearningPlatform, platform_id)
    if found is None or found.removed_at is not None or (course is not None and found.course_id != course.id):
        raise NotFound
    return found


def approve(
    session: Session, platform: LearningPlatform, *, links_by: Sequence[str], creates_accounts: bool, now: datetime
) -> None:
    """By the operator: from now on it vouches for people."""
    platform.approved_at, platform.links_by, platform.creates_accounts = now, list(links_by), creates_accounts
    session.flush()
    if platform.course is not None:
        facts = {"platform": platform.name, "links_by": list(links_by), "creates_accounts": creates_accounts}
        write_line(session, course=platform.course, actor=None, action="lti.approved", **facts)


def remove(session: Session, platform: LearningPlatform, *, by: User | None, now: datetime) -> None:
    """Its links lead nowhere any more, nothing is sent to it; what it holds stays there."""
    platform.removed_at = now
    session.flush()
    if platform.course is not None:
        write_line(session, course=platform.course, actor=by, action="lti.removed", platform=platform.name)


def list_links(session: Session, *, course: Course) -> list[ResourceLink]:
    query = select(ResourceLink).join(LearningPlatform, ResourceLink.platform)
    mine = ResourceLink.course_id == course.id, LearningPlatform.removed_at.is_(None)
    return list(session.scalars(query.where(*mine).order_by(ResourceLink.id)))


def list_scores(session: Session, *, course: Course) -> list[ReturnedScore]:
    """Newest change first."""
    query = select(ReturnedScore).join(ResourceLink, ReturnedScore.link).join(LearningPlatform, ResourceLink.platform)
    mine = ResourceLink.course_id == course.id, LearningPlatform.removed_at.is_(None)
    return list(session.scalars(query.where(*mine).order_by(ReturnedScore.wanted_at.desc(), ReturnedScore.id)))


def list_courses(session: Session) -> list[Course]:
    """Those with links that have a place for scores."""
    has_place = ResourceLink.lineitem_url.is_not(None) | ResourceLink.lineitems_url.is_not(None)
    linked = select(ResourceLink.course_id).where(has_place)
    return list(session.scalars(select(Course).where(Course.id.in_(linked)).order_by(Course.id)))


def sync(session: Session, *, course: Course, root: Path, now: datetime) -> int:
    """Find out whose score is another than what the platform has been told; how many.

    Whatever may change one, a run, a date, a verdict, points by hand: it is read where it all comes together, in the account
    of a student, on the board of a competition, in the gradebook.
    """
    links = sending_links(list_links(session, course=course))
    people = {each.id: subjects_of(session, each) for each in links}
    student_ids = sorted({student_id for known in people.values() for student_id in known})
    if not student_ids:
        return 0
    standings = Standings(session, course, student_ids, root, now)
    held = {(row.link_id, row.student_id): row for row in list_scores(session, course=course)}
    changed = 0
    for link in links:
        wanted = standings.of(link)
        for student_id, subject in people[link.id].items():
            row = held.get((link.id, student_id))
            changed += want(session, link, student_id, subject, wanted[student_id], row, now=now)
    return changed


def subjects_of(session: Session, link: ResourceLink) -> dict[int, str]:
    """Students of the course whom the platform knows, with its name for each."""
    query = select(Identity.user_id, Identity.subject).join(Enrollment, Enrollment.user_id == Identity.user_id)
    here = Enrollment.course_id == link.course_id, is_active_student()
    known = Identity.issuer == link.platform.namespace, Identity.removed_at.is_(None)
    return dict(session.execute(query.where(*here, *known)).all())


def want(
    session: Session,
    link: ResourceLink,
    student_id: int,
    subject: str,
    wanted: dict[str, Any] | None,
    row: ReturnedScore | None,
    *,
    now: datetime,
) -> bool:
    """Whether there is something to send that was not known before. What was never sent need not be taken back."""
    wanted = wanted or (rules.EMPTY if row is not None else None)
    if wanted is None or (row is not None and row.wanted == wanted and row.subject == subject):
        return False
    values = {
        "subject": subject, "wanted": wanted, "wanted_at": now, "total": wanted.get("scoreGiven"),
        "state": Returning.waiting, "due_at": now, "tries": 0,
    }  # fmt: skip
    new = insert(ReturnedScore).values(link_id=link.id, student_id=student_id, fence=0, **values)
    again = new.on_conflict_do_update(index_elements=["link_id", "student_id"], set_=values, where=ReturnedScore.wanted_at < now)
    made = session.scalar(again.returning(ReturnedScore.id))
    if made is not None:
        run_after_commit(session, SEND_SCORE, made, queue=OUTSIDE)
    return made is not None


def sync_by_hand(session: Session, *, course: Course, by: User | None, root: Path, now: datetime) -> int:
    """What failed is tried again too."""
    changed = sync(session, course=course, root=root, now=now)
    mine = select(ResourceLink.id).where(ResourceLink.course_id == course.id)
    failed = ReturnedScore.link_id.in_(mine), ReturnedScore.state == Returning.failed
    again = update(ReturnedScore).where(*failed).values(state=Returning.waiting, due_at=now, tries=0).returning(ReturnedScore.id)
    ids = session.scalars(again.execution_options(synchronize_session=False)).all()
    for score_id in ids:
        run_after_commit(session, SEND_SCORE, score_id, queue=OUTSIDE)
    write_line(session, course=course, actor=by, action="lti.synced", changed=changed, again=len(ids))
    return changed + len(ids)


def claim(session: Session, *, score_id: int, now: datetime) -> ReturnedScore | None:
    """Take it for one try; None where it is not due or taken. Committed before anything is sent."""
    due = ReturnedScore.id == score_id, ReturnedScore.state == Returning.waiting, ReturnedScore.due_at <= now
    row = session.scalar(select(ReturnedScore).where(*due).with_for_update(of=ReturnedScore, skip_locked=True))
    if row is None or row.link.platform.removed_at is not None or row.link.platform.approved_at is None:
        return None
    if row.link.lineitem_url is None:
        link = session.get_one(ResourceLink, row.link_id, with_for_update={"of": ResourceLink}, populate_existing=True)
        if link.lineitem_url is None:
            if link.looked_for_at is not None and link.looked_for_at > now - LOOKING:
                row.due_at = now + SOON
                return None
            link.looked_for_at = now
    row.state, row.started_at, row.tries, row.fence = Returning.sending, now, row.tries + 1, row.fence + 1
    session.flush()
    return row


def keep_item(session: Session, *, link_id: int, url: str | None) -> None:
    """Where the scores of a link go; None where the platform does not know that place any more."""
    session.execute(update(ResourceLink).where(ResourceLink.id == link_id).values(lineitem_url=url, looked_for_at=None))


def record(
    session: Session, *, score_id: int, fence: int, sent: Mapping[str, Any], outcome: rules.Outcome, now: datetime
) -> None:
    row = session.get_one(ReturnedScore, score_id, with_for_update={"of": ReturnedScore}, populate_existing=True)
    if row.fence != fence:
        return  # given up as lost, and taken by somebody else
    row.said = outcome.said.model_dump()
    if outcome.sent:
        row.sent, row.sent_at = dict(sent), now
    if row.state is not Returning.sending:
        pass  # a newer score came meanwhile, and waits
    elif outcome.sent:
        row.state = Returning.sent
    elif outcome.again and row.tries < rules.MOST_TRIES:
        row.state, row.due_at = Returning.waiting, now + rules.pause_after(row.tries, outcome.wait)
    else:
        row.state = Returning.failed
    session.flush()


def sweep(session: Session, *, now: datetime, limit: int = 500) -> int:
    """Send what has become due, and once more what a worker has taken with it; how many. Twice the same score does no harm."""
    lost = ReturnedScore.state == Returning.sending, ReturnedScore.started_at < now - LOST_AFTER
    session.execute(update(ReturnedScore).where(*lost).values(state=Returning.waiting, due_at=now))
    due = select(ReturnedScore.id).where(ReturnedScore.state == Returning.waiting, ReturnedScore.due_at <= now)
    found = session.scalars(due.order_by(ReturnedScore.due_at).limit(limit)).all()
    for score_id in found:
        run_after_commit(session, SEND_SCORE, score_id, queue=OUTSIDE)
    return len(found)


def counts_of(session: Session, *, course: Course) -> dict[int, dict[str, int]]:
    """Of each link, how many scores are in which state."""
    query = select(ReturnedScore.link_id, ReturnedScore.state, func.count()).join(ResourceLink, ReturnedScore.link)
    found: dict[int, dict[str, int]] = {}
    for link_id, state, count in session.execute(
        query.where(ResourceLink.course_id == course.id).group_by(ReturnedScore.link_id, ReturnedScore.state)
    ):
        found.setdefault(link_id, {})[state] = count
    return found
