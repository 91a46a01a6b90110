"""How people are called on these pages: by their names, or by pseudonyms where the reader would rather not know them yet."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.courses.models import Course
from server.courses.pseudonyms import pseudonym
from server.similarity.models import SimilarPair
from server.similarity.queries import PairRow, SideRow

COOKIE = "gradus_names"
HIDDEN = "hidden"
KEPT_S = 180 * 24 * 3600


@dataclass(frozen=True)
class Names:
    """The same pseudonym for a person on all pages of the course. `stranger`: a student of another course, said in words."""

    course: Course
    key: bytes
    language: str
    are_hidden: bool
    stranger: str

    def of(self, side: SideRow) -> str:
        """A student's, or that of an archived work."""
        if side.is_past and not side.name:
            return self.stranger.format(side.archive)
        return self.pseudonym(subject_of(side)) if self.are_hidden else side.name

    def both(self, row: PairRow) -> tuple[str, str]:
        return self.of(row.left), self.of(row.right)

    def who(self, row: PairRow) -> str:
        """The logins of both, for whoever wants to find them elsewhere."""
        return "" if self.are_hidden else ", ".join(side.login for side in (row.left, row.right) if side.login)

    def masked(self, row: PairRow, pair: SimilarPair) -> Mapping[str, str]:
        """Words that would give away in code and comments what the reader does not want to know, or may not."""
        known = [(side.name, side.login, self.of(side)) for side in (row.left, row.right) if self.are_hidden]
        if row.right.submission_id and not row.right.name:
            known.append((pair.right.author.display_name, pair.right.author.login, self.of(row.right)))
        return {word: instead for *words, instead in known for word in words if word}

    def pseudonym(self, subject: str) -> str:
        return pseudonym(self.key, f"course {self.course.id} {subject}").in_language(self.language)


def subject_of(side: SideRow) -> str:
    return f"person {side.student_id}" if side.student_id else f"archived {side.archive} {side.name}"
