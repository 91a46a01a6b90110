# ruff: noqa: F401 (the same exam that must not leak)
"""The canary's exam, after it was written."""

from tests.server.exams.canary import exam, judged, paper_of, sit
from tests.server.web.conftest import visit
