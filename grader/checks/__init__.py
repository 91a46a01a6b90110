"""What an assignment's checks.py is written with."""

from grader.checks.case import Case
from grader.checks.competition import compete, compete_by_predictions, valid_predictions
from grader.checks.declare import Check, check
from grader.checks.failures import CheckFailed, StudentError
from grader.checks.randomness import new_seed
from grader.checks.training import Skill, labels_that_matter, share_of_band, skill_of, watched
from grader.competition.contest import Contest
from grader.protocol import Text as T
from grader.protocol import Word

__all__ = [
    "Case",
    "Check",
    "CheckFailed",
    "Contest",
    "Skill",
    "StudentError",
    "T",
    "Word",
    "check",
    "compete",
    "compete_by_predictions",
    "labels_that_matter",
    "new_seed",
    "share_of_band",
    "skill_of",
    "valid_predictions",
    "watched",
]
