"""`gradus admin`: the least that is needed to run a course: tables, people, courses, assignments."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.exits import Commands, ExitCode, Problem
from server.cli.terminal import AsJson, answers, in_language, print_json, remarks

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from server.assignments.models import Assignment
    from server.courses.models import Course
    from server.grading.models import GpuDevice
    from server.settings import Settings

app = typer.Typer(help="Set up people and courses.", cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False)

Login = Annotated[str, typer.Argument(help="The person's login.")]
Logins = Annotated[list[str], typer.Argument(metavar="LOGIN…", help="One or several people.")]
CourseSlug = Annotated[str, typer.Argument(metavar="COURSE", help="The course's short name, such as dl-2026.")]
RoleName = Annotated[str, typer.Option("--role", help="student, ta or instructor.")]


@app.command()
def migrate() -> None:
    """Bring the tables to the newest version."""
    with open_platform():
        done("The tables are up to date.")


@app.command("create-user")
def create_user(
    login: Login,
    name: Annotated[str | None, typer.Option(help="The name that others see; the login if left out.")] = None,
    email: Annotated[str | None, typer.Option(help="For notices.")] = None,
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
    password_file: Annotated[Path | None, typer.Option(help="Where the password is read from; asked for if left out.")] = None,
) -> None:
    """Add a person. The password is asked for, never an argument: those can be read by everybody."""
    from server.accounts.models import Language

    chosen = choose(Language, language)
    password = read_password(password_file)
    with open_session() as session:
        from server.accounts import service

        service.create_user(session, login=login, display_name=name or login, password=password, email=email, language=chosen)
    done(f"{login} can sign in.")


@app.command("create-course")
def create_course(
    course: CourseSlug,
    title_en: Annotated[str, typer.Option(help="Title in English.")],
    title_zh: Annotated[str, typer.Option(help="Title in Chinese.")],
    time_zone: Annotated[str, typer.Option(help="An IANA name; days of quotas begin at its midnight.")] = "Asia/Shanghai",
) -> None:
    """Add a course."""
    check_time_zone(time_zone)
    with open_session() as session:
        from server.courses import service

        if find_course(session, course) is not None:
            raise Problem(f"There is a course {course} already.", code=ExitCode.refused)
        service.create_course(session, slug=course, title_en=title_en, title_zh=title_zh, time_zone=time_zone)
    done(f"Course {course} is there. Next: gradus admin enroll {course} LOGIN --role instructor")


@app.command("board-names")
def set_board_names(
    course: CourseSlug, names: Annotated[str, typer.Argument(metavar="real|pseudonyms", help="What students read.")]
) -> None:
    """Say under which names students stand on the boards of a course; staff always see both."""
    with open_session() as session:
        from server.audit import write_line
        from server.courses.models import BoardNames

        chosen, found = choose(BoardNames, names), get_course(session, course)
        if found.board_names is not chosen:
            write_line(session, course=found, actor=None, action="course.board_names", before=found.board_names, now=chosen)
            found.board_names = chosen
    done(f"The boards of {course} show {'pseudonyms' if chosen == 'pseudonyms' else 'real names'}.")


@app.command()
def enroll(
    course: CourseSlug, logins: Annotated[list[str], typer.Argument(metavar="LOGIN…")], role: RoleName = "student"
) -> None:
    """Put people into a course; doing it again changes their role."""
    from server.courses.models import Role

    chosen = choose(Role, role)
    with open_session() as session:
        from server.accounts import service as accounts
        from server.courses import service as courses

        found = get_course(session, course)
        for login in logins:
            user = accounts.find_user(session, login=login)
            if user is None:
                raise Problem(
                    f"There is no person {login}.", next_step=f"gradus admin create-user {login}", code=ExitCode.refused
                )
            courses.enroll(session, course=found, user=user, role=chosen)
    done(f"{', '.join(logins)}: {chosen} in {course}.")


@app.command("set-assignment")
def set_assignment(
    course: CourseSlug,
    assignment: Annotated[str, typer.Argument(help="The name of its folder, such as mlp.")],
    opens: Annotated[datetime, typer.Option(help="In the course's time zone, like all dates here.")],
    due: Annotated[datetime, typer.Option(help="Later is late.")],
    closes: Annotated[datetime | None, typer.Option(help="Later is refused; the same as due if left out.")] = None,
    reason: Annotated[str, typer.Option(help="Why dates move that were set before; students read it.")] = "",
    confirm: Annotated[bool, typer.Option("--confirm", help="Although work that is handed in becomes late by it.")] = False,
) -> None:
    """Set an assignment in a course; doing it again moves its dates, as `gradus dates set` does: on record, and announced."""
    with open_session() as session:
        from zoneinfo import ZoneInfo

        found = get_course(session, course)
        dates = {"opens_at": opens, "due_at": due, "closes_at": closes or due}
        zoned = {name: moment.replace(tzinfo=ZoneInfo(found.time_zone)) for name, moment in dates.items()}
        if not zoned["opens_at"] <= zoned["due_at"] <= zoned["closes_at"]:
            raise Problem("The dates are not in order.", next_step="opens, then due, then closes", code=ExitCode.usage)
        put_assignment(session, course=found, slug=assignment, dates=zoned, reason=reason, confirm=confirm)
    done(f"{course}/{assignment} is due {due:%Y-%m-%d %H:%M}.")


@app.command("devices")
def devices(
    release: Annotated[str | None, typer.Option(metavar="UUID", help="Set a quarantined GPU back into service.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the GPUs that workers have told of, or set one back that was quarantined and is repaired."""
    from server.grading import devices as domain

    with open_session() as session:
        if release is not None:
            domain.set_back(session, uuid=release, by=getpass.getuser())
        found = [describe_device(device) for device in domain.list_devices(session)]
    if as_json:
        print_json(found)
    elif found:
        answers().print(devices_table(found))
    else:
        answers().print("No worker has told of a GPU yet. A worker on a machine with one does so when it starts.")


