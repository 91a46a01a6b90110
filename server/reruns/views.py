"""A preview as its page draws it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from server.reruns import rules
from server.reruns.models import PreviewJobState
from server.reruns.queries import Change

HEIGHT, WIDTH = 100.0, 40.0


@dataclass(frozen=True)
class Bar:
    """A tenth of the points: how many students by the runs and by the preview, and their heights."""

    label: str
    before: int
    after: int
    x: float
    before_height: float
    after_height: float


@dataclass(frozen=True)
class Summary:
    changed: int
    better: int
    worse: int
    up: int  # across a line
    down: int
    failed: int
    newer: int
    versions: int  # of the assignment with which the reports were made; more than one: it was changed meanwhile


def summary_of(changes: Sequence[Change]) -> Summary:
    differences = [each.difference for each in changes if each.difference is not None]
    crossings = [crossing for each in changes for crossing in each.crossings]
    made_with = {each.job.report.versions.get("assignment") for each in changes if each.job.report}
    return Summary(
        changed=sum(each.changes_something for each in changes),
        better=sum(difference > 0 for difference in differences),
        worse=sum(difference < 0 for difference in differences),
        up=sum(each.is_up for each in crossings),
        down=sum(not each.is_up for each in crossings),
        failed=sum(each.job.state is PreviewJobState.failed for each in changes),
        newer=sum(each.is_newer for each in changes),
        versions=len(made_with),
    )


def bars_of(changes: Sequence[Change]) -> list[Bar]:
    """Of what counts for each student; whoever had nothing before is in the second row alone."""
    full = max((each.max_score for each in changes), default=Decimal(100))
    judged = [each for each in changes if each.counted_after is not None]
    before = rules.histogram([each.counted_before for each in judged if each.counted_before is not None], full)
    after = rules.histogram([each.counted_after for each in judged], full)
    most = max([*before, *after, 1])
    step = full / rules.BINS
    return [
        Bar(
            f"{step * place:.0f}–{step * (place + 1):.0f}",
            one,
            other,
            place * 2.5 * WIDTH,
            round(HEIGHT * one / most, 1),
            round(HEIGHT * other / most, 1),
        )
        for place, (one, other) in enumerate(zip(before, after, strict=True))
    ]


def in_order(changes: Sequence[Change]) -> list[Change]:
    """Who crosses a line first, then by how much it changes."""
    return sorted(changes, key=lambda each: (not each.crossings, -abs(each.difference or Decimal(0)), each.job.id))
