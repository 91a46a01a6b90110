"""Nobody learns from the progress how long a single hidden check took."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.protocol import Mark, Outcome, Progress, Text, Visibility, Word
from server.grading.pace import Pace

TICK_S, MOMENT_S, PUBLIC = 5, 0.25, 2  # seconds that floats hold exactly
Timeline = list[tuple[float, Progress]]
took = st.integers(1, 60).map(lambda quarters: quarters * MOMENT_S)


def progress_after(done: int, total: int) -> Progress:
    """What the judge tells when so many checks have ended, public ones first."""
    marks = [
        Mark(
            id=f"check_{number}", part="part", title=Text(en="A", zh="甲"), max_points=4,
            visibility=Visibility.public if number < PUBLIC else Visibility.hidden,
            outcome=Outcome.passed if number < done else None, word=Word.passed if number < done else None,
        )
        for number in range(total)
    ]  # fmt: skip
    return Progress(done=done, total=total, check_id=f"check_{done}", marks=marks)


def told(seconds: list[float]) -> Timeline:
    """What the judge tells, and when, if its checks take so long; nothing after the last, whose end is the report."""
    starts = [0.0, *accumulate(seconds)][:-1]
    return [(start, progress_after(done, len(seconds))) for done, start in enumerate(starts)]


def shown(timeline: Timeline) -> Timeline:
    """What somebody sees who looks again and again, and when it changes."""
    pace, seen, waiting = Pace(TICK_S), [], list(timeline)
    for number in range(int(timeline[-1][0] / MOMENT_S) + 100):
        now = number * MOMENT_S
        while waiting and waiting[0][0] <= now:
            pace.take(waiting.pop(0)[1], now=now)
        progress = pace.shown(now=now)
        if progress is not None and (not seen or seen[-1][1] != progress):
            seen.append((now, progress))
    return seen


def in_ticks(timeline: Timeline) -> list[int]:
    """Between which ticks each hidden check ended."""
    start = timeline[PUBLIC][0]
    return [-int(-(moment - start) // TICK_S) for moment, _ in timeline[PUBLIC:]]


@given(public=st.lists(took, min_size=PUBLIC, max_size=PUBLIC), hidden=st.lists(took, min_size=2, max_size=8), data=st.data())
def test_times_of_hidden_checks_that_agree_up_to_the_tick_give_the_same_sights_at_the_same_moments(
    public: list[float], hidden: list[float], data: st.DataObject
) -> None:
    one = told([*public, *hidden])
    ends = [moment for moment, _ in one[PUBLIC + 1 :]]
    start = one[PUBLIC][0]
    moved = sorted(data.draw(same_tick(end - start)) + start for end in ends)
    other = [*one[: PUBLIC + 1], *zip(moved, [progress for _, progress in one[PUBLIC + 1 :]], strict=True)]
    assert in_ticks(one) == in_ticks(other)
    assert shown(one) == shown(other)


def same_tick(end: float) -> st.SearchStrategy[float]:
    """Another moment with the same next tick."""
    tick = -(-end // TICK_S)
    return st.integers(1, int(TICK_S / MOMENT_S)).map(lambda part: (tick - 1) * TICK_S + part * MOMENT_S)


@given(seconds=st.lists(took, min_size=PUBLIC + 1, max_size=8))
def test_hidden_checks_are_told_at_ticks_only_and_public_ones_at_once(seconds: list[float]) -> None:
    timeline = told(seconds)
    seen = shown(timeline)
    assert seen[: PUBLIC + 1] == timeline[: PUBLIC + 1]
    start = timeline[PUBLIC][0]
    assert all((moment - start) % TICK_S == 0 for moment, _ in seen[PUBLIC:])
    assert seen[-1][1] == timeline[-1][1], "in the end all is told"


@pytest.mark.parametrize("now", [0.0, 3.0])
def test_what_may_be_told_at_once_says_so(now: float) -> None:
    pace = Pace(TICK_S)
    assert [pace.take(progress, now=now) for _, progress in told([1.0] * 5)] == [True, True, True, False, False]
    assert pace.until_tick_s(now=now + 1) == TICK_S - 1
