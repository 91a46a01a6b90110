"""Scores on their way: one at a time, and a look every half minute for what has changed and what is due."""

from cryptography.exceptions import InvalidTag
from sqlalchemy.orm import Session

from grader.protocol import Text
from server.broker import SEND_SCORE, SWEEP_SCORES, celery
from server.courses.models import Course
from server.database import current_time, session_factory
from server.lti import grading, keys, rules, service
from server.lti.grading import Place
from server.lti.launches import reach_of, title_of
from server.lti.models import ReturnedScore
from server.settings import Settings, get_settings

SEALED = Text(
    en="Our key cannot be read, since the platform's secret has changed. Make a new one: gradus lti rotate-key",
    zh="平台密钥已更换，无法读取签名密钥，请执行 gradus lti rotate-key 重新生成。",
)


@celery.task(name=SEND_SCORE, ignore_result=True)
def send_score(score_id: int) -> None:
    send(score_id, get_settings())


def send(score_id: int, settings: Settings) -> None:
    with session_factory.begin() as session:
        row = service.claim(session, score_id=score_id, now=current_time(session))
        if row is None:
            return
        message = rules.score_message(row.wanted, subject=row.subject, wanted_at=row.wanted_at)
        fence, link_id, wanted, known = row.fence, row.link_id, row.wanted, row.link.lineitem_url
        place = place_of(session, row, settings)
    outcome, url = grading.send_score(place, message) if place else (rules.Outcome(False, SEALED), known)
    with session_factory.begin() as session:  # the sending took seconds: no transaction was open
        if url != known or known is None:
            service.keep_item(session, link_id=link_id, url=url)
        service.record(session, score_id=score_id, fence=fence, sent=wanted, outcome=outcome, now=current_time(session))


def place_of(session: Session, row: ReturnedScore, settings: Settings) -> Place | None:
    link, platform = row.link, row.link.platform
    is_grade = link.assignment is None
    title = f"{link.course.title_en} · Course grade" if is_grade else title_of(link.assignment, settings.assignments).en
    try:
        key = keys.current_key(session, settings)
    except InvalidTag:
        return None
    return Place(
        platform_id=platform.id,
        client_id=platform.client_id,
        token_url=platform.token_url,
        resource=link.resource,
        ours=link.course.slug if is_grade else f"{link.course.slug}/{link.assignment.slug}",
        title=title,
        lineitem_url=link.lineitem_url,
        lineitems_url=link.lineitems_url,
        key=key,
        reach=reach_of(settings),
    )


@celery.task(name=SWEEP_SCORES, ignore_result=True)
def sweep_scores() -> int:
    """Course by course, each in a transaction of its own."""
    root = get_settings().assignments
    with session_factory.begin() as session:
        courses = service.list_courses(session)
    for course in courses:
        with session_factory.begin() as session:
            service.sync(session, course=session.get_one(Course, course.id), root=root, now=current_time(session))
    with session_factory.begin() as session:
        return service.sweep(session, now=current_time(session))
