"""The console script `gradus`: one file per command; heavy imports wait inside the functions."""

import typer

from grader.cli import check, grade, paper, sandbox, similarity, verify
from server.cli import (
    admin,
    announce,
    archive,
    attendance,
    case,
    channel,
    dates,
    exam_after,
    exam_rehearse,
    exam_room,
    gradebook,
    identity,
    lti,
    mark,
    participation,
    regrade,
    rerun,
    roster,
    spotcheck,
    team,
)
from server.cli.choose import choose
from server.cli.demo import demo
from server.cli.doctor import doctor
from server.cli.exits import Commands
from server.cli.integrity import integrity
from server.cli.leaderboard import leaderboard
from server.cli.login import login
from server.cli.pairs import pairs
from server.cli.pull import pull
from server.cli.replay import replay
from server.cli.returns import list_returns, return_for_fix
from server.cli.sources import declare
from server.cli.status import status
from server.cli.submit import submit
from server.cli.up import up

EXIT_CODES = "Exit codes: 0 done · 1 not gradable or not as expected · 2 usage · 3 system fault · 4 refused by the server."
STUDENTS, STAFF, AUTHORS, PLATFORM = "For students", "For staff", "For authors, without a server", "The platform"

app = typer.Typer(
    name="gradus",
    help="Gradus 梯度 — homework, exams and competitions in deep learning, graded in a sandbox.",
    epilog=EXIT_CODES,
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (login, pull, check, submit, declare, status, choose, leaderboard):
    app.command(rich_help_panel=STUDENTS)(command)
for command in (grade, verify, paper, similarity):
    app.command(rich_help_panel=AUTHORS)(command)
for command in (up, demo, doctor):
    app.command(rich_help_panel=PLATFORM)(command)
app.command(rich_help_panel=STAFF)(pairs)
app.add_typer(archive.app, name="archive", rich_help_panel=STAFF)
app.add_typer(team.app, name="team", rich_help_panel=STUDENTS)
app.add_typer(case.app, name="case", rich_help_panel=STAFF)
app.add_typer(roster.app, name="roster", rich_help_panel=STAFF)
admin.app.command("integrity")(integrity)
app.add_typer(dates.app, name="dates", rich_help_panel=STAFF)
app.add_typer(announce.app, name="announce", rich_help_panel=STAFF)
app.add_typer(channel.app, name="channel", rich_help_panel=STAFF)
app.add_typer(attendance.app, name="attendance", rich_help_panel=STAFF)
app.add_typer(participation.app, name="participation", rich_help_panel=STAFF)
exam_after.register(exam_room.app)
app.add_typer(exam_rehearse.app, name="exam", rich_help_panel=STAFF)
app.add_typer(gradebook.app, name="gradebook", rich_help_panel=STAFF)
app.add_typer(mark.app, name="mark", rich_help_panel=STAFF)
app.add_typer(lti.app, name="lti", rich_help_panel=STAFF)
app.command("return", rich_help_panel=STAFF)(return_for_fix)
app.command("returns", rich_help_panel=STAFF)(list_returns)
app.add_typer(regrade.app, name="regrade", rich_help_panel=STAFF)
app.add_typer(rerun.app, name="rerun", rich_help_panel=STAFF)
app.command(rich_help_panel=STAFF)(replay)
app.add_typer(spotcheck.app, name="spot-check", rich_help_panel=STAFF)
app.add_typer(sandbox.app, name="sandbox", rich_help_panel=PLATFORM)
app.add_typer(identity.app, name="identity", rich_help_panel=PLATFORM)
app.add_typer(admin.app, name="admin", rich_help_panel=PLATFORM)
