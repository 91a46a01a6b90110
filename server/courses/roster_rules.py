"""What a roster says, line by line, and what would change by it. Values in, answer out: no session, no clock."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.protocol import Text
from server.courses.models import Role, Standing
from server.courses.roster_files import Fault, Sheet, UnreadableRoster

HEADS = {
    "student_number": ("学号", "学生编号", "学生学号", "studentid", "studentnumber", "studentno", "number", "id", "sid", "sisid"),
    "name": ("姓名", "名字", "学生姓名", "name", "fullname", "displayname", "student", "studentname"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "邮件", "邮箱地址", "email", "mail", "emailaddress"),
    "section": ("班级", "班", "行政班", "教学班", "小班", "section", "class", "group"),
    "role": ("角色", "身份", "role"),
}
ROLES = {
    Role.student: ("学生", "student", "learner"),
    Role.ta: ("助教", "ta", "teachingassistant", "assistant"),
    Role.instructor: ("教师", "老师", "主讲教师", "主讲", "instructor", "teacher", "professor"),
}
FIELDS = tuple(HEADS)
NUMBER = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,31}")
ADDRESS = re.compile(r"[^@\s,;<>\"']{1,64}@[^@\s,;<>\"'.][^@\s,;<>\"']*\.[^@\s,;<>\"'.]{2,}")
MAX_NAME, MAX_SECTION, MAX_ADDRESS = 80, 60, 254
OF_ACCOUNT = ("student_number", "name", "email")  # belong to the person, in whichever course


@dataclass(frozen=True)
class Entry:
    """One line. What is None, the line does not say, and so it changes nothing."""

    line: int
    student_number: str | None
    name: str
    email: str | None = None
    section: str | None = None
    role: Role | None = None

    @property
    def login(self) -> str:
        """That a new account gets, if it is free."""
        return (self.student_number or (self.email or "").partition("@")[0]).lower()


@dataclass(frozen=True)
class Known:
    """A person of the platform. `standing` is None where he is not in this course."""

    user_id: int
    login: str
    student_number: str | None
    name: str
    email: str | None
    section: str | None = None
    role: Role | None = None
    standing: Standing | None = None
    is_shared: bool = False  # also in other courses: this course's file changes nothing of the account


@dataclass(frozen=True)
class Reading:
    entries: list[Entry]
    faults: list[Fault]
    left_out: list[str] = field(default_factory=list)  # heads that nobody here knows

    @property
    def good(self) -> list[Entry]:
        """Those of lines with no fault."""
        bad = {fault.line for fault in self.faults}
        return [entry for entry in self.entries if entry.line not in bad]


@dataclass(frozen=True)
class Change:
    """Of somebody who is known: field → before and after. `kept`: what the file says otherwise of a shared account."""

    person: Known
    entry: Entry
    fields: Mapping[str, tuple[str | None, str | None]]
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diff:
    new: list[Entry]  # nobody knows them: they get an account
    joining: list[Change]  # have an account, and come into the course
    changed: list[Change]
    unchanged: list[Known]
    missing: list[Known]  # students of the course of whom the file says nothing

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.joining or self.changed)


def plain(head: str) -> str:
    """Of a head: no case, no spaces, no signs, nothing in brackets."""
    text = unicodedata.normalize("NFKC", head).casefold()
    return re.sub(r"\([^)]*\)|[\s_\-.*:#/'\"]", "", text)


KNOWN_HEADS = {plain(head): name for name, heads in HEADS.items() for head in heads}
KNOWN_ROLES = {plain(word): role for role, words in ROLES.items() for word in words}


def tidy(cell: str) -> str:
    """One form of each character, single spaces, nothing that cannot be seen."""
    text = unicodedata.normalize("NFC", cell)
    return " ".join("".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in text).split())


def tidy_number(cell: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", tidy(cell))).lstrip("'").upper()


def tidy_address(cell: str) -> str:
    return unicodedata.normalize("NFKC", tidy(cell)).lower()


def read_entries(sheet: Sheet) -> Reading:
    """All that is wrong at once. Raises UnreadableRoster where nobody can be recognised at all."""
    columns, left_out = find_columns(sheet.header)
    heads = {name: sheet.header[index] for name, index in columns.items()}
    entries, faults = [], [fault for fault in sheet.faults if fault.column in heads.values()]
    for line, cells in sheet.rows:
        said = {name: cells[index] if index < len(cells) else "" for name, index in columns.items()}
        entry, wrong = read_entry(line, said)
        entries.append(entry)
        faults += [Fault(line, heads.get(name, ""), text) for name, text in wrong]
    faults += twice(entries, "student_number", heads) + twice(entries, "email", heads)
    return Reading(entries, sorted(faults, key=lambda fault: fault.line), left_out)


def find_columns(header: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Field → index, and the heads that are left out; of two for one field the first counts."""
    columns: dict[str, int] = {}
    left_out = []
    for index, head in enumerate(header):
        name = KNOWN_HEADS.get(plain(head))
        if name is None or name in columns:
            left_out += [head] if head else []
        else:
            columns[name] = index
    lacking = [head for name, head in (("student_number", "学号"), ("name", "姓名")) if name not in columns]
    if lacking:
        found = [head for head in header if head]
        raise UnreadableRoster(
            f"The first line must name the columns; no column is called {' or '.join(lacking)} (or student number, name). "
            f"Found: {', '.join(found) or 'nothing'}.",
            f"第一行应为列名，但没有找到“{'”和“'.join(lacking)}”列。现有列：{'、'.join(found) or '无'}。",
        )
    return columns, left_out


