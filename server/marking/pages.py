"""Pages of marking by hand: how far everybody is, a question with its rubric, and one question of one work at a time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.accounts.access import CurrentUser
from server.accounts.models import User
from server.courses.access import StaffMembership
from server.courses.models import Role
from server.database import Now, SessionDep
from server.errors import AppError, NotFound
from server.marking import exports, queries, refusals, rubrics, rules, service, views
from server.marking.access import InstructorMarking, MarkedWork, OneWork, StaffMarking, StaffQuestion
from server.marking.models import MarkedQuestion, Scale
from server.marking.rubrics import Effect, ItemWords
from server.marking.service import Marking, NewComment, NewMark
from server.marking.views import Typed
from server.settings import Settings, SettingsDep
from server.submissions import blobs
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/courses/{course}/assignments/{assignment}/marking")

Word = Annotated[str, Form(max_length=200)]
Long = Annotated[str, Form(max_length=4 * refusals.MAX_TEXT)]
Words = Annotated[list[str], Form(default_factory=list, max_length=200)]
Numbers = Annotated[list[int], Form(default_factory=list, max_length=200)]


def address_of(marking: Marking) -> str:
    assignment = marking.assignment
    return f"/courses/{assignment.course.slug}/assignments/{assignment.slug}/marking"


def shared(marking: Marking) -> dict[str, Any]:
    """What every page of marking says."""
    course = marking.assignment.course
    return {
        "zone": course.time_zone,
        "course": course,
        "assignment": marking.assignment,
        "manifest": marking.manifest,
        "plan": marking.plan,
        "address": address_of(marking),
    }


@router.get("")
def show(page: PageDep, marking: StaffMarking, staff: StaffMembership, session: SessionDep, settings: SettingsDep) -> Response:
    return show_overview(page, session, settings, marking, staff.user, can_lead=staff.role is Role.instructor)


def show_overview(
    page: Page,
    session: Session,
    settings: Settings,
    marking: Marking,
    reader: User,
    *,
    can_lead: bool = True,
    refusal: AppError | None = None,
    typed: Mapping[str, Any] | None = None,
) -> Response:
    """`typed`: what stood in the form that was refused."""
    board = views.open_board(session, marking=marking, root=settings.assignments)
    form = {"how": "works", "markers": [each.login for each in board.staff.values()], "seed": "", "section": ""}
    return page.show(
        "marking/overview.html",
        status=refusal.status if refusal else 200,
        rows=views.rows_of(board, reader),
        works=len(board.works),
        staff=sorted(board.staff.values(), key=lambda each: each.login),
        sections=queries.list_sections(session, course=marking.assignment.course),
        published=queries.list_publications(session, assignment=marking.assignment),
        can_lead=can_lead,
        has_shares=bool(board.shares),
        problem=refusal,
        typed=form | dict(typed or {}),
        **shared(marking),
    )


@router.post("/shares")
def distribute(
    page: PageDep,
    marking: InstructorMarking,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    markers: Words,
    how: Word = "works",
    seed: Word = "",
) -> Response:
    try:
        chosen = {"how": how, "logins": markers, "seed": seed.strip() or marking.assignment.slug}
        service.distribute(session, marking=marking, by=user, root=settings.assignments, **chosen)
    except AppError as refusal:
        typed = {"how": how, "markers": markers, "seed": seed}
        return show_overview(page, session, settings, marking, user, refusal=refusal, typed=typed)
    return go_to(address_of(marking))


@router.post("/plan")
def set_plan(
    page: PageDep,
    marking: InstructorMarking,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    is_anonymous: Annotated[bool, Form()] = False,
    shows_unchosen: Annotated[bool, Form()] = False,
    version: Annotated[int, Form()] = 0,
) -> Response:
    try:
        wanted = {"is_anonymous": is_anonymous, "shows_unchosen": shows_unchosen, "version": version}
        service.set_plan(session, marking=marking, by=user, **wanted)
    except AppError as refusal:
        return show_overview(page, session, settings, marking, user, refusal=refusal)
    return go_to(address_of(marking))


@router.post("/publish")
def publish(
    page: PageDep,
    marking: InstructorMarking,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    section: Word = "",
    is_confirmed: Annotated[bool, Form()] = False,
) -> Response:
    """Where something is not marked yet, the page asks once more."""
    try:
        chosen = {"section": section or None, "is_confirmed": is_confirmed}
        service.publish(session, marking=marking, by=user, root=settings.assignments, **chosen)
    except AppError as refusal:
        return show_overview(page, session, settings, marking, user, refusal=refusal, typed={"section": section})
    return go_to(address_of(marking))


@router.get("/export")
def export(marking: StaffMarking, session: SessionDep, settings: SettingsDep) -> Response:
    """All marks as CSV; without names as long as names are not shown and nothing is published."""
    return exports.respond(session, marking, root=settings.assignments)


@router.get("/questions/{question}")
def show_question(
    page: PageDep, marking: StaffMarking, question: StaffQuestion, user: CurrentUser, session: SessionDep, settings: SettingsDep,
    item: int | None = None, only_open: bool = False,
) -> Response:  # fmt: skip
    return show_rubric(page, session, settings, marking, question, user, item=item, only_open=only_open)


def show_rubric(
    page: Page,
    session: Session,
    settings: Settings,
    marking: Marking,
    question: MarkedQuestion,
    reader: User,
    *,
    item: int | None = None,
    only_open: bool = False,
    refusal: AppError | None = None,
    typed: Mapping[str, Any] | None = None,
    effects: list[Effect] | None = None,
) -> Response:
    """`typed`: what stood in a form that was refused; `effects`: what it would change."""
    board = views.open_board(session, marking=marking, root=settings.assignments)
    return page.show(
        "marking/question.html",
        status=refusal.status if refusal else 200,
        question=question,
        row=views.row_of(board, question, reader),
        items=views.items_of(board, question),
        spreads=views.spreads_of(board, question),
        works=views.list_rows(board, question, reader, item=item, only_open=only_open),
        chosen=item,
        only_open=only_open,
        problem=refusal,
        typed=typed or {},
        effects=effects or [],
        longest=refusals.MAX_WORDS,
        **shared(marking),
    )


@router.get("/questions/{question}/next")
def go_on(
    marking: StaffMarking, question: StaffQuestion, user: CurrentUser, session: SessionDep, settings: SettingsDep,
    after: int | None = None,
) -> Response:  # fmt: skip
    """To the next work without a mark; to the question where there is none left."""
    board = views.open_board(session, marking=marking, root=settings.assignments)
    following = board.next_open(question, user, after=after)
    place = f"{address_of(marking)}/questions/{question.name}"
    return go_to(f"{place}/works/{following.submission_id}" if following else place)


@router.post("/questions/{question}/items")
def add_item(
    page: PageDep,
    marking: StaffMarking,
    question: StaffQuestion,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    points: Word = "",
    text_en: Long = "",
    text_zh: Long = "",
    version: Annotated[int, Form()] = 0,
) -> Response:
    try:
        words = ItemWords(rules.read_points(points), text_en, text_zh)
        rubrics.add_item(session, question=question, new=words, by=user, version=version)
    except AppError as refusal:
        typed = {"new": {"points": points, "text_en": text_en, "text_zh": text_zh}}
        return show_rubric(page, session, settings, marking, question, user, refusal=refusal, typed=typed)
    return go_to(f"{address_of(marking)}/questions/{question.name}#rubric")


@router.post("/questions/{question}/items/{item_id}")
def change_item(
    page: PageDep,
    item_id: int,
    marking: StaffMarking,
    question: StaffQuestion,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    points: Word = "",
    text_en: Long = "",
    text_zh: Long = "",
    version: Annotated[int, Form()] = 0,
    do: Word = "change",
) -> Response:
    """Where marks would change the page shows by how much and asks; `do`: change, confirm or retire."""
    item = queries.get_item(session, question=question, item_id=item_id)
    held = {"question": question, "item": item, "by": user, "version": version, "now": now}
    effects: list[Effect] = []
    try:
        if do == "retire":
            rubrics.retire_item(session, **held)
        else:
            words = ItemWords(rules.read_points(points), text_en, text_zh)
            effects = rubrics.effects_of(session, question, items={item.id: words.points})
            rubrics.change_item(session, **held, new=words, is_confirmed=do == "confirm")
    except AppError as refusal:
        typed = {item.id: {"points": points, "text_en": text_en, "text_zh": text_zh}}
        kept = {"typed": typed, "effects": effects if isinstance(refusal, refusals.ConfirmChange) else []}
        return show_rubric(page, session, settings, marking, question, user, refusal=refusal, **kept)
    return go_to(f"{address_of(marking)}/questions/{question.name}#rubric")


@router.post("/questions/{question}/scale")
def set_scale(
    page: PageDep,
    marking: StaffMarking,
    question: StaffQuestion,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    scale: Annotated[Scale, Form()] = Scale.additive,
    version: Annotated[int, Form()] = 0,
    is_confirmed: Annotated[bool, Form()] = False,
) -> Response:
    effects = rubrics.effects_of(session, question, scale=scale)
    try:
        held = {"question": question, "by": user, "version": version, "now": now}
        rubrics.set_scale(session, **held, scale=scale, is_confirmed=is_confirmed)
    except AppError as refusal:
        kept = {"typed": {"scale": scale}, "effects": effects if isinstance(refusal, refusals.ConfirmChange) else []}
        return show_rubric(page, session, settings, marking, question, user, refusal=refusal, **kept)
    return go_to(f"{address_of(marking)}/questions/{question.name}#rubric")


@router.post("/questions/{question}/unanswered")
def mark_unanswered(
    marking: StaffMarking, question: StaffQuestion, user: CurrentUser, session: SessionDep, settings: SettingsDep
) -> Response:
    kept = {"root": settings.assignments, "store": settings.blob_store}
    service.mark_unanswered(session, marking=marking, question=question, marker=user, **kept)
    return go_to(f"{address_of(marking)}/questions/{question.name}")


WORK = "/questions/{question}/works/{submission_id}"


@router.get(WORK)
def show_work(
    page: PageDep, marking: StaffMarking, work: MarkedWork, user: CurrentUser, session: SessionDep, settings: SettingsDep,
    saved: int = 0,
) -> Response:  # fmt: skip
    return show_one(page, session, settings, marking, work, user, saved=saved)


def show_one(
    page: Page,
    session: Session,
    settings: Settings,
    marking: Marking,
    work: OneWork,
    reader: User,
    *,
    typed: Typed | None = None,
    refusal: AppError | None = None,
    saved: int = 0,
) -> Response:
    board = views.open_board(session, marking=marking, root=settings.assignments)
    view = views.view_work(
        session,
        board=board,
        question=work.question,
        submission=work.submission,
        reader=reader,
        store=settings.blob_store,
        typed=typed,
        refusal=refusal,
    )
    return page.show(
        "marking/work.html",
        status=refusal.status if refusal else 200,
        view=view,
        question=work.question,
        submission=work.submission,
        saved=saved,
        longest=refusals.MAX_TEXT,
        **shared(marking),
    )


@router.post(WORK)
def mark_work(
    page: PageDep,
    marking: StaffMarking,
    work: MarkedWork,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    items: Numbers,
    version: Annotated[int, Form()] = 0,
    adjustment: Word = "",
    reason: Long = "",
    comment: Long = "",
    file: Word = "",
    first_line: Word = "",
    last_line: Word = "",
    words: Long = "",
    item: Word = "",
    do: Word = "save",
) -> Response:
    """`do`: save, next (save and go on), line (add the comment at lines), carry, or withdraw-ID of such a comment.

    Only save and next keep the mark; the others come back with all that was typed.
    """
    typed = Typed(version, items, adjustment, reason, comment, file, first_line, last_line, words, item)
    place = f"{address_of(marking)}/questions/{work.question.name}"
    try:
        if do == "line":
            typed = add_line(session, settings, work, user, typed)
        elif do.startswith("withdraw-"):
            withdraw(session, work, user, do, now)
        elif do == "carry":
            carry(session, settings, marking, work, user)
            return go_to(f"{place}/works/{work.submission.id}")
        else:
            give(session, work, user, typed)
            go_on = f"{place}/next?after={work.submission.id}" if do == "next" else f"{place}/works/{work.submission.id}?saved=1"
            return go_to(go_on)
    except AppError as refusal:
        if isinstance(refusal, NotFound):
            raise
        return show_one(page, session, settings, marking, work, user, typed=seen(typed, refusal), refusal=refusal)
    return show_one(page, session, settings, marking, work, user, typed=typed)


def seen(typed: Typed, refusal: AppError) -> Typed:
    """Who is shown the other's mark has seen it: saving again replaces it."""
    fields = vars(typed) | ({"version": refusal.facts["version"]} if isinstance(refusal, refusals.MarkedMeanwhile) else {})
    return Typed(**fields)


