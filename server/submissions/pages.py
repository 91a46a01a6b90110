"""Pages of handing in: upload, one submission (live), one's history, everybody's for the staff."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from grader.spec import Manifest
from server.accounts.access import CurrentUser
from server.accounts.models import User
from server.assignments import service as assignments
from server.assignments.access import VisibleAssignment
from server.assignments.models import Assignment
from server.assignments.pages import show_assignment
from server.assignments.variants import draw_paper_of
from server.cases.points import changed, changes_of
from server.courses import service as courses
from server.courses.access import Membership
from server.courses.models import Role
from server.database import Now, SessionDep
from server.deadlines.queries import open_account, open_accounts
from server.deadlines.service import terms_of
from server.deadlines.views import lateness_of
from server.deadlines.wording import score_in_words
from server.declarations import rules as declarations
from server.declarations import service as declaring
from server.declarations.forms import Typed as TypedDeclaration
from server.declarations.forms import TypedSources
from server.declarations.views import sources_of
from server.errors import AppError
from server.grading import devices
from server.grading import service as grading
from server.grading.models import Run
from server.grading.queries import take_snapshot
from server.leaderboard import choices
from server.leaderboard.access import BoardsDep, StaffBoard
from server.leaderboard.boards import Boards
from server.leaderboard.history import way_of
from server.leaderboard.outcomes import Outcome, find_outcome
from server.leaderboard.pages import place_query
from server.leaderboard.results import best_before, results_of
from server.leaderboard.views import baseline_band, points_by_login
from server.marking.views import own_marks
from server.questions.forms import Fields, read_form
from server.questions.handing_in import upload_of_form
from server.questions.queries import answers_shown
from server.questions.service import Typed
from server.regrades.views import asking_of
from server.returns.views import section_of
from server.settings import Settings, SettingsDep
from server.submissions import queries, rules, service, views
from server.submissions.access import StaffSubmission, SubmissionView, View
from server.submissions.plots import plot_scores
from server.submissions.tried import Tried
from server.submissions.upload import read_files
from server.teams.queries import team_names
from server.web.page import Page, PageDep, go_to

router = APIRouter()

ASSIGNMENT = "/courses/{course}/assignments/{assignment}"
Place = Annotated[Literal["submission", "history"], Form()]  # where the form stood
LIVE = "sse:progress, sse:final, every 20s"  # the last one only helps where the stream is cut off


@router.post(ASSIGNMENT + "/submissions")
def hand_in(
    page: PageDep,
    assignment: VisibleAssignment,
    membership: Membership,
    boards: BoardsDep,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    fields: Fields,
    typed: TypedSources,
    files: Annotated[list[UploadFile], File(default_factory=list)],
    form: Annotated[str, Form(max_length=40)] = "",
    accept_late: Annotated[bool, Form()] = False,
) -> Response:
    """On to the live page; or back to the assignment, which says what is wrong and has kept what was typed."""
    answered = read_answers(fields, assignment, membership.user, settings)
    try:
        upload = read_form_upload(session, assignment, membership.user, answered, files, settings, now)
        declared = typed.read()
        declarations.check_declared(membership.course, membership.role, has_declaration=declared is not None)
        terms = terms_of(
            session,
            assignment=assignment,
            author=membership.user,
            root=settings.assignments,
            now=now,
            is_accepted=accept_late,
        )
        submission = service.submit(
            session,
            assignment=assignment,
            author=membership.user,
            upload=upload,
            store=settings.blob_store,
            queue=rules.queue_of(assignments.manifest_of(assignment, root=settings.assignments)),
            now=now,
            # A form sent twice by an impatient click is one attempt; other files from the same page are another.
            idempotency_key=f"form-{form}-{upload.sha256}" if form else None,
            terms=terms,
        )
    except AppError as refusal:
        return show_assignment(
            page, session, settings, boards, assignment, membership, refusal=refusal, typed=typed, answered=answered
        )
    declaring.declare_with(session, submission=submission, by=membership.user, declared=declared)
    return go_to(f"/submissions/{submission.id}")


def read_answers(fields: FormData, assignment: Assignment, user: User, settings: Settings) -> Typed | None:
    """None where no questions are asked."""
    manifest = assignments.manifest_of(assignment, root=settings.assignments)
    if not manifest.questions:
        return None
    return read_form(fields, draw_paper_of(assignment, manifest, user_id=user.id, settings=settings))


def read_form_upload(
    session: Session,
    assignment: Assignment,
    user: User,
    answered: Typed | None,
    files: list[UploadFile],
    settings: Settings,
    now: datetime,
) -> service.Upload:
    """What is typed is saved before anything can be refused."""
    manifest = assignments.manifest_of(assignment, root=settings.assignments)
    if answered is None:
        return read_files(files, manifest)
    paper = draw_paper_of(assignment, manifest, user_id=user.id, settings=settings)
    return upload_of_form(
        session,
        assignment=assignment,
        manifest=manifest,
        paper=paper,
        user=user,
        typed=answered,
        code=files,
        settings=settings,
        now=now,
    )


@router.get(ASSIGNMENT + "/submissions")
def history(
    page: PageDep,
    assignment: VisibleAssignment,
    membership: Membership,
    boards: BoardsDep,
    session: SessionDep,
    settings: SettingsDep,
) -> Response:
    return show_history(page, assignment, membership.user, membership.role, boards, session, settings)


def show_history(
    page: Page,
    assignment: Assignment,
    user: User,
    role: Role,
    boards: Boards,
    session: Session,
    settings: Settings,
    *,
    refusal: AppError | None = None,
) -> Response:
    """`refusal`: why a mark was not taken."""
    manifest = assignments.manifest_of(assignment, root=settings.assignments)
    account = open_account(session, course=assignment.course, student_id=user.id, root=settings.assignments)
    attempts = views.history_of(service.list_submissions(session, assignment=assignment, author=user), assignment, account)
    results = results_of(session, assignment=assignment, author=user, role=role, boards=boards, manifest=manifest)
    max_score = views.full_score(manifest)
    plot = None if manifest.competition else plot_scores(attempts, max_score)
    way = way_of(attempts, results, manifest, folder=assignments.folder_of(assignment, root=settings.assignments))
    context = {"course": assignment.course, "assignment": assignment, "manifest": manifest, "max_score": max_score}
    context |= {"results": results, "decimals": manifest.competition.decimals if manifest.competition else 3}
    finals = choices.find_finals(session, assignment=assignment, manifest=manifest, author=user, reader=user, now=page.now)
    return page.show(
        "submissions/history.html",
        status=refusal.status if refusal else 200,
        zone=assignment.course.time_zone,
        attempts=attempts,
        plot=plot,
        way=way,
        finals=finals,
        problem=refusal and refusal.message,
        **context,
    )


@router.get(ASSIGNMENT + "/students")
def students(page: PageDep, board: StaffBoard, session: SessionDep, settings: SettingsDep) -> Response:
    """Every student's newest attempt and the score that counts; also who has none."""
    assignment, manifest = board.assignment, board.manifest
    latest = queries.latest_by_author(session, assignment=assignment)
    people = [each for each in courses.list_people(session, course=assignment.course) if each.role is Role.student]
    everybody = {each.user_id for each in people} | set(latest)
    accounts = open_accounts(session, course=assignment.course, student_ids=everybody, root=settings.assignments)
    attempts = {author: views.AttemptRow.of(submission, accounts[author]) for author, submission in latest.items()}
    places, changes = points_by_login(board), changes_of(session, assignment=assignment)
    rows = []
    for each in people:
        standing = None if manifest.competition else accounts[each.user_id].settled[assignment.id]
        points = places.get(each.user.login) if manifest.competition else standing and standing.total
        sentence = score_in_words(standing) if standing else None
        rows.append((each.user, attempts.get(each.user_id), changed(points, changes.get(each.user_id)), sentence))
    return page.show(
        "submissions/students.html",
        zone=assignment.course.time_zone,
        course=assignment.course,
        assignment=assignment,
        manifest=manifest,
        max_score=views.full_score(manifest),
        rows=rows,
        changes=changes,
        teams=team_names(session, assignment=assignment),
    )


