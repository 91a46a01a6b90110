"""May this team change? Values in, answer out; no session, no clock."""

from datetime import datetime

from server.errors import AppError

MAX_NAME = 40
MIN_REASON, MAX_REASON = 3, 500


class NoTeams(AppError):
    status, code = 409, "no_teams"

    def __init__(self) -> None:
        super().__init__("In this assignment everybody stands alone.", "本作业不允许组队。")


class AlreadyInATeam(AppError):
    status, code = 409, "already_in_a_team"

    def __init__(self, login: str) -> None:
        super().__init__(
            f"{login} is in a team already; one team each.", f"{login} 已经在一个队伍中，每人只能加入一个队伍。", login=login
        )


class NotInATeam(AppError):
    status, code = 409, "not_in_a_team"

    def __init__(self) -> None:
        super().__init__(
            "You are in no team yet. Found one, or accept an invitation.", "你还没有队伍。可以新建队伍，或接受邀请。"
        )


class NotInvited(AppError):
    status, code = 409, "not_invited"

    def __init__(self, login: str) -> None:
        super().__init__(
            f"{login} has no open invitation into this team: it has been answered, or taken back already.",
            f"{login} 没有待答复的邀请：可能已经答复，或已被撤回。",
            login=login,
        )


class TeamIsFull(AppError):
    status, code = 409, "team_is_full"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"A team has at most {most} people, invitations that are open among them.",
            f"每队最多 {most} 人（含尚未答复的邀请）。",
            team_size=most,
        )


class TeamHasSubmitted(AppError):
    status, code = 409, "team_has_submitted"

    def __init__(self) -> None:
        super().__init__(
            "The team has handed in, so it stays as it is. Ask the staff if it has to change.",
            "队伍已有提交，成员不能再变动。确有需要请联系教学团队。",
        )


class TooManyTogether(AppError):
    status, code = 409, "too_many_attempts_together"

    def __init__(self, used: int, limit: int) -> None:
        super().__init__(
            f"Together you have used {used} attempts and a team has {limit}, so you cannot join any more.",
            f"合并后已用提交次数为 {used}，超过队伍上限 {limit}，因此无法加入。",
            used=used,
            attempt_limit=limit,
        )


class TooManyScoredTogether(AppError):
    status, code = 409, "too_many_scored_together"

    def __init__(self, scored: int, limit: int) -> None:
        super().__init__(
            f"Together you have {scored} scored submissions and a team may have {limit}, so you cannot join any more.",
            f"合并后的计分提交为 {scored} 次，超过队伍上限 {limit}，因此无法加入。",
            scored=scored,
            scored_limit=limit,
        )


class TeamsAreClosed(AppError):
    status, code = 409, "teams_are_closed"

    def __init__(self, closed_at: datetime) -> None:
        super().__init__(
            f"Teams could change until {closed_at:%d %b %Y %H:%M %Z}.", f"组队已于 {closed_at:%Y-%m-%d %H:%M %Z} 截止。"
        )


class NameTaken(AppError):
    status, code = 409, "team_name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"Another team is called {name}.", f"已有队伍叫 {name}。")


class BadName(AppError):
    status, code = 422, "bad_team_name"

    def __init__(self) -> None:
        super().__init__(f"A team's name has 1 to {MAX_NAME} visible characters.", f"队名应为 1 到 {MAX_NAME} 个可见字符。")


class NoReason(AppError):
    status, code = 422, "no_reason"

    def __init__(self) -> None:
        super().__init__(
            f"Say why, in {MIN_REASON} to {MAX_REASON} characters: it stands in the audit log, and the team reads it.",
            f"请说明理由（{MIN_REASON} 到 {MAX_REASON} 个字符）：理由会写入变更记录，队员也能看到。",
        )


class OnlyStudents(AppError):
    status, code = 403, "only_students"

    def __init__(self) -> None:
        super().__init__(
            "Teams are for students. As staff you change them with PATCH, PUT and DELETE, and a reason.",
            "队伍只面向学生。教学人员可通过 PATCH、PUT、DELETE 并说明理由来调整队伍。",
        )


class NotAStudentHere(AppError):
    status, code = 404, "not_a_student_here"

    def __init__(self, login: str) -> None:
        super().__init__(f"No student of this course has the login {login}.", f"本课程没有学号为 {login} 的学生。")


def tidy_name(name: str) -> str:
    """Without what cannot be seen. Raises BadName."""
    tidy = " ".join(name.split())
    if not 0 < len(tidy) <= MAX_NAME or not tidy.isprintable():
        raise BadName
    return tidy


def check_reason(reason: str) -> None:
    if not MIN_REASON <= len(reason) <= MAX_REASON:
        raise NoReason


def check_open(*, team_size: int, closes_at: datetime, now: datetime) -> None:
    """Whether students may change teams at all."""
    if team_size <= 1:
        raise NoTeams
    if now >= closes_at:
        raise TeamsAreClosed(closes_at)
