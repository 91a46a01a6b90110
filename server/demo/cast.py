"""Who takes part in the demo, what each hands in, and the score that must come out: the one table to read."""

import io
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

HAND_INS = Path(__file__).parent / "hand_ins"

COURSE = "dl-2026"
COURSE_TITLE = {"en": "Deep Learning 2026", "zh": "深度学习 2026"}
ASSIGNMENT = "mlp"
COMPETITION = "final-digits"


@dataclass(frozen=True)
class Person:
    login: str
    name: str
    role: str = "student"  # as in an enrollment
    language: str = "en"
    section: str | None = None
    student_number: str | None = None


@dataclass(frozen=True)
class HandIn:
    """One attempt: a folder of real files under `hand_ins/`, and what the grader must say to it."""

    folder: str  # "amara/1": the person's login and the attempt; "amara/final-digits/1" in another assignment
    story: str
    lowest: Decimal
    highest: Decimal
    packed: bool = False  # handed in as one .zip, as a file manager would make it
    status: str = "graded"  # of the report: graded or ungradable

    @property
    def login(self) -> str:
        return self.folder.split("/")[0]

    @property
    def attempt(self) -> int:
        return int(self.folder.split("/")[-1])

    @property
    def assignment(self) -> str:
        return self.folder.split("/")[1] if self.folder.count("/") == 2 else ASSIGNMENT

    def files(self) -> dict[str, bytes]:
        """What goes over the wire: name → bytes."""
        files = {path.name: path.read_bytes() for path in sorted((HAND_INS / self.folder).iterdir()) if path.is_file()}
        return {f"{self.login}.zip": pack(files)} if self.packed else files

    @property
    def file_names(self) -> list[str]:
        """What people see of it, without reading it."""
        names = sorted(path.name for path in (HAND_INS / self.folder).iterdir())
        return [f"{self.login}.zip"] if self.packed else names

    def is_as_expected(self, *, status: str, score: Decimal | None) -> bool:
        return status == self.status and score is not None and self.lowest <= score <= self.highest

    @property
    def expected(self) -> str:
        return f"{self.lowest:f}" if self.lowest == self.highest else f"{self.lowest:f} to {self.highest:f}"


def hand_in(folder: str, story: str, lowest: str, highest: str | None = None, **more: object) -> HandIn:
    return HandIn(folder, story, Decimal(lowest), Decimal(highest or lowest), **more)


def pack(files: dict[str, bytes]) -> bytes:
    """A .zip whose bytes depend on the files alone, so that the same hand-in is recognised again."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


STAFF = [
    Person("zhouming", "周明 Zhou Ming", "instructor", "zh"),
    Person("sara", "Sara Haddad", "ta"),
]
STUDENTS = [
    Person("linxiao", "林晓 Lin Xiao", language="zh", section="一班", student_number="2026010101"),
    Person("amara", "Amara Okafor", section="一班", student_number="2026010102"),
    Person("mateo", "Mateo García", section="一班", student_number="2026010103"),
    Person("zihan", "王梓涵 Wang Zihan", language="zh", section="一班", student_number="2026010104"),
    Person("siyuan", "陈思远 Chen Siyuan", language="zh", section="一班", student_number="2026010105"),
    Person("jonas", "Jonas Weber", section="一班", student_number="2026010106"),
    Person("yuki", "田中由纪 Tanaka Yuki", section="二班", student_number="2026010107"),
    Person("alex", "Alex Morgan", section="二班", student_number="2026010108"),
    Person("ravi", "Ravi Menon", section="二班", student_number="2026010109"),
    Person("nora", "Nora Lind", section="二班", student_number="2026010110"),
]
PEOPLE = STAFF + STUDENTS
INSTRUCTOR = STAFF[0].login
HANDS_ON = [INSTRUCTOR, *(student.login for student in STUDENTS)]  # who gets a token

# Give a range only where points depend on training or on random inputs.
# The order within a person is the order of the attempts.
TABLE = [
    hand_in("linxiao/1", "an own solution, formulas first", "100"),
    hand_in("linxiao/final-digits/1", "a network of two layers that logs its loss", "100"),
    hand_in("linxiao/questions-cnn/1", "answers on paper, with a cross-correlation for a convolution", "50", "60"),
    hand_in("amara/1", "gradient not averaged, damped momentum, layers for two dimensions only", "81"),
    hand_in("amara/2", "the same after reading the feedback", "100"),
    hand_in("amara/final-digits/1", "the five nearest training pictures vote", "100"),
    hand_in("amara/final-digits/2", "they vote on blurred pictures, which is worse", "100"),
    hand_in("mateo/1", "five files in one .zip", "100", packed=True),
    hand_in("zihan/1", "exported from a notebook with a bracket too many", "0", status="ungradable"),
    hand_in("zihan/2", "the notebook itself: central differences, Adam without bias correction", "88"),
    hand_in("siyuan/1", "the starter, half done", "31"),
    hand_in("jonas/final-digits/1", "returns scores instead of classes", "0"),
    hand_in("jonas/final-digits/2", "softmax regression, and argmax this time", "100"),
    hand_in("jonas/1", "right, but the count of passes starts anew each time: no end on XOR", "95"),
    hand_in("yuki/1", "a look-up table of 80 GB for the sigmoid; exp overflows", "91"),
    hand_in("yuki/2", "the table is gone, exp still overflows", "96"),
    hand_in("alex/1", "writes scores everywhere and returns objects equal to everything", "0", status="ungradable"),
    hand_in("ravi/1", "Lin Xiao's work under other names and in another order", "100"),
    hand_in("nora/1", "half of Lin Xiao's work in other words, the first parts her own", "100"),
]
