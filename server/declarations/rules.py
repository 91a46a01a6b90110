"""What a declaration may hold, and when one is needed. Values in, answer out."""

from server.courses.models import Asking, Course, Role
from server.errors import AppError

MAX_SOURCES, MAX_WHAT, MAX_USED_FOR, MAX_NAMES, MAX_NAME = 20, 200, 1000, 60, 100
MAX_DECLARATIONS = 50  # of one submission, corrections counted
FIELD = "declaration"


class DeclarationMissing(AppError):
    """Nothing was stored and no attempt was taken."""

    status, code = 422, "declaration_missing"

    def __init__(self) -> None:
        super().__init__(
            "This course asks what you have used, with each submission. Name your sources, or say that you used nothing.",
            "本课程要求每次提交都说明使用过什么：请写明来源，或选择“没有，什么都没用”。",
            field=FIELD,
        )


class BadDeclaration(AppError):
    """`field` says where: `declaration.sources.0.what`."""

    status, code = 422, "bad_declaration"

    def __init__(self, en: str, zh: str, *, field: str = FIELD) -> None:
        super().__init__(en, zh, field=field)


class TooManyDeclarations(AppError):
    status, code = 409, "too_many_declarations"

    def __init__(self) -> None:
        super().__init__(
            f"Its sources have been declared {MAX_DECLARATIONS} times: there is no room for more. Tell the staff what is wrong.",
            f"这次提交的来源说明已写过 {MAX_DECLARATIONS} 次，不能再添加。如需补充，请告诉教学团队。",
        )


class OnlyAuthors(AppError):
    status, code = 403, "only_authors"

    def __init__(self) -> None:
        super().__init__(
            "Only who has handed it in, and the team, can say what it was made with.",
            "只有提交者本人及其队友可以说明使用过什么。",
        )


def is_asked(course: Course, role: Role) -> bool:
    """Staff hand in to try things out."""
    return course.asks_sources is not Asking.no and not role.is_staff


def check_declared(course: Course, role: Role, *, has_declaration: bool) -> None:
    """Raise where the course takes no submission without a declaration and this one has none."""
    if course.asks_sources is Asking.required and not role.is_staff and not has_declaration:
        raise DeclarationMissing


def check_room(declared: int) -> None:
    if declared >= MAX_DECLARATIONS:
        raise TooManyDeclarations


def fault_of(where: tuple[int | str, ...]) -> BadDeclaration:
    """The sentence for a value that is missing, too long or of the wrong kind."""
    field = ".".join(str(part) for part in (FIELD, *where))
    if len(where) < 3 or where[0] != "sources":
        if where[:1] == ("sources",):
            return BadDeclaration(f"Name at most {MAX_SOURCES} sources.", f"最多写明 {MAX_SOURCES} 个来源。", field=field)
        example = '{"sources": [{"kind": "ai", "what": "ChatGPT", "used_for": "explained softmax", "names": []}]}'
        return BadDeclaration(
            f"The declaration has to be JSON such as {example}.", f"来源说明须为 JSON，例如 {example}。", field=field
        )
    en, zh = SENTENCES.get(str(where[2]), SENTENCES["what"])
    number = int(where[1]) + 1
    return BadDeclaration(f"Source {number}: {en}", f"来源 {number}：{zh}", field=field)


SENTENCES = {
    "kind": (
        "say whether it is a person, a link, an ai tool or other.",
        "请选择类别：person（人）、link（链接）、ai（AI 工具）或 other（其他）。",
    ),
    "what": (
        f"say who or what it was, in a line of at most {MAX_WHAT} characters.",
        f"请写明是谁或是什么，一行，不超过 {MAX_WHAT} 个字符。",
    ),
    "used_for": (
        f"say in a line of at most {MAX_USED_FOR} characters what it was used for.",
        f"请用一行说明用途，不超过 {MAX_USED_FOR} 个字符。",
    ),
    "names": (
        f"at most {MAX_NAMES} functions, each of at most {MAX_NAME} characters.",
        f"最多 {MAX_NAMES} 个函数名，每个不超过 {MAX_NAME} 个字符。",
    ),
}
