"""`gradus exam`, after the day: results, release, second markings, the archive and its proof. Staff's, but for the proof."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.exits import ExitCode, Problem
from server.cli.terminal import AsJson, answers, print_json

CourseArgument = Annotated[str, typer.Argument(metavar="COURSE", help="Or COURSE/EXAM in one word.")]
ExamArgument = Annotated[str | None, typer.Argument(metavar="EXAM", help="Its slug, as in the list of exams.")]


def path_of(course: str, exam: str | None, place: str = "") -> str:
    """Both in one word, as the other commands have it, or in two."""
    course, _, named = course.partition("/")
    if not (exam or named):
        raise Problem("It is not clear which exam is meant.", next_step="name it as COURSE/EXAM", code=ExitCode.usage)
    return f"/courses/{course}/exams/{exam or named}{place}"


def register(app: typer.Typer) -> None:
    """Under the group `exam`, whoever made it."""
    for name, command in (
        ("results", results),
        ("release", release),
        ("moderate", moderate),
        ("export", export),
        ("verify", verify),
    ):
        app.command(name)(command)


def results(
    course: CourseArgument,
    exam: ExamArgument = None,
    csv: Annotated[Path | None, typer.Option(help="Write a file of all students.")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write a workbook of students and questions.")] = None,
    as_json: AsJson = False,
) -> None:
    """How the class and each question have done."""
    from server.cli.client import signed_in

    files = {name: path for name, path in (("csv", csv), ("xlsx", xlsx)) if path}
    with signed_in() as client:
        for name, path in files.items():
            path.write_bytes(client.download(path_of(course, exam, f"/results/export?format={name}")))
            answers().print(f"[pass]✓[/] {escape(str(path))}")
        if files:
            return
        found = client.get(path_of(course, exam, "/results"))
    print_json(found) if as_json else show_results(found)


def show_results(found: dict[str, Any]) -> None:
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("question", "points", "facility", "discrimination", "full", "part", "none"):
        table.add_column(title, justify="left" if title == "question" else "right", overflow="fold")
    for each in found["items"]:
        shares = [fixed(each["facility"]), fixed(each["discrimination"]) + (" !" if each["is_suspicious"] else "")]
        table.add_row(
            escape(each["id"]), f"{float(each['points']):g}", *shares, *(str(each[n]) for n in ("full", "part", "none"))
        )
    answers().print(table)
    handed_in = sum(each["submission"] is not None for each in found["students"])
    mean = "–" if found["mean"] is None else f"{float(found['mean']):g}"
    answers().print(f"{handed_in} of {len(found['students'])} handed in · mean {mean} of {float(found['full']):g}")


def fixed(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def release(
    course: CourseArgument,
    exam: ExamArgument = None,
    yes: Annotated[bool, typer.Option("--yes", help="Release; without it only what is open is said.")] = False,
    confirm: Annotated[bool, typer.Option("--confirm", help="Although something is open.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is still open, or let all students see their papers. It cannot be taken back."""
    from server.cli.client import signed_in

    with signed_in() as client:
        place = path_of(course, exam, "/release")
        found = client.post(place, json={"confirm": confirm}) if yes else client.get(place)
    if as_json:
        print_json(found)
        return
    say = answers().print
    if found["released_at"]:
        say(f"[pass]✓[/] released at {found['released_at']}: students see their papers.")
        return
    say(
        "nobody can sit it any more"
        if found["is_over"]
        else f"[wait]open until {found['ends_at']}[/], sitting: {len(found['running'])}"
    )
    say(f"{found['handed_in']} handed in, {len(found['absent'])} did not sit")
    say(f"open: {len(found['ungraded'])} verdicts, {found['unmarked']} marks, {found['unmoderated']} second markings")
    say("[quiet]Release with: --yes[/]")