@router.get("/submissions/{submission_id}")
def show(
    page: PageDep, view: SubmissionView, reader: CurrentUser, boards: BoardsDep, session: SessionDep, settings: SettingsDep
) -> Response:
    return show_submission(page, "submissions/submission.html", view, reader, boards, session, settings)


@router.post("/submissions/{submission_id}/rerun")
def rerun(submission: StaffSubmission, staff: CurrentUser, session: SessionDep) -> Response:
    """Judge it again; on to its live page."""
    grading.rerun(session, submission=submission, requested_by=staff)
    return go_to(f"/submissions/{submission.id}")


@router.post("/submissions/{submission_id}/choice")
def choose(
    page: PageDep,
    view: SubmissionView,
    reader: CurrentUser,
    boards: BoardsDep,
    session: SessionDep,
    settings: SettingsDep,
    place: Place = "submission",
) -> Response:
    """Mark it as final."""
    return change_mark(choices.choose, page, view, reader, boards, session, settings, place)


@router.post("/submissions/{submission_id}/choice/withdraw")
def take_back(
    page: PageDep,
    view: SubmissionView,
    reader: CurrentUser,
    boards: BoardsDep,
    session: SessionDep,
    settings: SettingsDep,
    place: Place = "submission",
) -> Response:
    """It is no longer final."""
    return change_mark(choices.take_back, page, view, reader, boards, session, settings, place)


