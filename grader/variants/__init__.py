"""What an assignment's variant.py is written with. Nothing in here needs torch: pages draw variants, too."""

from grader.protocol import Text as T
from grader.questions.draw import Draw
from grader.variants.variant import Variant

__all__ = ["Draw", "T", "Variant"]