@app.command("stuck")
def stuck(
    course: Annotated[str | None, typer.Argument(metavar="[COURSE]", help="Of this course alone.")] = None,
    rerun: Annotated[bool, typer.Option("--rerun", help="Grade all of them again.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the submissions that wait for a person because the assignment or our system failed, or grade them again."""
    with open_session() as session:
        from server.database import current_time
        from server.grading import queries, service
        from server.grading.schemas import StuckOut

        found = queries.list_stuck(session, course=get_course(session, course) if course else None)
        shown = [StuckOut.of(each, now=current_time(session)).model_dump(mode="json") for each in found]
        if rerun:
            for each in found:
                service.rerun(session, submission=each.submission, requested_by=None)
    if as_json:
        print_json({"count": len(shown), "submissions": shown})
    elif rerun:
        done(f"Sent to be graded again: {len(shown)}.")
    elif shown:
        answers().print(stuck_table(shown))
    else:
        answers().print("Nothing is stuck.")


def stuck_table(found: list[dict[str, Any]]) -> Table:
    from server.cli.report import local_time

    table = Table(box=None, pad_edge=False, header_style="quiet")
    table.add_column("id", justify="right")
    for title in ("assignment", "attempt", "student", "since", "reason"):
        table.add_column(title, overflow="fold")
    for each in found:
        name, reason = f"{each['course']}/{each['assignment']}", in_language(each["reason"]) or "unknown"
        row = (str(each["id"]), name, str(each["attempt"]), each["author"], local_time(each["since"]), reason)
        table.add_row(*(escape(cell) for cell in row))
    return table


def describe_device(device: "GpuDevice") -> dict[str, Any]:
    moments = {name: getattr(device, name) for name in ("since", "seen_at", "set_back_at")}
    plain = {name: moment.isoformat() if moment else None for name, moment in moments.items()}
    facts = ("uuid", "host", "name", "memory_bytes", "state", "why", "set_back_by")
    return {**{name: getattr(device, name) for name in facts}, **plain}


def devices_table(found: list[dict[str, Any]]) -> Table:
    from server.cli.report import local_time

    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("uuid", "host", "name", "memory", "state", "since", "why"):
        table.add_column(title, overflow="fold")
    for each in found:
        state = "[pass]ready[/]" if each["state"] == "ready" else "[fail]quarantined[/]"
        memory, since = f"{each['memory_bytes'] / (1 << 30):.0f} GiB", local_time(each["since"])
        table.add_row(each["uuid"], each["host"], escape(each["name"]), memory, state, since, escape(remark_on(each)))
    return table


def remark_on(device: dict[str, Any]) -> str:
    """Why it is out of service, or who has set it back."""
    if device["why"]:
        return device["why"]
    return f"set back by {device['set_back_by']}" if device["set_back_by"] else ""


def put_assignment(
    session: "Session", *, course: "Course", slug: str, dates: dict[str, datetime], reason: str, confirm: bool
) -> None:
    from grader.spec import BrokenAssignment, UnknownAssignment, load_manifest
    from server.assignments import service
    from server.settings import get_settings

    root = get_settings().assignments
    try:
        manifest = load_manifest(root / slug)
    except (BrokenAssignment, UnknownAssignment) as error:
        raise Problem(f"{slug} cannot be set.", why=str(error), next_step=f"gradus verify {slug}", code=ExitCode.usage) from error
    found = service.find_assignment(session, course=course, slug=slug)
    if found is None:
        service.create_assignment(session, course=course, slug=slug, **dates, **service.limits_of(manifest))
    else:
        move_dates(session, found, dates, reason=reason, confirm=confirm)


def move_dates(session: "Session", assignment: "Assignment", dates: dict[str, datetime], *, reason: str, confirm: bool) -> None:
    from server.database import current_time
    from server.deadlines import queries, refusals, service
    from server.deadlines.rules import Dates
    from server.settings import get_settings

    service.lock_dates(session, assignment)
    known = {"version": queries.version_of(session, assignment=assignment), "root": get_settings().assignments}
    try:
        service.move_dates(
            session, assignment=assignment, dates=Dates(**dates), reason=reason, by=None, now=current_time(session),
            is_confirmed=confirm, **known,
        )  # fmt: skip
    except refusals.ReasonMissing as refusal:
        raise Problem(str(refusal), next_step='add --reason "…"', code=ExitCode.refused) from refusal
    except refusals.MakesWorkLate as refusal:
        raise Problem(str(refusal), next_step="if that is meant, add --confirm", code=ExitCode.refused) from refusal


@contextmanager
def open_platform() -> "Iterator[Settings]":
    """The configured engines; embedded ones are started for as long as the command takes."""
    from server.cli.platform import running_engines
    from server.settings import get_settings

    with running_engines(get_settings(), tell=remarks().print) as engines:
        yield engines.settings


@contextmanager
def open_session() -> "Iterator[Session]":
    """One command, one transaction; a refusal becomes a Problem with its sentence."""
    import server.models  # noqa: F401  (every table is known before the first query)
    from server.database import connect, session_factory
    from server.errors import AppError

    with open_platform() as settings:
        engine = connect(settings.database_url)
        try:
            with session_factory.begin() as session:
                yield session
        except AppError as refusal:
            raise Problem(str(refusal), code=ExitCode.refused) from refusal
        finally:
            engine.dispose()


def find_course(session: "Session", slug: str) -> "Course | None":
    from sqlalchemy import select

    from server.courses.models import Course

    return session.scalar(select(Course).where(Course.slug == slug))


def get_course(session: "Session", slug: str) -> "Course":
    found = find_course(session, slug)
    if found is None:
        next_step = f"gradus admin create-course {slug} --title-en … --title-zh …"
        raise Problem(f"There is no course {slug}.", next_step=next_step, code=ExitCode.refused)
    return found


def read_password(file: Path | None) -> str:
    from server.accounts.rules import MAX_PASSWORD, MIN_PASSWORD

    if file is None:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = file.read_text(encoding="utf-8").rstrip("\n")
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Problem(f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters.", code=ExitCode.usage)
    return password


def choose(kind: type, word: str):
    """A value of an enumeration, or a refusal that lists them."""
    try:
        return kind(word)
    except ValueError as error:
        raise Problem(f"{word} is none of: {', '.join(kind)}.", code=ExitCode.usage) from error


def check_time_zone(name: str) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Problem(f"{name} is no time zone.", next_step="use a name like Asia/Shanghai", code=ExitCode.usage) from error


def done(sentence: str) -> None:
    answers().print(f"[pass]✓[/] {escape(sentence)}", soft_wrap=True)