def change_mark(
    change: Callable[..., None],
    page: Page,
    view: View,
    reader: User,
    boards: Boards,
    session: Session,
    settings: Settings,
    place: str,
) -> Response:
    """Back to where the button stood; or that page at once, with why the mark stays as it was."""
    submission, assignment = view.submission, view.submission.assignment
    manifest = assignments.manifest_of(assignment, root=settings.assignments)
    try:
        change(session, submission=submission, manifest=manifest, user=reader, now=page.now)
    except AppError as refusal:
        if place == "history":
            return show_history(page, assignment, reader, view.role, boards, session, settings, refusal=refusal)
        template = "submissions/submission.html"
        return show_submission(page, template, view, reader, boards, session, settings, refusal=refusal)
    history = f"/courses/{assignment.course.slug}/assignments/{assignment.slug}/submissions"
    return go_to(history if place == "history" else f"/submissions/{submission.id}")


@router.get("/submissions/{submission_id}/live")
def live(
    page: PageDep, view: SubmissionView, reader: CurrentUser, boards: BoardsDep, session: SessionDep, settings: SettingsDep
) -> Response:
    """The part of the page that changes; fetched anew after every event."""
    return show_submission(page, "submissions/live.html", view, reader, boards, session, settings)


def best_run_before(session: Session, view: View, boards: Boards, manifest: Manifest) -> Run | None:
    """By points; in a competition, where all complete runs have the same, by what the board shows of one's own or the team's."""
    submission = view.submission
    if manifest.competition is None:
        return queries.find_best_before(session, submission=submission)
    results = results_of(
        session, assignment=submission.assignment, author=submission.author, role=view.role, boards=boards, manifest=manifest
    )
    best = best_before(results, submission.id)
    return queries.find_last_run(session, submission_id=best) if best else None


