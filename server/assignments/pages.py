"""An assignment: handout, what is left of time and attempts, upload."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from grader.spec import Manifest
from server.assignments import service
from server.assignments.access import VisibleAssignment
from server.assignments.models import Assignment
from server.assignments.rules import check_has_doors
from server.assignments.variants import own_handout, own_starter
from server.cases.points import own_changes
from server.courses.access import Membership
from server.courses.models import Enrollment
from server.database import SessionDep
from server.deadlines import views as deadlines
from server.deadlines.queries import find_fix
from server.declarations.forms import Typed, ask
from server.errors import AppError
from server.leaderboard.access import BoardsDep
from server.leaderboard.boards import Boards
from server.leaderboard.history import way_of
from server.leaderboard.outcomes import own_row
from server.leaderboard.results import results_of
from server.leaderboard.views import open_board
from server.questions.queries import find_form
from server.questions.service import Typed as TypedAnswers
from server.settings import Settings, SettingsDep
from server.submissions import rules, views
from server.submissions import service as submissions
from server.submissions.plots import plot_scores
from server.teams import queries as teams
from server.web.page import Page, PageDep

router = APIRouter(prefix="/courses/{course}/assignments/{assignment}")

RECENT = 3


@router.get("")
def show(
    page: PageDep,
    assignment: VisibleAssignment,
    membership: Membership,
    boards: BoardsDep,
    session: SessionDep,
    settings: SettingsDep,
) -> Response:
    return show_assignment(page, session, settings, boards, assignment, membership)


@router.get("/starter")
def starter(assignment: VisibleAssignment, membership: Membership, settings: SettingsDep) -> Response:
    """The file to begin with, as a download: one's own, where each has constants of his own."""
    manifest = service.manifest_of(assignment, root=settings.assignments)
    found = own_starter(assignment, manifest, user_id=membership.user_id, settings=settings)
    headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
    return Response(found.data, media_type=found.media_type, headers=headers)


def show_assignment(
    page: Page,
    session: Session,
    settings: Settings,
    boards: Boards,
    assignment: Assignment,
    membership: Enrollment,
    *,
    refusal: AppError | None = None,
    typed: Typed | None = None,
    answered: TypedAnswers | None = None,
) -> Response:
    """`refusal`: why what was just tried was not taken; `typed`, `answered`: what was said of sources, and to questions."""
    folder = service.folder_of(assignment, root=settings.assignments)
    manifest = service.manifest_of(assignment, root=settings.assignments)
    mine = submissions.list_submissions(session, assignment=assignment, author=membership.user)
    account = deadlines.open_own(session, membership=membership, root=settings.assignments)
    own = deadlines.own_view(account, assignment, page.now)
    moved = deadlines.announced(session, membership=membership, now=page.now)
    attempts = views.history_of(mine, assignment, account)
    quota = submissions.count_attempts(session, assignment=assignment, author=membership.user, now=page.now)
    max_score = views.full_score(manifest)
    asked = {"assignment": assignment, "manifest": manifest, "user": membership.user}
    returned = find_fix(session, assignment=assignment, user=membership.user, now=page.now)
    return page.show(
        "assignments/assignment.html",
        status=refusal.status if refusal else 200,
        zone=assignment.course.time_zone,
        course=assignment.course,
        assignment=assignment,
        manifest=manifest,
        handout=own_handout(assignment, manifest, user_id=membership.user_id, language=page.language, settings=settings),
        role=membership.role,
        problem=refusal and refusal.message,
        form=secrets.token_hex(8),
        paper=find_form(session, **asked, settings=settings, typed=answered, problems=getattr(refusal, "problems", {})),
        question=ask(session, assignment=assignment, manifest=manifest, membership=membership, typed=typed),
        own=own,
        returned=returned,
        moved=[each for each in moved if each.assignment is assignment],
        closed=None if returned else find_refusal(assignment, quota, account, page),
        attempts=views.Attempts.of(assignment, quota, page.now, closes_at=own.dates.closes_at),
        recent=attempts[:RECENT],
        plot=None if manifest.competition else plot_scores(attempts, max_score),
        change=own_changes(session, course=assignment.course, student=membership.user).get(assignment.id),
        max_score=max_score,
        **among_others(session, boards, assignment, manifest, folder, membership, attempts, page.now),
    )


def among_others(
    session: Session, boards: Boards, assignment: Assignment, manifest: Manifest, folder: Path, membership: Enrollment,
    attempts: Sequence[views.AttemptRow], now: datetime,
) -> dict[str, Any]:  # fmt: skip
    """The place on the board, the way there, and with whom."""
    shared = {"assignment": assignment, "manifest": manifest, "boards": boards}
    board = open_board(session, **shared, folder=folder, membership=membership, now=now)
    results = results_of(session, **shared, author=membership.user, role=membership.role)
    return {
        "way": way_of(attempts, results, manifest, folder=folder),
        "place": own_row(board),
        "entrants": len(board.live.board),
        "results": results,
        "decimals": manifest.competition.decimals if manifest.competition else 3,
        "team_size": manifest.competition.team_size if manifest.competition else 1,
        "team": teams.find_team(session, assignment=assignment, user=membership.user),
        "invitations": teams.list_invitations(session, assignment=assignment, user=membership.user),
    }


def find_refusal(assignment: Assignment, quota: rules.Quota, account: deadlines.Account, page: Page) -> AppError | None:
    """Why nothing can be handed in now, said before anybody tries."""
    dates, cost = account.dates[assignment.id], account.cost_of(assignment.id, page.now)
    try:
        check_has_doors(assignment)
        rules.check_can_submit(assignment, quota=quota, now=page.now, closes_at=dates.closes_at)
        deadlines.check_covered(cost, page.viewer.display_name)
    except AppError as refusal:
        return refusal
    return None