def read_entry(line: int, said: Mapping[str, str]) -> tuple[Entry, list[tuple[str, Text]]]:
    """What the line says, and what is wrong with it: field and sentence."""
    word = plain(tidy(said.get("role", "")))
    entry = Entry(
        line=line,
        student_number=tidy_number(said["student_number"]) or None,
        name=tidy(said["name"]),
        email=tidy_address(said.get("email", "")) or None,
        section=tidy(said.get("section", "")) or None,
        role=KNOWN_ROLES.get(word),
    )
    wrong = faults_of(entry)
    if word and entry.role is None:
        wrong.append(("role", unknown_role(said["role"])))
    return entry, wrong


def unknown_role(word: str) -> Text:
    return Text(
        en=f"“{tidy(word)}” is no role. Write student, TA or instructor.",
        zh=f"没有“{tidy(word)}”这种角色，请填学生、助教或教师。",
    )


def faults_of(entry: Entry) -> list[tuple[str, Text]]:
    """The same for a line of a file and for what somebody types by hand."""
    wrong = []
    if not entry.student_number and not (entry.role in (Role.ta, Role.instructor) and entry.email):
        wrong.append(("student_number", NO_NUMBER))
    if entry.student_number and not NUMBER.fullmatch(entry.student_number):
        number = entry.student_number[:40]
        wrong.append(
            (
                "student_number",
                Text(en=f"“{number}”: only letters, digits, dot, hyphen.", zh=f"“{number}”：学号只能含字母、数字、点和连字符。"),
            )
        )
    if not entry.name:
        wrong.append(("name", Text(en="The name is missing.", zh="缺少姓名。")))
    if len(entry.name) > MAX_NAME:
        wrong.append(("name", Text(en=f"Longer than {MAX_NAME} characters.", zh=f"超过 {MAX_NAME} 个字符。")))
    if entry.email and (len(entry.email) > MAX_ADDRESS or not ADDRESS.fullmatch(entry.email)):
        address = entry.email[:60]
        wrong.append(("email", Text(en=f"“{address}” is no e-mail address.", zh=f"“{address}”不是有效的邮箱地址。")))
    if entry.section and len(entry.section) > MAX_SECTION:
        wrong.append(("section", Text(en=f"Longer than {MAX_SECTION} characters.", zh=f"超过 {MAX_SECTION} 个字符。")))
    return wrong


NO_NUMBER = Text(en="The student number is missing.", zh="缺少学号。")


def twice(entries: Iterable[Entry], name: str, heads: Mapping[str, str]) -> list[Fault]:
    """Every line that says what another one says, too: which of them is right, nobody knows."""
    lines: dict[str, list[int]] = {}
    for entry in entries:
        if value := getattr(entry, name):
            lines.setdefault(value, []).append(entry.line)
    return [
        Fault(line, heads.get(name, ""), stands_also(value, [other for other in found if other != line]))
        for value, found in lines.items()
        if len(found) > 1
        for line in found
    ]


