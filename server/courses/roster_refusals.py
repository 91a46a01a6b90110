"""Why something is not done to a roster."""

from collections.abc import Sequence

from server.courses.roster_files import Fault
from server.errors import AppError


class RosterChanged(AppError):
    status, code = 409, "roster_changed"

    def __init__(self) -> None:
        super().__init__(
            "Somebody has changed the roster since you looked at it, so nothing was done. Look again, then confirm.",
            "你查看之后有人修改了名单，因此未做任何改动。请重新查看后再确认。",
        )


class PreviewExpired(AppError):
    status, code = 404, "preview_expired"

    def __init__(self) -> None:
        super().__init__(
            "This file is not waiting any more: it was confirmed, or its hour is over. Upload it once more.",
            "该文件已不再等待确认：可能已确认，或已超过一小时。请重新上传。",
        )


class FaultyLines(AppError):
    """All that is wrong stands in `faults`, line by line."""

    status, code = 422, "faulty_lines"

    def __init__(self, faults: Sequence[Fault]) -> None:
        lines = len({fault.line for fault in faults})
        self.found = list(faults)
        super().__init__(
            f"Something is wrong in {lines} {'line' if lines == 1 else 'lines'}, so nothing was done. "
            "Mend the file, or take only the lines without faults.",
            f"有 {lines} 行存在问题，因此未做任何改动。请修改文件，或只导入没有问题的行。",
            faults=[{"line": each.line, "column": each.column, "message": each.said.model_dump()} for each in faults],
        )


class LastInstructor(AppError):
    status, code = 409, "last_instructor"

    def __init__(self) -> None:
        super().__init__(
            "A course keeps at least one instructor. Make somebody else an instructor first.",
            "课程至少要有一位主讲教师。请先让另一人成为主讲教师。",
        )


class AlreadyHere(AppError):
    status, code = 409, "already_here"

    def __init__(self, login: str) -> None:
        super().__init__(f"This person is in the course already, as {login}.", f"此人已在课程中，用户名为 {login}。")


class AlreadyWithdrawn(AppError):
    status, code = 409, "already_withdrawn"

    def __init__(self, login: str) -> None:
        super().__init__(f"{login} has withdrawn already.", f"{login} 已经退课。")


class Withdrawn(AppError):
    """Of whoever asks for a change in a course he has left."""

    status, code = 403, "withdrawn"

    def __init__(self) -> None:
        super().__init__(
            "You have withdrawn from this course: you can read your work, and change nothing. If that is wrong, tell the staff.",
            "你已退出本课程：可以查看自己的作业，但不能再提交或更改。如有误，请联系教学人员。",
        )
