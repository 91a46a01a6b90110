"""Whether Docker can be used here: answered within five seconds; that it can is remembered as long as the process lives."""

import math
import threading
import time
from functools import cache

from grader.sandbox.base import GraderFailure
from grader.sandbox.docker.build import Variant, is_current
from grader.sandbox.docker.engine import Engine, LocalEngine, open_engine
from grader.sandbox.docker.template import image
from grader.sandbox.options import Options

ANSWER_S = 5.0
AGAIN_S = 10.0
VARIANTS = {False: Variant.cpu, True: Variant.cuda}  # by whether there is a device

_answers: dict[tuple[Options, str | None], tuple[float, str | None]] = {}


@cache
def engine_of(options: Options) -> Engine:
    """One connection for all sandboxes of these options."""
    return open_engine(options)


def why_not(options: Options, device: str | None = None) -> str | None:
    """What is in the way of the Docker sandbox, with what to do about it; None where nothing is. A refusal is asked again."""
    asked_at, answer = _answers.get((options, device), (-math.inf, ""))
    if answer is not None and time.monotonic() - asked_at > AGAIN_S:
        answer = _ask_in_time(options, device)
        _answers[options, device] = time.monotonic(), answer
    return answer


def _ask_in_time(options: Options, device: str | None) -> str | None:
    answers: list[str | None] = []
    thread = threading.Thread(target=lambda: answers.append(_ask(options, device)), daemon=True)
    thread.start()
    thread.join(ANSWER_S)
    return answers[0] if answers else f"the Docker engine has not answered for {ANSWER_S:g} s; see whether it runs: docker info"


def _ask(options: Options, device: str | None) -> str | None:
    engine, name = engine_of(options), image(options, device)
    try:
        digest = engine.digest(device)  # from here on this process starts no other
        if isinstance(engine, LocalEngine) and not is_current(engine.api(), VARIANTS[device is not None], digest):
            return f"the image {name} holds another version than this one; build it again: gradus sandbox build"
    except GraderFailure as failure:
        return str(failure)
    return None
