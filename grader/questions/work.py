"""What was handed in where questions are asked: code, if there is any, answers, and the files that answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.collect import bytes_of, collect, display_name
from grader.competition.uploads import collect_for
from grader.questions.answers import HandedIn, read_answers, split_files
from grader.questions.manifest import QuestionKind
from grader.questions.paper import Paper
from grader.refusals import BadSubmission

if TYPE_CHECKING:
    from grader.spec import Manifest


@dataclass(frozen=True)
class Work:
    """uploaded: code as it came. code: the Python sources in it. handed_in: None where nothing is asked."""

    uploaded: Mapping[str, bytes]
    code: Mapping[str, bytes]
    handed_in: HandedIn | None = None


def collect_work(manifest: "Manifest", paper: Paper, files: Mapping[str, bytes]) -> Work:
    """From files alone, as programs hand in: an answers.toml or answers.json among them. Raises BadSubmission."""
    if not manifest.questions:
        return Work(files, collect_for(manifest, files))
    raw, others = split_files(files)
    names = {
        raw.get(each.id) for each in manifest.questions if each.kind is QuestionKind.file and isinstance(raw.get(each.id), str)
    }
    attached = {name: others[name] for name in names if name in others}
    code = {name: data for name, data in others.items() if name not in attached}
    return work_of(manifest, paper, raw, attached, code)


def work_of(
    manifest: "Manifest", paper: Paper, raw: Mapping[str, Any], attached: Mapping[str, bytes], code: Mapping[str, bytes]
) -> Work:
    """From what a form holds. Raises BadSubmission; what is blank is left out, but something has to be there."""
    handed_in = read_answers(paper, raw, attached)
    if code and not manifest.wants_code:
        name = display_name(min(code))
        raise BadSubmission(
            "not_asked_for",
            en=f"{name} is not asked for here. A file that answers a question is named in answers.toml.",
            zh=f"本作业不需要 {name}。用来回答题目的文件，请在 answers.toml 中写明文件名。",
        )
    if not code and not handed_in.answers:
        raise BadSubmission(
            "empty", en="Nothing is answered yet. Answer at least one question.", zh="还没有作答，请至少回答一题。"
        )
    return Work(code, collect(code, module=manifest.module) if code else {}, handed_in)


def read_files(paths: Iterable[Path]) -> dict[str, bytes]:
    """Of this machine: files by name, of a folder its Python sources. Raises BadSubmission."""
    files: dict[str, bytes] = {}
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            found = sorted(file for file in path.rglob("*.py") if "__pycache__" not in file.parts and not file.is_dir())
            files |= {file.relative_to(path).as_posix(): bytes_of(file) for file in found}
        else:
            files[path.name] = bytes_of(path)
    return files