def stands_also(value: str, others: Sequence[int]) -> Text:
    shown = [str(line) for line in others[:5]]
    return Text(en=f"{value} stands in line {', '.join(shown)} as well.", zh=f"{value} 与第 {'、'.join(shown)} 行重复。")


def match(entry: Entry, people: Sequence[Known]) -> Known | Text | None:
    """Who is meant: by student number, then by e-mail, then by login; a sentence where that leads to two people."""
    by_number = [each for each in people if entry.student_number and each.student_number == entry.student_number]
    by_address = [each for each in people if entry.email and (each.email or "").lower() == entry.email]
    if by_number:
        return by_number[0]
    if len(by_address) > 1:
        return Text(en=f"Several accounts have the address {entry.email}.", zh=f"有多个账号使用邮箱 {entry.email}。")
    if by_address and entry.student_number and by_address[0].student_number:
        return Text(
            en=f"{entry.email} belongs to somebody with another student number.", zh=f"邮箱 {entry.email} 属于另一个学号的人。"
        )
    if by_address:
        return by_address[0]
    number = (entry.student_number or "").lower()
    return next((each for each in people if number and each.login == number and each.student_number is None), None)


def compare(reading: Reading, people: Sequence[Known], *, default_section: str | None = None) -> tuple[Diff, list[Fault]]:
    """What would change, and the lines that do not say clearly whom they mean.

    default_section: of those of whom the file names none; then only students of this section can be missing.
    """
    index = Index(people)
    entries = [replace(entry, section=entry.section or default_section) for entry in reading.good]
    found = {entry.line: match(entry, index.near(entry)) for entry in entries}
    faults = [Fault(line, "", who) for line, who in found.items() if isinstance(who, Text)] + same_person(found)
    unclear = {fault.line for fault in faults}
    diff = Diff([], [], [], [], [])
    for entry in entries:
        if entry.line not in unclear:
            sort_in(diff, entry, found[entry.line])
    meant = {who.user_id for who in found.values() if isinstance(who, Known)}
    diff.missing.extend(
        each
        for each in people
        if each.role is Role.student and each.standing is Standing.active and each.user_id not in meant
        and default_section in (None, each.section)
    )  # fmt: skip
    return diff, faults


class Index:
    """Everybody by number, address and login: a class of 5000 is compared in a moment."""

    def __init__(self, people: Iterable[Known]) -> None:
        self._by: dict[tuple[str, str], list[Known]] = {}
        for each in people:
            for key in (("number", each.student_number), ("address", (each.email or "").lower()), ("login", each.login)):
                if key[1]:
                    self._by.setdefault(key, []).append(each)

    def near(self, entry: Entry) -> list[Known]:
        number = entry.student_number or ""
        keys = ("number", number), ("address", entry.email or ""), ("login", number.lower())
        return list({each.user_id: each for key in keys for each in self._by.get(key, [])}.values())


def same_person(found: Mapping[int, Known | Text | None]) -> list[Fault]:
    lines: dict[int, list[int]] = {}
    for line, who in found.items():
        if isinstance(who, Known):
            lines.setdefault(who.user_id, []).append(line)
    several = [group for group in lines.values() if len(group) > 1]
    return [Fault(line, "", means_the_same(group, line)) for group in several for line in group]


def means_the_same(group: Sequence[int], line: int) -> Text:
    others = [str(other) for other in group if other != line]
    return Text(en=f"Means the same person as line {', '.join(others)}.", zh=f"与第 {'、'.join(others)} 行是同一个人。")


def sort_in(diff: Diff, entry: Entry, who: Known | None) -> None:
    if who is None:
        diff.new.append(entry)
        return
    change = change_of(who, entry)
    if who.standing is None:
        diff.joining.append(change)
    elif change.fields:
        diff.changed.append(change)
    else:
        diff.unchanged.append(who)


def change_of(person: Known, entry: Entry) -> Change:
    """An empty cell erases nothing; whoever had withdrawn and is on the list is back."""
    said = {name: value for name in FIELDS if (value := getattr(entry, name)) is not None}
    differs = {name: (getattr(person, name), value) for name, value in said.items() if getattr(person, name) != value}
    kept = tuple(name for name in OF_ACCOUNT if name in differs and person.is_shared)
    fields = {name: pair for name, pair in differs.items() if name not in kept}
    if person.standing is Standing.withdrawn:
        fields["standing"] = (Standing.withdrawn, Standing.active)
    return Change(person, entry, fields, kept)
