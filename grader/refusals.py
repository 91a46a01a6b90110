"""The refusal of files that cannot be graded."""

from grader.protocol import Fault, Text, Whose


class BadSubmission(Exception):
    """What was handed in cannot be graded, in a sentence for the person who handed it in."""

    def __init__(self, code: str, *, en: str, zh: str) -> None:
        super().__init__(en)
        self.code = code
        self.message = Text(en=en, zh=zh)

    @property
    def fault(self) -> Fault:
        return Fault(whose=Whose.student, code=self.code, message=self.message)
