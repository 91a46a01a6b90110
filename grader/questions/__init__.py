"""What an assignment's questions.py is written with. Nothing in here needs torch: pages draw questions, too."""

from grader.protocol import Text as T
from grader.questions.asked import (
    Attachment,
    Choice,
    Choices,
    Essay,
    Known,
    Matrix,
    Number,
    Option,
    Review,
    Short,
    asks,
    latex,
)
from grader.questions.draw import Draw

__all__ = [
    "Attachment",
    "Choice",
    "Choices",
    "Draw",
    "Essay",
    "Known",
    "Matrix",
    "Number",
    "Option",
    "Review",
    "Short",
    "T",
    "asks",
    "latex",
]
