"""Each domain may use those above it, and none below."""

import ast
import subprocess
import sys
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

SERVER = Path(__file__).parent.parent.parent / "server"
DOMAINS = (
    "accounts", "identities", "courses", "channels", "messages", "announcements", "assignments", "teams", "deadlines",
    "declarations", "submissions", "questions", "grading", "marking", "returns", "leaderboard", "attendance", "participation",
    "spotchecks", "similarity", "cases", "gradebook", "exams", "exam_results", "rehearsals", "lti", "regrades", "reruns",
)  # fmt: skip
FOR_PAGES = {"pages.py", "views.py", "queries.py"}  # a page gathers what several domains have to say


@cache
def imports_of(domain: str) -> set[str]:
    """Modules imported when the domain is: what only a type checker needs is indented and does not count."""
    paths = [path for path in (SERVER / domain).glob("*.py") if path.name not in FOR_PAGES]
    nodes = [node for path in paths for node in ast.parse(path.read_text(encoding="utf-8")).body]
    return {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


@pytest.mark.parametrize(("upper", "lower"), list(combinations(DOMAINS, 2)))
def test_a_domain_never_imports_one_that_is_built_on_it(upper: str, lower: str) -> None:
    assert [module for module in imports_of(upper) if module.startswith(f"server.{lower}")] == []


def test_the_web_app_and_beat_start_without_torch() -> None:
    code = "import server.app, server.worker, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
