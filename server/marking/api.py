"""Marking as JSON, for staff."""

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.accounts.access import CurrentUser
from server.database import Now, SessionDep
from server.marking import exports, queries, rubrics, service, views
from server.marking.access import InstructorMarking, MarkedWork, StaffMarking, StaffQuestion
from server.marking.manual import answer_to
from server.marking.rubrics import ItemWords
from server.marking.schemas import (
    ChangedOut,
    CommentOut,
    CountOut,
    EffectOut,
    ItemIn,
    MarkingOut,
    MarkOut,
    NewCommentIn,
    NewMarkIn,
    OneWorkOut,
    PlanIn,
    PublicationOut,
    PublishIn,
    QuestionOut,
    RubricOut,
    ScaleIn,
    SharesIn,
    VersionIn,
    WorkOut,
)
from server.marking.service import Marking, NewComment, NewMark
from server.settings import Settings, SettingsDep

router = APIRouter(prefix="/api/v1/courses/{course}/assignments/{assignment}/marking", tags=["marking"])

WORK = "/questions/{question}/works/{submission_id}"


@router.get("")
def progress(marking: StaffMarking, user: CurrentUser, session: SessionDep, settings: SettingsDep) -> MarkingOut:
    """How far everybody is with each question, and what is published."""
    board = views.open_board(session, marking=marking, root=settings.assignments)
    return MarkingOut(
        is_anonymous=marking.plan.is_anonymous,
        shows_unchosen=marking.plan.shows_unchosen,
        version=marking.plan.version,
        questions=[QuestionOut.of(each) for each in views.rows_of(board, user)],
        published=[PublicationOut.of(each) for each in queries.list_publications(session, assignment=marking.assignment)],
    )


@router.put("/plan")
def set_plan(
    marking: InstructorMarking, user: CurrentUser, session: SessionDep, settings: SettingsDep, wanted: PlanIn
) -> MarkingOut:
    plan = service.set_plan(session, marking=marking, by=user, **wanted.model_dump())
    changed = Marking(marking.assignment, marking.manifest, plan, marking.questions, marking.asked)
    return progress(changed, user, session, settings)


@router.post("/shares")
def distribute(
    marking: InstructorMarking, user: CurrentUser, session: SessionDep, settings: SettingsDep, wanted: SharesIn
) -> MarkingOut:
    """Share the work out by lot; who has something and is named again keeps it."""
    chosen = {"how": wanted.how, "logins": wanted.markers, "seed": wanted.seed.strip() or marking.assignment.slug}
    service.distribute(session, marking=marking, by=user, root=settings.assignments, **chosen)
    return progress(marking, user, session, settings)


@router.post("/publish", status_code=201)
def publish(
    marking: InstructorMarking, user: CurrentUser, session: SessionDep, settings: SettingsDep, wanted: PublishIn
) -> PublicationOut:
    """There is no way back: students see every later change at once."""
    chosen = {"section": wanted.section, "is_confirmed": wanted.is_confirmed}
    return PublicationOut.of(service.publish(session, marking=marking, by=user, root=settings.assignments, **chosen))


@router.get("/export")
def export(marking: StaffMarking, session: SessionDep, settings: SettingsDep) -> Response:
    """All marks as CSV."""
    return exports.respond(session, marking, root=settings.assignments)


@router.get("/questions/{question}")
def show_rubric(question: StaffQuestion) -> RubricOut:
    return RubricOut.of(question)


@router.get("/questions/{question}/works")
def list_works(
    marking: StaffMarking, question: StaffQuestion, user: CurrentUser, session: SessionDep, settings: SettingsDep,
    item: int | None = None, only_open: bool = False,
) -> list[WorkOut]:  # fmt: skip
    """In your own random order. `item`: those in which it is ticked; `only_open`: those without a mark."""
    board = views.open_board(session, marking=marking, root=settings.assignments)
    rows = views.list_rows(board, question, user, item=item, only_open=only_open)
    return [WorkOut.of(each, question) for each in rows]


@router.post("/questions/{question}/items", status_code=201)
def add_item(question: StaffQuestion, user: CurrentUser, session: SessionDep, new: ItemIn) -> RubricOut:
    words = ItemWords(new.points, new.text_en, new.text_zh)
    rubrics.add_item(session, question=question, new=words, by=user, version=new.version)
    return RubricOut.of(question)