def moderate(
    course: CourseArgument,
    exam: ExamArgument = None,
    draw: Annotated[bool, typer.Option("--draw", help="Draw the sample, once.")] = False,
    as_json: AsJson = False,
) -> None:
    """The sample that a second person marks, with the differences."""
    from server.cli.client import signed_in

    with signed_in() as client:
        place = path_of(course, exam, "/moderation")
        found = client.post(place) if draw else client.get(place)
    if as_json:
        print_json(found)
        return
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("id", "paper", "question", "first", "second", "difference", "what counts"):
        table.add_column(title, overflow="fold")
    for each in found["marks"]:
        counts = each["settled"] or ("agree" if each["is_settled"] else "open")
        numbers = [str(each[name] if each[name] is not None else "–") for name in ("first", "second", "difference")]
        table.add_row(str(each["id"]), str(each["submission"]), escape(each["question"]), *numbers, str(counts))
    answers().print(table)
    answers().print(f"seed {found['seed'] or '–'} · {found['open']} open")


def export(
    course: CourseArgument,
    to: Annotated[Path, typer.Option("--to", help="The .zip to write.")],
    exam: ExamArgument = None,
) -> None:
    """One file with the papers, answers, runs, marks and changes of a class, to be kept and proved again."""
    from server.cli.client import signed_in

    with signed_in() as client:
        content = client.download(path_of(course, exam, "/archive"))
    to.write_bytes(content)
    answers().print(
        f"[pass]✓[/] {escape(str(to))} · {len(content) / 1e6:.1f} MB · prove it with: gradus exam verify {escape(str(to))}"
    )


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip")],
    content: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Draw the papers from this folder in the place of the archive's."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option("--key", help="The fingerprint of the key that has to have signed it, as the platform shows it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Prove an archive without a server: signature, hashes, papers, receipts, scores, totals. Exit code 1: it differs.

    On the platform's own machine its key is known; elsewhere, name it by --key, or whose signature it is stays open.
    """
    from server.exam_results.archive_check import Unreadable
    from server.exam_results.archive_check import verify as prove

    own = None if key else own_key()
    try:
        proof = prove(file, content=content, key=key.strip().lower() if key else None)
    except Unreadable as error:
        raise Problem(
            f"{file} is no archive of an exam.",
            why=str(error),
            next_step="take a file of gradus exam export",
            code=ExitCode.usage,
        ) from error
    proof.is_key_checked |= own is not None and proof.key == own
    if as_json:
        print_json(proof.facts())
    else:
        show_proof(proof, own)
    if proof.differences:
        raise typer.Exit(ExitCode.ungradable)


def own_key() -> str | None:
    """The fingerprint of this machine's platform; None where no platform has its secret here. None is made for it."""
    from server.exam_results import signing
    from server.settings import get_settings

    settings = get_settings()
    if settings.secret is None and not (settings.data / "secret").exists():
        return None
    try:
        return signing.fingerprint(signing.public_pem(settings.derive_key(signing.PURPOSE)))
    except OSError:  # it is another person's to read
        return None


def show_proof(proof: Any, own: str | None) -> None:
    for each in proof.differences:
        answers().print(f"[fail]✗[/] {escape(str(each))}")
    counts = f"{proof.files} files, {proof.students} students, {proof.papers} papers drawn again, {proof.receipts} receipts"
    reckoned = f"{proof.scores} question scores and {proof.totals} totals reckoned again"
    glyph = "[fail]✗[/] differs" if proof.differences else "[pass]✓[/] proven"
    answers().print(f"{glyph} · {counts}, {reckoned}")
    answers().print(signature_in_words(proof, own), soft_wrap=True)
    answers().print(f"[quiet]manifest {proof.manifest_sha256}: compare it with the line exam.exported in the course's changes[/]")


def signature_in_words(proof: Any, own: str | None) -> str:
    """Whose archive it is; where nobody has looked, that."""
    if proof.differences:
        return f"[quiet]signature: {proof.signature}; what differs stands above[/]"
    if proof.signature == "missing":
        return "[wait]![/] complete and consistent, but not signed: anybody could have made it"
    if proof.is_key_checked:
        return f"[pass]✓[/] signed by {'this platform' if own else 'the key you named'}, {proof.key}"
    if own is not None:
        return (
            f"[wait]![/] complete and consistent; signed by {proof.key}, which is not the key of this machine's platform ({own})"
        )
    return (
        f"[wait]![/] complete and consistent, signature not checked: it is by the key {proof.key}. "
        "Compare that with what the platform shows, by --key"
    )
