"""Adding channels, handing messages to them, and the steps of a sending."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.audit import write_line
from server.broker import OUTSIDE, SEND_DELIVERY
from server.channels import rules
from server.channels.models import Channel, Delivery, Kind, Occasion, Sending
from server.channels.sealing import seal
from server.courses.models import Course
from server.outbox import run_after_commit
from server.settings import Settings

LOST_AFTER = timedelta(minutes=5)  # a sending whose worker has not been heard of


def add(
    session: Session,
    *,
    course: Course,
    by: User,
    kind: Kind,
    name: str,
    address: str,
    signing: str,
    occasions: Sequence[Occasion],
    settings: Settings,
) -> Channel:
    """Keep the address encrypted; from now on only its hint is shown."""
    name = " ".join(name.split())
    if not 0 < len(name) <= rules.MAX_NAME:
        raise rules.NoName
    to = rules.read_address(kind, address)
    signing = signing.strip() if kind is Kind.dingtalk else ""
    if signing and not rules.SIGNING.fullmatch(signing):
        raise rules.BadSigning
    if len(list_channels(session, course=course)) >= rules.MOST_CHANNELS:
        raise rules.TooManyChannels
    sealed = seal(settings, {"to": to} | ({"signing": signing} if signing else {}), course_id=course.id)
    known = {"kind": kind, "name": name, "hint": rules.hint_of(kind, to), "occasions": sorted(set(occasions))}
    channel = Channel(course=course, added_by=by, sealed=sealed, **known)
    session.add(channel)
    session.flush()
    write_line(session, course=course, actor=by, action="channel.added", channel=channel.id, **known)
    return channel


def list_channels(session: Session, *, course: Course) -> list[Channel]:
    return list(
        session.scalars(select(Channel).where(Channel.course_id == course.id, Channel.removed_at.is_(None)).order_by(Channel.id))
    )


def remove(session: Session, *, channel: Channel, by: User, now: datetime) -> None:
    """Its address is forgotten; what waits for it is not sent."""
    channel.removed_at, channel.sealed = now, None
    waiting = Delivery.channel_id == channel.id, Delivery.state == Sending.waiting
    session.execute(update(Delivery).where(*waiting).values(state=Sending.cancelled))
    session.flush()
    facts = {"channel": channel.id, "name": channel.name, "kind": channel.kind}
    write_line(session, course=channel.course, actor=by, action="channel.removed", **facts)


def tell(
    session: Session,
    *,
    course: Course,
    occasion: Occasion,
    subject: str,
    title: str,
    text: str,
    path: str,
    due_at: datetime,
    now: datetime,
) -> None:
    """Hand a message to every channel that wants its occasion; each gets a subject once, whoever asks again."""
    message = {"subject": subject, "title": title, "text": text, "path": path}
    for channel in list_channels(session, course=course):
        if occasion in channel.occasions:
            deliver(session, channel, message, due_at=due_at, now=now)


def deliver(session: Session, channel: Channel, message: dict[str, str], *, due_at: datetime, now: datetime) -> None:
    row = insert(Delivery).values(channel_id=channel.id, state=Sending.waiting, tries=0, due_at=due_at, **message)
    made = session.scalar(row.on_conflict_do_nothing().returning(Delivery.id))
    if made is not None and due_at <= now:
        run_after_commit(session, SEND_DELIVERY, made, queue=OUTSIDE)


def send_test(session: Session, *, channel: Channel, by: User, now: datetime) -> Delivery:
    """The real way, through outbox and worker. Two who ask in the same moment get one and the same."""
    count = session.scalar(select(func.count()).select_from(Delivery).where(Delivery.channel_id == channel.id)) or 0
    title = f"Gradus 梯度 · {channel.course.title_zh} {channel.course.title_en}"
    text = f"Test message from {by.display_name}. / {by.display_name} 发送的测试消息。"
    message = {"subject": f"test {count + 1}", "title": title, "text": text, "path": f"/courses/{channel.course.slug}"}
    deliver(session, channel, message, due_at=now, now=now)
    mine = Delivery.channel_id == channel.id, Delivery.subject == message["subject"]
    return session.scalars(select(Delivery).where(*mine)).one()


def reword(session: Session, *, subject: str, course: Course, title: str, text: str, due_at: datetime) -> None:
    """What has not gone out yet goes out as it is worded now."""
    session.execute(waiting_of(subject, course).values(title=title, text=text, due_at=due_at))


def call_off(session: Session, *, subject: str, course: Course) -> None:
    session.execute(waiting_of(subject, course).values(state=Sending.cancelled))


def waiting_of(subject: str, course: Course):
    ours = select(Channel.id).where(Channel.course_id == course.id)
    query = update(Delivery).where(Delivery.subject == subject, Delivery.state == Sending.waiting, Delivery.channel_id.in_(ours))
    return query.execution_options(synchronize_session=False)


def try_again(session: Session, *, delivery: Delivery, by: User, now: datetime) -> None:
    """A person has looked and wants it sent once more."""
    held = session.scalars(
        select(Delivery).where(Delivery.id == delivery.id).with_for_update(of=Delivery).execution_options(populate_existing=True)
    ).one()
    if held.state not in (Sending.failed, Sending.unclear) or held.channel.removed_at is not None:
        raise rules.NotToRepeat
    held.state, held.due_at, held.tries, held.answer = Sending.waiting, now, 0, None
    session.flush()
    facts = {"channel": held.channel_id, "name": held.channel.name, "subject": held.subject}
    write_line(session, course=held.channel.course, actor=by, action="channel.sent_again", **facts)
    run_after_commit(session, SEND_DELIVERY, held.id, queue=OUTSIDE)


def is_on_its_way(delivery: Delivery) -> bool:
    """Its first try is under way; later ones come in their own time."""
    return delivery.state is Sending.sending or (delivery.state is Sending.waiting and delivery.tries == 0)


def claim(session: Session, *, delivery_id: int, now: datetime) -> Delivery | None:
    """Take it for one try; None where it is not due, or taken. Committed before anything is sent."""
    query = select(Delivery).where(Delivery.id == delivery_id, Delivery.state == Sending.waiting, Delivery.due_at <= now)
    delivery = session.scalar(query.with_for_update(of=Delivery, skip_locked=True))
    if delivery is None or delivery.channel.removed_at is not None:
        return None
    delivery.state, delivery.started_at, delivery.tries = Sending.sending, now, delivery.tries + 1
    session.flush()
    return delivery


def record(session: Session, *, delivery_id: int, outcome: rules.Outcome, now: datetime) -> None:
    delivery = session.get_one(Delivery, delivery_id, with_for_update={"of": Delivery})
    if delivery.state is not Sending.sending:
        return  # a person was told that it is unclear, and has decided
    delivery.answer = outcome.said.model_dump()
    if rules.may_try_again(outcome, tries=delivery.tries):
        delivery.state, delivery.due_at = Sending.waiting, now + rules.pause_after(delivery.tries)
    else:
        delivery.state, delivery.sent_at = outcome.state, now if outcome.state is Sending.sent else None
    session.flush()


def sweep(session: Session, *, now: datetime, limit: int = 200) -> int:
    """Send what has become due, and own up to what was lost on the way; how many are sent."""
    lost = Delivery.state == Sending.sending, Delivery.started_at < now - LOST_AFTER
    said = rules.unclear().said.model_dump()
    session.execute(update(Delivery).where(*lost).values(state=Sending.unclear, answer=said))
    due = select(Delivery.id).where(Delivery.state == Sending.waiting, Delivery.due_at <= now)
    found = session.scalars(due.order_by(Delivery.due_at).limit(limit)).all()
    for delivery_id in found:
        run_after_commit(session, SEND_DELIVERY, delivery_id, queue=OUTSIDE)
    return len(found)