@router.put("/questions/{question}/items/{item_id}")
def change_item(
    item_id: int, question: StaffQuestion, user: CurrentUser, session: SessionDep, now: Now, new: ItemIn
) -> ChangedOut:
    """Every mark that has it follows; `changed` says which."""
    item = queries.get_item(session, question=question, item_id=item_id)
    words = ItemWords(new.points, new.text_en, new.text_zh)
    held = {"question": question, "item": item, "by": user, "version": new.version, "now": now}
    effects = rubrics.change_item(session, **held, new=words, is_confirmed=new.is_confirmed)
    return ChangedOut(rubric=RubricOut.of(question), changed=[EffectOut.of(each) for each in effects])


@router.post("/questions/{question}/items/{item_id}/retire")
def retire_item(
    item_id: int, question: StaffQuestion, user: CurrentUser, session: SessionDep, now: Now, wanted: VersionIn
) -> RubricOut:
    """It counts where it was ticked and is offered no more; retired already, it is offered again."""
    item = queries.get_item(session, question=question, item_id=item_id)
    rubrics.retire_item(session, question=question, item=item, by=user, version=wanted.version, now=now)
    return RubricOut.of(question)


@router.put("/questions/{question}/scale")
def set_scale(question: StaffQuestion, user: CurrentUser, session: SessionDep, now: Now, wanted: ScaleIn) -> ChangedOut:
    """Whether marks begin at nothing or at the question's points."""
    effects = rubrics.set_scale(session, question=question, by=user, now=now, **wanted.model_dump())
    return ChangedOut(rubric=RubricOut.of(question), changed=[EffectOut.of(each) for each in effects])


@router.post("/questions/{question}/unanswered")
def mark_unanswered(
    marking: StaffMarking, question: StaffQuestion, user: CurrentUser, session: SessionDep, settings: SettingsDep
) -> CountOut:
    """Nothing for every work without an answer, each with a mark of its own."""
    kept = {"root": settings.assignments, "store": settings.blob_store}
    return CountOut(marked=service.mark_unanswered(session, marking=marking, question=question, marker=user, **kept))


@router.get(WORK)
def show_work(marking: StaffMarking, work: MarkedWork, session: SessionDep, settings: SettingsDep) -> OneWorkOut:
    return one_work(session, settings, marking, work.question.name, work)


def one_work(session: Session, settings: Settings, marking: Marking, name: str, work: MarkedWork) -> OneWorkOut:
    answer = answer_to(marking.asked[name], work.submission, store=settings.blob_store)
    held = {"submission": work.submission, "question": work.question}
    return OneWorkOut(
        submission=work.submission.id,
        question=name,
        answer=answer.text,
        files=[] if marking.plan.is_anonymous else [each.name for each in answer.files],  # a name may name its student
        rubric=RubricOut.of(work.question),
        marks=[MarkOut.of(each, work.question) for each in queries.list_marks(session, **held)],
        comments=[CommentOut.of(each) for each in queries.list_comments(session, **held)],
    )


@router.put(WORK)
def give(work: MarkedWork, user: CurrentUser, session: SessionDep, new: NewMarkIn) -> MarkOut:
    """A mark in place of the one with that version, which stays to be read; 409 where somebody was first."""
    given = NewMark(new.version, new.items, new.adjustment, new.reason, new.comment)
    mark = service.give(session, submission=work.submission, question=work.question, marker=user, new=given)
    return MarkOut.of(mark, work.question)


@router.post(WORK + "/carry", status_code=201)
def carry_over(marking: StaffMarking, work: MarkedWork, user: CurrentUser, session: SessionDep, settings: SettingsDep) -> MarkOut:
    """The mark that the same answer has in another attempt."""
    held = {"submission": work.submission, "question": work.question, "asked": marking.asked[work.question.name]}
    return MarkOut.of(service.carry_over(session, **held, marker=user, store=settings.blob_store), work.question)


@router.post(WORK + "/comments", status_code=201)
def comment(work: MarkedWork, user: CurrentUser, session: SessionDep, settings: SettingsDep, new: NewCommentIn) -> CommentOut:
    """At lines of the code."""
    said = NewComment(new.file, new.first_line, new.last_line, new.text, new.item)
    held = {"submission": work.submission, "question": work.question}
    return CommentOut.of(service.comment_line(session, **held, author=user, new=said, store=settings.blob_store))


@router.delete(WORK + "/comments/{comment_id}", status_code=204)
def withdraw(comment_id: int, work: MarkedWork, user: CurrentUser, session: SessionDep, now: Now) -> None:
    held = {"submission": work.submission, "question": work.question, "comment_id": comment_id}
    service.withdraw_comment(session, **held, by=user, now=now)
