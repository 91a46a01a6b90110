"""Works that are alike, written straight into the tables: what a comparison would have found, without running one."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy.orm import Session

from server.assignments.models import Assignment
from server.database import current_time
from server.similarity.models import Archive, ArchivedWork, ArchiveKind, Comparison, ComparisonState, SimilarPair
from server.submissions.models import Submission

FILE = "solution.py"
STARTER = '"""Write double."""\n\nimport torch\n\n\n'
FACTS = [
    {"kind": "close_in_time", "minutes": 14, "first": "left"},
    {"kind": "same_mistakes", "mistakes": [{"check": "doubles_a_matrix", "id": "no_scale"}], "others": 0},
    {
        "kind": "declared",
        "by": "right",
        "source": {"kind": "person", "what": "a friend", "used_for": "ideas", "names": ["double"]},
    },
]


def write_work(number: int) -> str:
    """A small work; each has a function of its own kind, so that no two are the same by chance."""
    body = "\n".join(f"    step_{place} = x * {number + place} + {place}" for place in range(number % 5 + 3))
    return f"{STARTER}def double(x):\n{body}\n    return 2 * x  # no. {number}\n\n\ndef helper_{number}(x):\n    return x\n"


def copy_of(source: str) -> str:
    """With something above, so that lines stand elsewhere."""
    return source.replace("def double", "LIMIT = 3\n\n\ndef double")


def found_in(left: str, right: str) -> dict[str, Any]:
    """Evidence of equal lines."""
    mine, theirs = left.split("\n"), right.split("\n")
    given = set(STARTER.split("\n")) - {""}
    shades = [[shade_of(line, given) for line in lines] for lines in (mine, theirs)]
    matches = []
    for block in SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks():
        fresh = [place for place in range(block.size) if shades[0][block.a + place] == "nothing"]
        for place in fresh:
            shades[0][block.a + place] = shades[1][block.b + place] = "unique"
        if len(fresh) > 1:
            matches.append({"left": span(block.a, block.size), "right": span(block.b, block.size), "length": 12 * len(fresh)})
    unique = shades[0].count("unique")
    part = [{"left": spanned(mine), "right": spanned(theirs), "shared": 3 * unique, "few": 2 * unique, "unique": unique}]
    texts = [{"kind": "comment", "text": "no. 1", "left": {"file": FILE, "line": 9}, "right": {"file": FILE, "line": 12}}]
    return {"parts": part, "matches": matches, "texts": texts, "left": {FILE: shades[0]}, "right": {FILE: shades[1]}}


def shade_of(line: str, given: set[str]) -> str:
    return "template" if line in given else "nothing" if line.strip() else "empty"


def span(start: int, size: int) -> dict[str, Any]:
    return {"file": FILE, "first": start + 1, "last": start + size}


def spanned(lines: Sequence[str]) -> dict[str, Any]:
    first = next(place for place, line in enumerate(lines) if line.startswith("def double"))
    last = next(place for place in range(first, len(lines)) if "return" in lines[place])
    return {"file": FILE, "name": "double", "first": first + 1, "last": last + 1}


def add_comparison(session: Session, assignment: Assignment, **fields: Any) -> Comparison:
    now = current_time(session)
    values = {"state": ComparisonState.done, "started_at": now, "finished_at": now, "students": 40, "attempts": 90}
    comparison = Comparison(assignment=assignment, **(values | fields))
    session.add(comparison)
    session.flush()
    return comparison


def add_pair(
    session: Session,
    comparison: Comparison,
    left: Submission,
    right: Submission | ArchivedWork,
    similarity: float,
    *,
    evidence: Mapping[str, Any] | None = None,
    facts: Sequence[Mapping[str, Any]] = (),
) -> SimilarPair:
    fields: dict[str, Any] = {"right": right} if isinstance(right, Submission) else {"archived": right}
    if evidence is not None:
        fields["evidence"] = dict(evidence)
    pair = SimilarPair(comparison=comparison, left=left, similarity=similarity, facts=list(facts), **fields)
    session.add(pair)
    session.flush()
    return pair


def add_archived(session: Session, assignment: Assignment, name: str) -> ArchivedWork:
    archive = Archive(assignment_id=assignment.id, name="2024", kind=ArchiveKind.past_term)
    work = ArchivedWork(archive=archive, name=name, files=[], version=1, data=b"")
    session.add(work)
    session.flush()
    return work