def give(session: Session, work: OneWork, marker: User, typed: Typed) -> None:
    new = NewMark(typed.version, typed.items, rules.read_points(typed.adjustment), typed.reason, typed.comment)
    service.give(session, submission=work.submission, question=work.question, marker=marker, new=new)


def add_line(session: Session, settings: Settings, work: OneWork, author: User, typed: Typed) -> Typed:
    """What is left in the form then: all but the comment that was kept."""
    first, last = typed.first_line.strip(), typed.last_line.strip() or typed.first_line.strip()
    if not (first.isdecimal() and last.isdecimal() and len(first + last) < 12):
        raise refusals.NoSuchLines(typed.file)
    item = int(typed.item) if typed.item.isdecimal() and len(typed.item) < 10 else None
    chosen = next((each for each in work.question.items if each.id == item), None)
    text = typed.words if typed.words.strip() or chosen is None else chosen.text_en
    new = NewComment(typed.file, int(first), int(last), text, item)
    service.comment_line(
        session, submission=work.submission, question=work.question, author=author, new=new, store=settings.blob_store
    )
    kept = {name: getattr(typed, name) for name in ("version", "items", "adjustment", "reason", "comment", "file")}
    return Typed(**kept)


def withdraw(session: Session, work: OneWork, by: User, do: str, now: datetime) -> None:
    number = do.removeprefix("withdraw-")
    if not (number.isdecimal() and len(number) < 10):
        raise NotFound
    held = {"submission": work.submission, "question": work.question, "comment_id": int(number)}
    service.withdraw_comment(session, **held, by=by, now=now)


def carry(session: Session, settings: Settings, marking: Marking, work: OneWork, marker: User) -> None:
    held = {"submission": work.submission, "question": work.question, "asked": marking.asked[work.question.name]}
    service.carry_over(session, **held, marker=marker, store=settings.blob_store)


@router.get(WORK + "/files/{file_id}")
def download(work: MarkedWork, file_id: int, settings: SettingsDep) -> Response:
    """What was handed in as an answer, as a file to keep: a browser never opens it in our name."""
    found = next((each for each in work.submission.files if each.id == file_id), None)
    if found is None:
        raise NotFound
    ending = found.name.rsplit(".", 1)[-1] if "." in found.name else "bin"
    name = f"{work.question.name}-{work.submission.id}.{''.join(c for c in ending if c.isascii() and c.isalnum())[:8]}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    content = blobs.read(settings.blob_store, found.sha256)
    return Response(content, media_type="application/octet-stream", headers=headers)
