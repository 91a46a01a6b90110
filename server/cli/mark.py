"""`gradus mark`: see how far marking is, read a work, give a mark, publish, and take all marks away as a file; for staff."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.exits import Commands, ExitCode, Problem
from server.cli.target import TargetArgument
from server.cli.terminal import AsJson, answers, print_json

app = typer.Typer(help="Mark by hand; for staff.", cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False)

Given = dict[str, Any]  # as the API sends it
Named = Annotated[str, typer.Argument(metavar="COURSE/ASSIGNMENT", help="May be shortened where only one fits.")]
Question = Annotated[str, typer.Argument(metavar="QUESTION", help="Its short name; see: gradus mark progress.")]
Submission = Annotated[int, typer.Argument(metavar="SUBMISSION", help="Its number; see: gradus mark list.")]


def marking_of(client: Any, target: str | None) -> str:
    from server.cli.target import find_target

    return f"{find_target(client, target).path}/marking"


def work_of(client: Any, target: str, question: str, submission: int) -> str:
    return f"{marking_of(client, target)}/questions/{question}/works/{submission}"


@app.command()
def progress(target: TargetArgument = None, as_json: AsJson = False) -> None:
    """How far everybody is with each question, and what is published."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.get(marking_of(client, target))
    if as_json:
        print_json(found)
    elif not found["questions"]:
        answers().print(
            "Nothing here is marked by people: its assignment.toml has no questions of the kinds text, file or review."
        )
    else:
        show_progress(found)


def show_progress(found: Given) -> None:
    from server.cli.report import local_time

    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("question", "points", "marked", "mean", "by", "next"):
        table.add_column(title, overflow="fold")
    for each in found["questions"]:
        shares = ", ".join(f"{share['marker'] or 'nobody'} {share['done']}/{share['all']}" for share in each["markers"])
        mean = "–" if each["mean"] is None else f"{float(each['mean']):g}"
        row = (
            each["question"],
            f"{float(each['points']):g}",
            f"{each['done']} of {each['all']}",
            mean,
            shares,
            each["next"] or "–",
        )
        table.add_row(*(escape(str(cell)) for cell in row))
    answers().print(table)
    for each in found["published"]:
        whom = f"section {each['section']}" if each["section"] else "everybody"
        answers().print(f"[pass]✓[/] published to {escape(whom)} · {local_time(each['at'])} · {escape(each['by'])}")


@app.command("list")
def list_works(
    target: Named,
    question: Question,
    only_open: Annotated[bool, typer.Option("--open", help="Only those without a mark.")] = False,
    item: Annotated[int | None, typer.Option(help="Only those in which this rubric item is ticked.")] = None,
    as_json: AsJson = False,
) -> None:
    """The works of one question, in your own random order."""
    from server.cli.client import signed_in

    with signed_in() as client:
        place = f"{marking_of(client, target)}/questions/{question}/works"
        works = client.get(place, only_open=only_open or None, item=item)
    if as_json:
        print_json(works)
    elif not works:
        answers().print("No work fits. See how far marking is with: gradus mark progress")
    else:
        table = Table(box=None, pad_edge=False, header_style="quiet")
        for title in ("submission", "work", "marker", "points", "version"):
            table.add_column(title, overflow="fold")
        for each in works:
            points = "–" if each["points"] is None else f"{float(each['points']):g}"
            name = " + ".join(each["students"]) or f"work {each['number']}"
            table.add_row(*map(escape, (str(each["submission"]), name, each["marker"] or "–", points, str(each["version"]))))
        answers().print(table)


@app.command()
def show(target: Named, question: Question, submission: Submission, as_json: AsJson = False) -> None:
    """The rubric with its numbers, the marks so far, and what is said at lines."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.get(work_of(client, target, question, submission))
    if as_json:
        print_json(found)
        return
    console = answers()
    newest = found["marks"][0] if found["marks"] else None
    for each in found["rubric"]["items"]:
        tick = "✓" if newest and each["id"] in newest["items"] else " "
        words = escape(each["text"]["en"]) + (" (retired)" if each["retired"] else "")
        console.print(f"{tick} {each['id']:>5}  {float(each['points']):+g}  {words}", soft_wrap=True)
    if found["answer"]:
        console.print(escape(found["answer"]), soft_wrap=True)
    for each in found["comments"]:
        console.print(escape(f"{each['file']}:{each['first_line']}–{each['last_line']}  {each['text']}"), soft_wrap=True)
    for each in found["marks"]:
        show_mark(each, found["rubric"]["points"])
    if newest is None:
        console.print(
            f"not marked yet; mark it with: gradus mark give {target} {question} {submission} --item ID", soft_wrap=True
        )


def show_mark(mark: Given, points: str) -> None:
    from server.cli.report import local_time

    said = " · ".join(escape(each) for each in (mark["reason"], mark["comment"]) if each)
    head = f"[strong]{float(mark['points']):g} / {float(points):g}[/] · {escape(mark['marker'])} · {local_time(mark['at'])}"
    answers().print(f"{head} · version {mark['version']}" + (f" · {said}" if said else ""), soft_wrap=True)


@app.command()
def give(
    target: Named,
    question: Question,
    submission: Submission,
    item: Annotated[list[int] | None, typer.Option("--item", help="A rubric item that fits; as often as there are.")] = None,
    points: Annotated[float, typer.Option(help="Beside the rubric, above or below zero.")] = 0,
    reason: Annotated[str, typer.Option(help="For these points; the student reads it.")] = "",
    comment: Annotated[str, typer.Option(help="Markdown, with formulas.")] = "",
    version: Annotated[int, typer.Option(min=0, help="Of the mark that you have seen and replace; 0: there was none.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Mark one question of one work; where somebody was first, nothing is overwritten."""
    from server.cli.client import signed_in

    new = {"version": version, "items": item or [], "adjustment": str(points), "reason": reason, "comment": comment}
    with signed_in() as client:
        mark = client.put(work_of(client, target, question, submission), json=new)
    if as_json:
        print_json(mark)
    else:
        answers().print(f"[pass]✓[/] {float(mark['points']):g} points · version {mark['version']}")


