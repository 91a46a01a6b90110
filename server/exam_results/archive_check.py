"""Proves an exam's archive again without a server: signature, hashes, papers from their seeds, receipts, scores, totals.

Only the grader and pure rules are needed. The questions in the archive are its authors' code and are run to draw the papers.
"""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from typing import Any

from grader.papers.sheet import Sheet, sheet_of
from grader.protocol import Job
from grader.questions.asked import Asked, Choice, Choices, Matrix, Number
from grader.questions.judging import paper_of, results_of
from grader.questions.paper import Item, Paper, right_answer
from grader.spec import BrokenAssignment, Manifest, UnknownAssignment, load_manifest
from server.exam_results import signing
from server.exam_results.signing import PUBLIC_KEY, SIGNATURE, Signed
from server.marking.models import Scale
from server.marking.rules import Given, Worth, total_of

FORMAT = "gradus-exam-archive/1"
MANIFEST = "manifest.json"
MOST_BYTES = 2 << 30  # unpacked; nobody's exam is larger
NONE = Decimal(0)


class Unreadable(Exception):
    """It is no archive of an exam."""


@dataclass(frozen=True)
class Difference:
    """Where, in which respect, and what was found instead."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass
class Proof:
    """What was compared, and what differs. manifest_sha256: the audit log of the course has it.

    key: fingerprint of the one by which it is signed. Whose it is the archive cannot say; `is_key_checked`: somebody has.
    """

    manifest_sha256: str
    signature: Signed = Signed.missing
    key: str | None = None
    is_key_checked: bool = False
    files: int = 0
    students: int = 0
    papers: int = 0
    receipts: int = 0
    scores: int = 0  # of questions, reckoned once more
    totals: int = 0
    differences: list[Difference] = field(default_factory=list)

    def expect(self, where: str, what: str, found: Any, expected: Any) -> None:
        if found != expected:
            self.differences.append(Difference(where, f"{what}: {found!r:.120} instead of {expected!r:.120}"))

    def facts(self) -> dict[str, Any]:
        return {**asdict(self), "is_proven": not self.differences}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def paper_facts(paper: Paper) -> list[dict[str, Any]]:
    """A paper as it was drawn, with its answers."""
    return [item_facts(item) for item in paper.items]


def sheet_facts(sheet: Sheet) -> dict[str, Any]:
    """What the student read, with all constants."""
    return sheet.model_dump(mode="json")


def item_facts(item: Item) -> dict[str, Any]:
    asked, question = item.asked, item.question
    return {
        "id": question.id,
        "kind": question.kind.value,
        "points": f"{question.points.normalize():f}",
        "prompt": asked.prompt.model_dump(),
        "solution": asked.solution.model_dump() if asked.solution else None,
        "right": right_answer(asked),
        **shape_of(asked),
    }


def shape_of(asked: Asked) -> dict[str, Any]:
    match asked:
        case Number():
            return {"unit": asked.unit, "absolute": asked.absolute, "relative": asked.relative}
        case Matrix():
            return {"size": list(asked.size), "absolute": asked.absolute, "relative": asked.relative, "per_cell": asked.per_cell}
        case Choice() | Choices():
            return {"options": [{"text": each.text.model_dump(), "is_right": each.is_right} for each in asked.options]}
    return {}


def verify(path: Path, *, content: Path | None = None, key: str | None = None) -> Proof:
    """content: a folder to draw the papers from, in the place of the archive's own. key: the fingerprint of the one that has to
    have signed it. Raises Unreadable.
    """
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as scratch:
            files = read_files(archive)
            proof = check_hashes(files)
            check_signature(proof, files, key)
            folder = content or unpack_content(files, Path(scratch) / "content")
            check_students(proof, files, folder)
            return proof
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        raise Unreadable(str(error)) from error


def read_files(archive: zipfile.ZipFile) -> dict[str, bytes]:
    if sum(each.file_size for each in archive.infolist()) > MOST_BYTES:
        raise Unreadable("it is larger than an exam can be")
    names = archive.namelist()
    if len(set(names)) < len(names):
        raise Unreadable("it holds a name twice")
    try:
        return {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise Unreadable(f"its bytes are damaged: {error}") from error


def check_hashes(files: Mapping[str, bytes]) -> Proof:
    if MANIFEST not in files:
        raise Unreadable(f"it has no {MANIFEST}")
    manifest = json_of(files, MANIFEST)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise Unreadable(f"it is not in the format {FORMAT}")
    proof, promised = Proof(digest(files[MANIFEST])), manifest["files"]
    for name in sorted(promised.keys() | files.keys() - {MANIFEST, SIGNATURE, PUBLIC_KEY}):
        proof.files += 1
        proof.expect(
            name, "sha256", digest(files[name]) if name in files else "missing", promised.get(name, "not in the manifest")
        )
    return proof


def check_signature(proof: Proof, files: Mapping[str, bytes], key: str | None) -> None:
    """Without a key to expect, only a signature that fits nothing differs."""
    proof.signature, proof.key = signing.read(files, files[MANIFEST])
    if proof.signature is Signed.broken:
        proof.differences.append(Difference(SIGNATURE, "does not fit the manifest"))
    elif key is not None:
        proof.expect(SIGNATURE, "signed by the key", proof.key or "none", key)
        proof.is_key_checked = proof.key == key


def json_of(files: Mapping[str, bytes], name: str) -> Any:
    try:
        return json.loads(files[name])
    except KeyError as error:
        raise Unreadable(f"{name} is missing") from error
    except ValueError as error:
        raise Unreadable(f"{name} is no JSON") from error


def unpack_content(files: Mapping[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        place = PurePosixPath(name)
        if place.parts[:1] != ("content",):
            continue
        if ".." in place.parts or place.is_absolute():
            raise Unreadable(f"{name} leads out of the archive")
        target = folder.joinpath(*place.parts[1:])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def check_students(proof: Proof, files: Mapping[str, bytes], folder: Path) -> None:
    try:
        manifest = load_manifest(folder)
    except (BrokenAssignment, UnknownAssignment) as error:
        proof.differences.append(Difference("content", f"cannot be read: {error}"))
        return
    worths, items = read_marking(files)
    for name in sorted(each for each in files if each.startswith("students/") and each.endswith("/student.json")):
        proof.students += 1
        student = Student(proof, files, name.removesuffix("/student.json"), json_of(files, name))
        student.check(folder, manifest, worths, items)


def read_marking(files: Mapping[str, bytes]) -> tuple[list[Worth], dict[int, Decimal]]:
    rows = json_of(files, "marking.json")["questions"]
    worths = [Worth(each["id"], Decimal(each["points"]), Scale(each["scale"]), each["section"], each["choose"]) for each in rows]
    return worths, {item["id"]: Decimal(item["points"]) for each in rows for item in each["items"]}


@dataclass(frozen=True)
class Student:
    """One folder of the archive. place: its name."""

    proof: Proof
    files: Mapping[str, bytes]
    place: str
    facts: Mapping[str, Any]

    def check(self, folder: Path, manifest: Manifest, worths: Sequence[Worth], items: Mapping[int, Decimal]) -> None:
        paper = self.redrawn(folder, manifest)
        for submission in self.facts["submissions"]:
            self.check_receipt(submission)
            for run in submission["runs"]:
                self.check_run(submission, run, folder, manifest, paper)
        self.check_total(worths, items)

    def redrawn(self, folder: Path, manifest: Manifest) -> Paper | None:
        """The paper from its seed, which has to be the one that was drawn."""
        self.proof.papers += 1
        try:
            paper = paper_of(folder, manifest, self.facts["variant"])
            sheet = json.loads(json.dumps(sheet_facts(sheet_of(folder, manifest, paper.seed, with_key=True))))
        except BrokenAssignment as broken:
            self.proof.differences.append(Difference(self.place, f"the paper cannot be drawn again: {broken}"))
            return None
        drawn = json.loads(json.dumps(paper_facts(paper)))
        for now, then in zip_longest(drawn, json_of(self.files, f"{self.place}/paper.json")):
            id = (now or then)["id"]
            self.proof.expect(f"{self.place}/paper.json", f"question {id} drawn again", now, then)
        then = json_of(self.files, f"{self.place}/sheet.json")
        for part in ("constants", "handout", "starter", "title"):
            self.proof.expect(f"{self.place}/sheet.json", f"{part} drawn again", sheet[part], then.get(part))
        return paper

    def check_receipt(self, submission: Mapping[str, Any]) -> None:
        """What `sha256sum FILES | sha256sum` prints over the files as they were handed in."""
        self.proof.receipts += 1
        lines = []
        for file in submission["files"]:
            name = f"{self.place}/submissions/{submission['id']}/{file['kind']}/{file['name']}"
            content = self.files.get(name)
            self.proof.expect(name, "sha256", digest(content) if content is not None else "missing", file["sha256"])
            if file["kind"] != "collected":
                lines.append((file["name"], f"{file['sha256']}  {file['name']}\n"))
        found = digest("".join(line for _, line in sorted(lines)).encode())
        self.proof.expect(f"{self.place}: submission {submission['id']}", "receipt", found, submission["sha256"])

    def check_run(
        self, submission: Mapping[str, Any], run: Mapping[str, Any], folder: Path, manifest: Manifest, paper: Paper | None
    ) -> None:
        """Questions are scored once more; checks of code have to add up to the score."""
        name = f"{self.place}/runs/{submission['id']}-{run['number']}.json"
        report = json_of(self.files, name)
        self.proof.expect(name, "score of the run", Decimal(str(report["score"])), Decimal(run["score"]))
        told = sum((Decimal(str(each["points"])) for each in report["checks"]), NONE)
        self.proof.expect(name, "sum of the checks", told, Decimal(str(report["score"])))
        answers = self.answers_of(submission)
        if paper is None or answers is None or not report.get("variant"):
            return
        self.proof.expect(name, "variant", report["variant"], self.facts["variant"])
        job = Job(assignment=folder, files={}, seed=run["seed"], answers=answers, variant=self.facts["variant"])
        known = {each["id"]: each for each in report["checks"]}
        for result in results_of(manifest, paper, job):
            if result.id not in report.get("open_questions", ()):
                self.proof.scores += 1
                found = Decimal(str(known[result.id]["points"])) if result.id in known else "missing"
                self.proof.expect(name, f"points of {result.id}", found, result.points)

    def answers_of(self, submission: Mapping[str, Any]) -> dict[str, Any] | None:
        file = next((each for each in submission["files"] if each["kind"] == "answers"), None)
        name = f"{self.place}/submissions/{submission['id']}/answers/{file['name']}" if file else None
        return json_of(self.files, name) if name in self.files else None

    def check_total(self, worths: Sequence[Worth], items: Mapping[int, Decimal]) -> None:
        """What the judge gave, what people gave by the rubric, and what regrades changed."""
        self.proof.totals += 1
        submission = next((each for each in self.facts["submissions"] if each["id"] == self.facts["counts"]), None)
        if submission is None or not submission["runs"]:
            self.proof.expect(self.place, "total", self.facts["total"], None)
            return
        score = Decimal(submission["runs"][-1]["score"])
        by_hand = total_of(list(given_in(submission)), worths, items)
        change = sum((Decimal(each["points"]) for each in submission["changes"]), NONE)
        self.proof.expect(self.place, "points by hand", Decimal(self.facts["by_hand"]), by_hand)
        self.proof.expect(self.place, "total", Decimal(self.facts["total"]), max(NONE, score + by_hand + change))


def given_in(submission: Mapping[str, Any]) -> Iterator[Given]:
    for each in submission["marks"]:
        yield Given(each["question_id"], each["number"], tuple(each["items"]), Decimal(each["adjustment"]))
