"""Links by which people take over the accounts that a roster has made. A link is shown once, when it is made."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.accounts import credentials
from server.accounts.models import Language, User
from server.accounts.rules import MIN_PASSWORD
from server.audit import write_line
from server.courses.models import Course, Enrollment, Invitation
from server.courses.roster import get_member, list_members, lock_roster
from server.errors import AppError

LASTS = timedelta(days=14)


class InvitationOver(AppError):
    """The same for a link that never was, one that was used and one that is too old."""

    status, code = 404, "invitation_over"

    def __init__(self) -> None:
        super().__init__(
            "This invitation does not work any more: it was used, renewed, or is older than 14 days. "
            "If you have a password, sign in; otherwise ask the staff for a new link.",
            "此邀请链接已失效：可能已使用、已更换或超过 14 天。若已设置密码，请直接登录；否则请向教学人员索取新链接。",
        )


class PasswordTooShort(AppError):
    status, code = 422, "password_too_short"

    def __init__(self) -> None:
        super().__init__(f"A password has at least {MIN_PASSWORD} characters.", f"密码至少 {MIN_PASSWORD} 个字符。")


class NotTheSame(AppError):
    status, code = 422, "passwords_differ"

    def __init__(self) -> None:
        super().__init__("The two passwords differ. Type both once more.", "两次输入的密码不一致，请重新输入。")


class NotInvitable(AppError):
    status, code = 409, "not_invitable"

    def __init__(self, login: str) -> None:
        super().__init__(
            f"{login} needs no link from you: the account has a password, or another course's roster has made it.",
            f"{login} 不需要你的邀请链接：该账号已有密码，或由其他课程的名单创建。",
        )


@dataclass(frozen=True)
class Link:
    """What is handed out; `token` is nowhere to be read afterwards."""

    member: Enrollment
    token: str
    expires_at: datetime


def is_waiting(member: Enrollment) -> bool:
    """For its person to take the account over; only in the course that has made it."""
    user = member.user
    return member.is_active and user.made_by_course_id == member.course_id and user.password_hash is None


def make_links(session: Session, *, course: Course, by: User, logins: Collection[str] | None = None, now: datetime) -> list[Link]:
    """New links for these people, or for all who wait for one; earlier links of theirs stop working. Raises NotInvitable."""
    lock_roster(session, course)
    if logins is None:
        members = [each for each in list_members(session, course=course) if is_waiting(each)]
    else:
        members = [get_member(session, course=course, login=login) for login in dict.fromkeys(logins)]
    for each in members:
        if not is_waiting(each):
            raise NotInvitable(each.user.login)
    if not members:
        return []
    withdraw_links(session, members, now=now)
    links = [Link(each, credentials.new_session_token(), now + LASTS) for each in members]
    session.add_all(
        Invitation(
            enrollment_id=link.member.id,
            token_hash=credentials.hash_token(link.token),
            made_by_id=by.id,
            expires_at=link.expires_at,
        )
        for link in links
    )
    write_line(session, course=course, actor=by, action="roster.invited", logins=[each.user.login for each in members])
    return links


def withdraw_links(session: Session, members: Collection[Enrollment], *, now: datetime) -> None:
    open_ones = Invitation.enrollment_id.in_([each.id for each in members]), Invitation.used_at.is_(None)
    session.execute(update(Invitation).where(*open_ones, Invitation.revoked_at.is_(None)).values(revoked_at=now))


def revoke(session: Session, *, course: Course, by: User, login: str, now: datetime) -> None:
    member = get_member(session, course=course, login=login)
    withdraw_links(session, [member], now=now)
    write_line(session, course=course, actor=by, action="roster.invitation_revoked", login=member.user.login)


def newest_links(session: Session, *, course: Course) -> Mapping[int, Invitation]:
    """Of each enrollment the last one that was made."""
    query = select(Invitation).join(Enrollment, Enrollment.id == Invitation.enrollment_id)
    found = session.scalars(query.where(Enrollment.course_id == course.id).order_by(Invitation.id))
    return {each.enrollment_id: each for each in found}


def is_open(invitation: Invitation, *, now: datetime) -> bool:
    return invitation.used_at is None and invitation.revoked_at is None and now < invitation.expires_at


def find_open(session: Session, *, token: str, now: datetime, locks: bool = False) -> Invitation:
    """locks: it is about to be used. Raises InvitationOver."""
    query = select(Invitation).where(Invitation.token_hash == credentials.hash_token(token))
    found = session.scalar(query.with_for_update(of=Invitation) if locks else query)
    if found is None or not is_open(found, now=now) or not is_waiting(found.enrollment):
        raise InvitationOver
    return found


def use(session: Session, *, token: str, password: str, again: str, language: Language, now: datetime) -> Enrollment:
    """The account is its person's from here on."""
    invitation = find_open(session, token=token, now=now, locks=True)
    if len(password) < MIN_PASSWORD:
        raise PasswordTooShort
    if password != again:
        raise NotTheSame
    member = invitation.enrollment
    member.user.password_hash = credentials.hash_password(password)
    member.user.language, member.user.made_by_course_id = language, None
    invitation.used_at = now
    session.flush()
    return member
