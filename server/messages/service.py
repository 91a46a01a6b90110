"""Telling one person something, and the steps of telling it by e-mail as well."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.broker import OUTSIDE, SEND_MAIL
from server.channels.models import Sending
from server.channels.rules import MAIL, Outcome, may_try_again, pause_after
from server.courses.models import Course
from server.messages import rules
from server.messages.models import Kind, PersonalMessage
from server.outbox import run_after_commit

LOST_AFTER = timedelta(minutes=5)  # an e-mail whose worker has not been heard of


def notify(session: Session, *, to: User, kind: str, link: str, course: Course | None = None, **facts: object) -> PersonalMessage:
    """Tell one person, in the transaction that does what they are told of. `facts`: see `rules.FACTS`.

    It is there to be read at once; an e-mail follows the commit where the person has an address and wants that.
    """
    known = {"kind": Kind(kind), "facts": rules.spell(Kind(kind), facts), "link": rules.check_link(link)}
    message = PersonalMessage(user=to, course=course, **known)
    wants_mail = to.wants_mail and MAIL.fullmatch(to.email or "") is not None
    if wants_mail:
        message.mail, message.mail_due_at = Sending.waiting, func.clock_timestamp()
    session.add(message)
    session.flush()
    if wants_mail:
        run_after_commit(session, SEND_MAIL, message.id, queue=OUTSIDE)
    return message


def mark_read(session: Session, *, user: User, shown: Sequence[int], now: datetime) -> None:
    """Those of these ids that are the person's own."""
    mine = PersonalMessage.user_id == user.id, PersonalMessage.read_at.is_(None), PersonalMessage.id.in_(shown)
    session.execute(update(PersonalMessage).where(*mine).values(read_at=now))


def want_mail(session: Session, *, user: User, wanted: bool) -> None:
    user.wants_mail = wanted
    session.flush()


def claim_mail(session: Session, *, message_id: int, now: datetime) -> PersonalMessage | None:
    """Take it for one try; None where it is not due, taken, read meanwhile or no longer wanted. Committed before it is sent."""
    waiting = PersonalMessage.mail == Sending.waiting, PersonalMessage.mail_due_at <= now
    query = select(PersonalMessage).where(PersonalMessage.id == message_id, *waiting)
    message = session.scalar(query.with_for_update(of=PersonalMessage, skip_locked=True))
    if message is None:
        return None
    if message.read_at is not None or not message.user.wants_mail or not message.user.email:
        message.mail = Sending.cancelled
        return None
    message.mail, message.mail_started_at, message.mail_tries = Sending.sending, now, message.mail_tries + 1
    session.flush()
    return message


def record_mail(session: Session, *, message_id: int, outcome: Outcome, now: datetime) -> None:
    message = session.get_one(PersonalMessage, message_id, with_for_update={"of": PersonalMessage})
    if message.mail is not Sending.sending:
        return
    if may_try_again(outcome, tries=message.mail_tries):
        message.mail, message.mail_due_at = Sending.waiting, now + pause_after(message.mail_tries)
    else:
        message.mail = outcome.state
    session.flush()


def call_off_mail(session: Session, *, message_id: int) -> None:
    """The platform sends no e-mail: what waits stays a message on the page."""
    mine = PersonalMessage.id == message_id, PersonalMessage.mail == Sending.waiting
    session.execute(update(PersonalMessage).where(*mine).values(mail=Sending.cancelled))


def sweep_mail(session: Session, *, now: datetime, limit: int = 200) -> int:
    """Send what has become due; how many. Of what was lost on the way nobody knows whether it arrived: it is not sent twice."""
    lost = PersonalMessage.mail == Sending.sending, PersonalMessage.mail_started_at < now - LOST_AFTER
    session.execute(update(PersonalMessage).where(*lost).values(mail=Sending.unclear))
    due = PersonalMessage.mail == Sending.waiting, PersonalMessage.mail_due_at <= now
    found = session.scalars(select(PersonalMessage.id).where(*due).order_by(PersonalMessage.mail_due_at).limit(limit)).all()
    for message_id in found:
        run_after_commit(session, SEND_MAIL, message_id, queue=OUTSIDE)
    return len(found)