@app.command()
def comment(
    target: Named,
    question: Question,
    submission: Submission,
    place: Annotated[str, typer.Argument(metavar="FILE:LINE[-LINE]", help="solution.py:12-14")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Markdown, with formulas.")],
    as_json: AsJson = False,
) -> None:
    """Say something at lines of the code."""
    from server.cli.client import signed_in

    file, first, last = read_place(place)
    new = {"file": file, "first_line": first, "last_line": last, "text": text}
    with signed_in() as client:
        said = client.post(f"{work_of(client, target, question, submission)}/comments", json=new)
    print_json(said) if as_json else answers().print(f"[pass]✓[/] {escape(place)}")


def read_place(text: str) -> tuple[str, int, int]:
    file, _, lines = text.rpartition(":")
    first, _, last = lines.partition("-")
    if not (file and first.isdecimal() and (last or first).isdecimal()):
        wanted = "write the file, a colon and lines: solution.py:12-14"
        raise Problem(f"{text!r} names no lines.", next_step=wanted, code=ExitCode.usage)
    return file, int(first), int(last or first)


@app.command("item")
def edit_item(
    target: Named,
    question: Question,
    points: Annotated[float, typer.Option(help="Given, or taken where below zero.")],
    en: Annotated[str, typer.Option(help="Its words in English.")] = "",
    zh: Annotated[str, typer.Option(help="Its words in Chinese; one language is enough.")] = "",
    item: Annotated[int | None, typer.Option("--id", help="Which item is changed; a new one if left out.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Also where marks change with it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add an item to a rubric, or change one: every mark that has it follows."""
    from server.cli.client import signed_in

    with signed_in() as client:
        place = f"{marking_of(client, target)}/questions/{question}"
        rubric = client.get(place)
        words = next((each["text"] for each in rubric["items"] if each["id"] == item), {"en": "", "zh": ""})
        new = {"points": str(points), "text_en": en or words["en"], "text_zh": zh or words["zh"]}
        new |= {"version": rubric["version"], "is_confirmed": yes}
        found = client.post(f"{place}/items", json=new) if item is None else client.put(f"{place}/items/{item}", json=new)
    if as_json:
        print_json(found)
    else:
        changed = len(found.get("changed", []))
        answers().print("[pass]✓[/] saved" + (f" · {changed} mark{'' if changed == 1 else 's'} changed" if changed else ""))


@app.command()
def share(
    target: Named,
    marker: Annotated[list[str], typer.Option("--marker", help="A login; as often as there are.")],
    how: Annotated[str, typer.Option(help="works (evenly), sections or questions.")] = "works",
    seed: Annotated[str, typer.Option(help="The assignment's name if left out.")] = "",
    as_json: AsJson = False,
) -> None:
    """Share the work out by lot; who has something and is named again keeps it."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.post(f"{marking_of(client, target)}/shares", json={"markers": marker, "how": how, "seed": seed})
    print_json(found) if as_json else show_progress(found)


@app.command()
def publish(
    target: Named,
    section: Annotated[str | None, typer.Option(help="A section's name; everybody if left out.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Also where something is not marked yet.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let students see their marks. There is no way back."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.post(f"{marking_of(client, target)}/publish", json={"section": section, "is_confirmed": yes})
    whom = f"section {section}" if section else "everybody"
    print_json(found) if as_json else answers().print(f"[pass]✓[/] published to {escape(whom)}")


@app.command()
def export(
    target: Named,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")] = Path("marks.csv"),
) -> None:
    """All marks as CSV: a line for each question of each work."""
    from server.cli.client import signed_in

    with signed_in() as client:
        content = client.download(f"{marking_of(client, target)}/export")
    output.write_bytes(content)
    answers().print(f"[pass]✓[/] {escape(str(output))}")