def outcome_for(page: Page, view: View, reader: User, boards: Boards, session: Session, settings: Settings) -> Outcome | None:
    """What it has reached, as this reader may know it."""
    assignment = view.submission.assignment
    return find_outcome(
        session,
        view,
        boards=boards,
        manifest=assignments.manifest_of(assignment, root=settings.assignments),
        folder=assignments.folder_of(assignment, root=settings.assignments),
        reader=courses.find_enrollment(session, course_slug=assignment.course.slug, user=reader),
        now=page.now,
    )


def result_of(view: View, manifest: Manifest, boards: Boards, session: Session, settings: Settings) -> views.SubmissionView:
    """What the judge has said so far, as far as the reader may know, beside the best attempt before."""
    submission = view.submission
    return views.view_of(
        submission,
        take_snapshot(session, submission.id),
        manifest,
        for_staff=view.role.is_staff,
        sources=service.collected_files(submission, store=settings.blob_store),
        best=best_run_before(session, view, boards, manifest),
        bands=baseline_band(manifest, assignments.folder_of(submission.assignment, root=settings.assignments)),
    )


def what_people_did(session: Session, view: View, reader: User, manifest: Manifest, now: datetime) -> dict[str, Any]:
    """Its way in steps, returns among them, and what was asked about it or can be."""
    submission, for_staff, is_competition = view.submission, view.role.is_staff, manifest.competition is not None
    told = {"submission": submission, "for_staff": for_staff, "now": now}
    return {
        "returning": section_of(session, **told, is_competition=is_competition),
        "asking": asking_of(session, **told, reader=reader, manifest=manifest),
    }


def show_submission(
    page: Page,
    template: str,
    view: View,
    reader: User,
    boards: Boards,
    session: Session,
    settings: Settings,
    *,
    refusal: AppError | None = None,
    typed: TypedDeclaration | None = None,
    tried: Tried | None = None,
) -> Response:
    """`refusal`: why a mark was not taken, or, with what was typed, a declaration; `tried`: of the other forms."""
    submission, assignment = view.submission, view.submission.assignment
    manifest = assignments.manifest_of(assignment, root=settings.assignments)
    for_staff = view.role.is_staff
    shown = result_of(view, manifest, boards, session, settings)
    quota = service.count_attempts(session, assignment=assignment, author=submission.author, now=page.now)
    outcome = outcome_for(page, view, reader, boards, session, settings)
    account = open_account(session, course=assignment.course, student_id=submission.author_id, root=settings.assignments)
    closes_at = account.dates[assignment.id].closes_at
    own = own_marks(session, submission=submission, manifest=manifest, store=settings.blob_store)
    tried = tried or Tried()
    asked = {"submission": submission, "manifest": manifest, "reader": reader}
    problem = refusal or tried.refusal
    return page.show(
        template,
        status=problem.status if problem else 200,
        tried=tried,
        problem=refusal and typed is None and refusal.message,
        finals=choices.find_finals(
            session, assignment=assignment, manifest=manifest, author=submission.author, reader=reader, now=page.now
        ),
        sources=sources_of(session, **asked, role=view.role, typed=typed, refusal=refusal if typed else None),
        is_own=submission.author_id == reader.id,
        zone=assignment.course.time_zone,
        course=assignment.course,
        assignment=assignment,
        manifest=manifest,
        submission=submission,
        view=views.with_marks(shown, own.by_part) if own else shown,
        own=own,
        answers=answers_shown(
            session, submission=submission, manifest=manifest, for_staff=for_staff, settings=settings, now=page.now
        ),
        outcome=outcome,
        own_page=place_query(outcome.row.rank) if outcome and outcome.row else "",
        decimals=manifest.competition.decimals if manifest.competition else 3,
        for_staff=for_staff,
        attempts=views.Attempts.of(assignment, quota, page.now, closes_at=closes_at),
        closes_at=closes_at,
        lateness=lateness_of(account, submission),
        live_trigger=LIVE,
        out_of_service=devices.list_quarantined(session) if for_staff and shown.waits_for else [],
        **what_people_did(session, view, reader, manifest, page.now),
    )
