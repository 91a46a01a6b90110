"""Who gets what from every route. The list of routes comes from the app: a new one without a rule fails."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from server.accounts.models import User
from server.announcements import service as announcements
from server.app import create_app
from server.assignments.models import Assignment
from server.cases import service as cases
from server.courses.models import Course, Role
from server.database import current_time, session_factory
from server.leaderboard import events
from server.models import Case, Submission
from server.settings import Settings

VIEWERS = ("owner", "classmate", "own_ta", "instructor", "other_ta", "nobody")


class Rule(NamedTuple):
    """What each viewer gets. yes: not refused; hidden: 404; staff_only: 403; sign_in: 401, or the sign-in page."""

    owner: str
    classmate: str
    own_ta: str
    instructor: str
    other_ta: str
    nobody: str


EVERYBODY = Rule("yes", "yes", "yes", "yes", "yes", "yes")
SIGNED_IN = Rule("yes", "yes", "yes", "yes", "yes", "sign_in")
MEMBERS = Rule("yes", "yes", "yes", "yes", "hidden", "sign_in")
STAFF = Rule("staff_only", "staff_only", "yes", "yes", "hidden", "sign_in")
OWNER_AND_STAFF = Rule("yes", "hidden", "yes", "yes", "hidden", "sign_in")
STAFF_OF_VISIBLE = Rule("staff_only", "hidden", "yes", "yes", "hidden", "sign_in")
MEMBERS_ALONE = Rule("yes", "yes", "staff_only", "staff_only", "hidden", "sign_in")  # 403 for staff: teams are the students'
STAFF_OF_NOTHING = Rule("staff_only", "staff_only", "hidden", "hidden", "hidden", "sign_in")  # there is no team and no pair
ALWAYS_SIGN_IN = Rule(*["sign_in"] * 6)
INSTRUCTORS = Rule("staff_only", "staff_only", "staff_only", "yes", "hidden", "sign_in")
NOT_FOR_STAFF = Rule("yes", "hidden", "staff_only", "staff_only", "hidden", "sign_in")  # nobody declares for somebody else
NO_CHANNEL = Rule("staff_only", "staff_only", "staff_only", "hidden", "hidden", "sign_in")  # instructors', and there is none
INSTRUCTORS_OF_NOTHING = Rule("staff_only", "staff_only", "staff_only", "hidden", "hidden", "sign_in")  # no such file or section
NO_SUCH_LINK = Rule(*["hidden"] * 6)
OWNER_ONLY = Rule("yes", "hidden", "hidden", "hidden", "hidden", "sign_in")

COURSE, ASSIGNMENT = "/courses/{course}", "/courses/{course}/assignments/{assignment}"
CASE = "/courses/{course}/cases/{case_id}"
CHECKS = f"{ASSIGNMENT}/spot-checks"
NEWS = f"{COURSE}/announcements"
CHANNELS = f"{COURSE}/channels"
ANNOUNCED = {
    "GET /messages": SIGNED_IN,
    "POST /messages/mail": SIGNED_IN,
    "GET /api/v1/messages": SIGNED_IN,
    "POST /api/v1/messages/read": SIGNED_IN,
    "PUT /api/v1/messages/mail": SIGNED_IN,
    f"GET /api/v1{CHANNELS}": STAFF,
    f"POST /api/v1{CHANNELS}": INSTRUCTORS,
    f"GET /api/v1{CHANNELS}/deliveries": STAFF,
    f"POST /api/v1{CHANNELS}/deliveries/{{delivery_id}}/again": NO_CHANNEL,
    f"POST /api/v1{CHANNELS}/{{channel_id}}/test": NO_CHANNEL,
    f"DELETE /api/v1{CHANNELS}/{{channel_id}}": NO_CHANNEL,
    f"GET {CHANNELS}": STAFF,
    f"POST {CHANNELS}": INSTRUCTORS,
    f"POST {CHANNELS}/deliveries/{{delivery_id}}/again": NO_CHANNEL,
    f"POST {CHANNELS}/{{channel_id}}/test": NO_CHANNEL,
    f"POST {CHANNELS}/{{channel_id}}/remove": NO_CHANNEL,
    f"GET /api/v1{NEWS}": MEMBERS,
    f"POST /api/v1{NEWS}": STAFF,
    f"POST /api/v1{NEWS}/read": MEMBERS,
    f"GET /api/v1{NEWS}/drafts": STAFF,
    f"POST /api/v1{NEWS}/drafts": STAFF,
    f"DELETE /api/v1{NEWS}/drafts/{{draft_id}}": STAFF_OF_NOTHING,
    f"GET /api/v1{NEWS}/{{announcement_id}}": MEMBERS,
    f"GET /api/v1{NEWS}/{{announcement_id}}/history": STAFF,
    f"PUT /api/v1{NEWS}/{{announcement_id}}": STAFF,
    f"POST /api/v1{NEWS}/{{announcement_id}}/withdraw": STAFF,
    f"GET {NEWS}": MEMBERS,
    f"POST {NEWS}": STAFF,
    f"GET {NEWS}/new": STAFF,
    f"POST {NEWS}/preview": STAFF,
    f"GET {NEWS}/drafts": STAFF,
    f"POST {NEWS}/drafts": STAFF,
    f"POST {NEWS}/drafts/{{draft_id}}/remove": STAFF_OF_NOTHING,
    f"GET {NEWS}/{{announcement_id}}": MEMBERS,
    f"GET {NEWS}/{{announcement_id}}/edit": STAFF,
    f"POST {NEWS}/{{announcement_id}}": STAFF,
    f"POST {NEWS}/{{announcement_id}}/withdraw": STAFF,
}
DATES = f"{ASSIGNMENT}/dates"
DEADLINES = {
    f"GET /api/v1{COURSE}/late-policy": STAFF,
    f"PUT /api/v1{COURSE}/late-policy": INSTRUCTORS,
    f"GET /api/v1{DATES}": STAFF,
    f"PUT /api/v1{DATES}": STAFF,
    f"GET /api/v1{DATES}/own": MEMBERS,
    f"PUT /api/v1{DATES}/policy": INSTRUCTORS,
    f"DELETE /api/v1{DATES}/policy": INSTRUCTORS,
    f"POST /api/v1{DATES}/extensions": STAFF,
    f"POST /api/v1{DATES}/extensions/{{extension_id}}/take-back": STAFF_OF_NOTHING,
    f"GET {COURSE}/late-policy": STAFF,
    f"POST {COURSE}/late-policy": INSTRUCTORS,
    f"GET {DATES}": STAFF,
    f"POST {DATES}": STAFF,
    f"POST {DATES}/policy": INSTRUCTORS,
    f"POST {DATES}/extensions": STAFF,
    f"POST {DATES}/extensions/{{extension_id}}/take-back": STAFF_OF_NOTHING,
}
HONEST = {
    f"GET /api/v1{COURSE}/integrity": STAFF,
    f"PATCH /api/v1{COURSE}/integrity": INSTRUCTORS,
    f"GET {COURSE}/integrity": STAFF,
    f"POST {COURSE}/integrity": INSTRUCTORS,
    "GET /api/v1/submissions/{submission_id}/declarations": OWNER_AND_STAFF,
    "POST /api/v1/submissions/{submission_id}/declarations": NOT_FOR_STAFF,
    "POST /submissions/{submission_id}/declarations": NOT_FOR_STAFF,
    f"GET /api/v1{CHECKS}": STAFF,
    f"POST /api/v1{CHECKS}": STAFF,
    f"GET /api/v1{CHECKS}/{{check_id}}": STAFF_OF_NOTHING,
    f"GET /api/v1{CHECKS}/draws/{{draw_id}}": STAFF_OF_NOTHING,
    f"PUT /api/v1{CHECKS}/draws/{{draw_id}}": STAFF_OF_NOTHING,
    f"GET {CHECKS}": STAFF,
    f"POST {CHECKS}": STAFF,
    f"GET {CHECKS}/draws/{{draw_id}}": STAFF_OF_NOTHING,
    f"POST {CHECKS}/draws/{{draw_id}}": STAFF_OF_NOTHING,
    f"POST {CHECKS}/draws/{{draw_id}}/reader": STAFF_OF_NOTHING,
}
NOTHING = Rule("hidden", "hidden", "hidden", "hidden", "hidden", "sign_in")  # there is no roll call and no leave
CALL, DRAWS, SHOWN = f"{COURSE}/attendance/{{roll_call_id}}", f"{COURSE}/participation/draws", f"{COURSE}/showcase"
IN_CLASS = {
    f"GET /api/v1{COURSE}/attendance": STAFF,
    f"POST /api/v1{COURSE}/attendance": STAFF,
    f"GET /api/v1{COURSE}/attendance/own": MEMBERS,
    f"GET /api/v1{COURSE}/attendance/shares": STAFF,
    f"GET /api/v1{COURSE}/attendance/export": STAFF,
    f"GET /api/v1{COURSE}/attendance/leave": MEMBERS,
    f"POST /api/v1{COURSE}/attendance/leave": MEMBERS,
    f"POST /api/v1{COURSE}/attendance/leave/{{leave_id}}/answer": STAFF,  # without a body nothing is looked up
    f"DELETE /api/v1{COURSE}/attendance/leave/{{leave_id}}": NOTHING,
    f"GET /api/v1{CALL}": STAFF_OF_NOTHING,
    f"POST /api/v1{CALL}/close": STAFF_OF_NOTHING,
    f"PUT /api/v1{CALL}/marks/{{login}}": STAFF_OF_NOTHING,
    f"POST /api/v1{CALL}/sign-in": NOTHING,
    f"GET {COURSE}/attendance": MEMBERS,
    f"POST {COURSE}/attendance": STAFF,
    f"GET {COURSE}/attendance/export": STAFF,
    f"POST {COURSE}/attendance/leave": MEMBERS_ALONE,
    f"POST {COURSE}/attendance/leave/{{leave_id}}/answer": STAFF_OF_NOTHING,
    f"POST {COURSE}/attendance/leave/{{leave_id}}/withdraw": NOTHING,
    f"GET {CALL}": STAFF_OF_NOTHING,
    f"POST {CALL}/close": STAFF_OF_NOTHING,
    f"POST {CALL}/marks": STAFF_OF_NOTHING,
    f"GET {CALL}/wall": STAFF_OF_NOTHING,
    f"GET {CALL}/wall/live": STAFF_OF_NOTHING,
    f"GET {CALL}/sign-in": NOTHING,
    f"POST {CALL}/sign-in": NOTHING,
    f"GET /api/v1{COURSE}/participation": MEMBERS,
    f"POST /api/v1{COURSE}/participation": STAFF,
    f"GET /api/v1{COURSE}/participation/points": STAFF,
    f"DELETE /api/v1{COURSE}/participation/{{note_id}}": STAFF_OF_NOTHING,
    f"GET {COURSE}/participation": MEMBERS,
    f"POST {COURSE}/participation": STAFF,
    f"POST {COURSE}/participation/points": INSTRUCTORS,
    f"POST {COURSE}/participation/notes/{{note_id}}/take-back": STAFF_OF_NOTHING,
    f"GET {DRAWS}/{{roll_call_id}}": STAFF_OF_NOTHING,
    f"POST {DRAWS}/{{roll_call_id}}": STAFF_OF_NOTHING,
    f"POST {DRAWS}/{{roll_call_id}}/{{draw_id}}": STAFF_OF_NOTHING,
    f"GET {SHOWN}": MEMBERS,
    f"GET {SHOWN}/{{submission_id}}": Rule("hidden", "hidden", "yes", "yes", "hidden", "sign_in"),  # nobody has asked for it
    f"POST {SHOWN}/{{submission_id}}/invite": STAFF_OF_VISIBLE,
    f"POST {SHOWN}/{{submission_id}}/answer": OWNER_ONLY,
    f"POST {SHOWN}/{{submission_id}}/consent": OWNER_ONLY,
}
BOOK = f"{COURSE}/gradebook"
NOT_SET_UP = Rule("yes", "yes", "yes", "yes", "hidden", "sign_in")  # 409, which tells nothing
GRADES = {
    f"GET /api/v1{BOOK}": STAFF,
    f"GET /api/v1{BOOK}/own": NOT_SET_UP,
    f"GET /api/v1{BOOK}/set-up": STAFF,
    f"PUT /api/v1{BOOK}/set-up": INSTRUCTORS,
    f"GET /api/v1{BOOK}/export": STAFF,
    f"GET /api/v1{BOOK}/statistics": STAFF,
    f"GET /api/v1{BOOK}/warnings": STAFF,
    f"PUT /api/v1{BOOK}/warnings/{{login}}": STAFF,
    f"GET /api/v1{BOOK}/verify": STAFF,
    f"PUT /api/v1{BOOK}/students/{{login}}/columns/{{key}}": STAFF,
    f"PUT /api/v1{BOOK}/students/{{login}}/override": INSTRUCTORS,
    f"GET {BOOK}": NOT_SET_UP,
    f"GET {BOOK}/set-up": STAFF,
    f"POST {BOOK}/set-up": INSTRUCTORS,
    f"GET {BOOK}/export": STAFF,
    f"GET {BOOK}/statistics": STAFF,
    f"GET {BOOK}/warnings": STAFF,
    f"POST {BOOK}/warnings/{{login}}": STAFF,
    f"GET {BOOK}/students/{{login}}": STAFF,
    f"POST {BOOK}/students/{{login}}/marks": STAFF,
    f"POST {BOOK}/students/{{login}}/override": INSTRUCTORS,
}
MARKING, MARKED = f"{ASSIGNMENT}/marking", f"{ASSIGNMENT}/marking/questions/{{question}}"  # nothing of it is marked by people
ONE = f"{MARKED}/works/{{submission_id}}"
BY_HAND = {
    f"GET /api/v1{MARKING}": STAFF,
    f"PUT /api/v1{MARKING}/plan": INSTRUCTORS,
    f"POST /api/v1{MARKING}/shares": INSTRUCTORS,
    f"POST /api/v1{MARKING}/publish": INSTRUCTORS,
    f"GET /api/v1{MARKING}/export": STAFF,
    f"GET /api/v1{MARKED}": STAFF_OF_NOTHING,
    f"GET /api/v1{MARKED}/works": STAFF_OF_NOTHING,
    f"POST /api/v1{MARKED}/items": STAFF_OF_NOTHING,
    f"PUT /api/v1{MARKED}/items/{{item_id}}": STAFF_OF_NOTHING,
    f"POST /api/v1{MARKED}/items/{{item_id}}/retire": STAFF_OF_NOTHING,
    f"PUT /api/v1{MARKED}/scale": STAFF_OF_NOTHING,
    f"POST /api/v1{MARKED}/unanswered": STAFF_OF_NOTHING,
    f"GET /api/v1{ONE}": STAFF_OF_NOTHING,
    f"PUT /api/v1{ONE}": STAFF_OF_NOTHING,
    f"POST /api/v1{ONE}/carry": STAFF_OF_NOTHING,
    f"POST /api/v1{ONE}/comments": STAFF_OF_NOTHING,
    f"DELETE /api/v1{ONE}/comments/{{comment_id}}": STAFF_OF_NOTHING,
    f"GET {MARKING}": STAFF,
    f"POST {MARKING}/plan": INSTRUCTORS,
    f"POST {MARKING}/shares": INSTRUCTORS,
    f"POST {MARKING}/publish": INSTRUCTORS,
    f"GET {MARKING}/export": STAFF,
    f"GET {MARKED}": STAFF_OF_NOTHING,
    f"GET {MARKED}/next": STAFF_OF_NOTHING,
    f"POST {MARKED}/items": STAFF_OF_NOTHING,
    f"POST {MARKED}/items/{{item_id}}": STAFF_OF_NOTHING,
    f"POST {MARKED}/scale": STAFF_OF_NOTHING,
    f"POST {MARKED}/unanswered": STAFF_OF_NOTHING,
    f"GET {ONE}": STAFF_OF_NOTHING,
    f"POST {ONE}": STAFF_OF_NOTHING,
    f"GET {ONE}/files/{{file_id}}": STAFF_OF_NOTHING,
}
QUESTIONS = {  # the scene's assignment asks none; who gets what where some are asked: tests/server/questions/test_doors.py
    f"GET /api/v1{ASSIGNMENT}/questions": NOTHING,
    "GET /api/v1/submissions/{submission_id}/answers": NOTHING,
    f"POST {ASSIGNMENT}/answers": NOTHING,
    f"GET {ASSIGNMENT}/answers/{{question}}/file": NOTHING,
    "GET /submissions/{submission_id}/attachments/{name}": NOTHING,
}
ROSTER = {
    f"GET /api/v1{COURSE}/roster": STAFF,
    f"POST /api/v1{COURSE}/roster": INSTRUCTORS,
    f"GET /api/v1{COURSE}/roster/download": STAFF,
    f"POST /api/v1{COURSE}/roster/files": INSTRUCTORS,
    f"GET /api/v1{COURSE}/roster/files/{{file_id}}": INSTRUCTORS_OF_NOTHING,
    f"POST /api/v1{COURSE}/roster/files/{{file_id}}/confirm": INSTRUCTORS,
    f"POST /api/v1{COURSE}/roster/invitations": INSTRUCTORS,
    f"PATCH /api/v1{COURSE}/roster/{{login}}": INSTRUCTORS,
    f"POST /api/v1{COURSE}/roster/{{login}}/withdraw": INSTRUCTORS,
    f"POST /api/v1{COURSE}/roster/{{login}}/take-back": INSTRUCTORS,
    f"DELETE /api/v1{COURSE}/roster/{{login}}/invitation": INSTRUCTORS,
    f"GET /api/v1{COURSE}/sections": STAFF,
    f"POST /api/v1{COURSE}/sections": INSTRUCTORS,
    f"PATCH /api/v1{COURSE}/sections/{{section_id}}": INSTRUCTORS,
    f"POST /api/v1{COURSE}/sections/{{section_id}}/merge": INSTRUCTORS,
    f"GET {COURSE}/people": STAFF,
    f"POST {COURSE}/people": INSTRUCTORS,
    f"GET {COURSE}/roster/download": STAFF,
    f"GET {COURSE}/roster": INSTRUCTORS,
    f"POST {COURSE}/roster": INSTRUCTORS,
    f"GET {COURSE}/roster/{{file_id}}": INSTRUCTORS_OF_NOTHING,
    f"POST {COURSE}/roster/{{file_id}}": INSTRUCTORS_OF_NOTHING,
    f"GET {COURSE}/people/{{login}}": STAFF,
    f"POST {COURSE}/people/{{login}}": INSTRUCTORS,
    f"POST {COURSE}/people/{{login}}/withdraw": INSTRUCTORS,
    f"POST {COURSE}/people/{{login}}/take-back": INSTRUCTORS,
    f"POST {COURSE}/people/{{login}}/revoke-invitation": INSTRUCTORS,
    f"GET {COURSE}/sections": STAFF,
    f"POST {COURSE}/sections": INSTRUCTORS,
    f"POST {COURSE}/sections/{{section_id}}": INSTRUCTORS_OF_NOTHING,
    f"POST {COURSE}/invitations": INSTRUCTORS,
    f"POST {COURSE}/join-code": INSTRUCTORS,
    "GET /invitations/{token}": NO_SUCH_LINK,
    "POST /invitations/{token}": NO_SUCH_LINK,
    "GET /join": SIGNED_IN,
    "POST /join": Rule("hidden", "hidden", "hidden", "hidden", "hidden", "sign_in"),  # nobody has typed a code
}
SIGNING_IN = {
    "GET /api/v1/identities": SIGNED_IN,
    "DELETE /api/v1/identities/{identity_id}": NOTHING,
    "GET /sign-in/oidc": NO_SUCH_LINK,  # no provider is configured
    "GET /sign-in/oidc/return": NO_SUCH_LINK,
    "GET /identities": SIGNED_IN,
    "POST /identities": NOTHING,
    "POST /identities/{identity_id}/unlink": NOTHING,
}
LTI = {
    f"GET /api/v1{COURSE}/lti": STAFF,
    f"POST /api/v1{COURSE}/lti/platforms": INSTRUCTORS,
    f"DELETE /api/v1{COURSE}/lti/platforms/{{platform_id}}": INSTRUCTORS_OF_NOTHING,
    f"GET /api/v1{COURSE}/lti/scores": STAFF,
    f"POST /api/v1{COURSE}/lti/sync": STAFF,
    f"GET {COURSE}/lti": STAFF,
    f"POST {COURSE}/lti": INSTRUCTORS,
    f"POST {COURSE}/lti/sync": STAFF,
    f"POST {COURSE}/lti/platforms/{{platform_id}}/remove": INSTRUCTORS_OF_NOTHING,
    "GET /lti/login": NO_SUCH_LINK,  # no platform is registered
    "POST /lti/login": EVERYBODY,
    "POST /lti/launch": EVERYBODY,  # 400: nobody had left
    "GET /lti/pick": SIGNED_IN,
    "POST /lti/pick": SIGNED_IN,
    "GET /lti/link": SIGNED_IN,
    "POST /lti/link": SIGNED_IN,
    "GET /lti/jwks": EVERYBODY,
}
OF_ITS_STUDENT = Rule("yes", "hidden", "hidden", "hidden", "hidden", "sign_in")
REQUEST, RERUNS = f"{COURSE}/regrades/{{request_id}}", f"{ASSIGNMENT}/reruns"
REGRADES = {
    "POST /api/v1/submissions/{submission_id}/return": STAFF_OF_VISIBLE,
    "DELETE /api/v1/submissions/{submission_id}/return": Rule("staff_only", "hidden", "hidden", "hidden", "hidden", "sign_in"),
    f"GET /api/v1{COURSE}/returns": STAFF,
    f"GET /api/v1{COURSE}/return-policy": STAFF,
    f"PUT /api/v1{COURSE}/return-policy": INSTRUCTORS,
    f"PUT /api/v1{ASSIGNMENT}/return-policy": INSTRUCTORS,
    f"DELETE /api/v1{ASSIGNMENT}/return-policy": INSTRUCTORS,
    "POST /submissions/{submission_id}/return": STAFF_OF_VISIBLE,
    "POST /submissions/{submission_id}/return/take-back": Rule("staff_only", "hidden", "hidden", "hidden", "hidden", "sign_in"),
    f"GET {COURSE}/returns": STAFF,
    f"POST {COURSE}/returns/policy": INSTRUCTORS,
    "POST /api/v1/submissions/{submission_id}/regrades": OF_ITS_STUDENT,
    f"GET /api/v1{COURSE}/regrades": MEMBERS,
    f"GET /api/v1{REQUEST}": NOTHING,
    f"POST /api/v1{REQUEST}/assign": STAFF_OF_NOTHING,
    f"POST /api/v1{REQUEST}/answer": STAFF_OF_NOTHING,
    f"POST /api/v1{REQUEST}/withdraw": NOTHING,
    f"GET /api/v1{COURSE}/regrade-policy": MEMBERS,
    f"PUT /api/v1{COURSE}/regrade-policy": INSTRUCTORS,
    "POST /submissions/{submission_id}/regrades": OF_ITS_STUDENT,
    f"GET {COURSE}/regrades": MEMBERS,
    f"POST {COURSE}/regrades/policy": INSTRUCTORS,
    f"GET {REQUEST}": NOTHING,
    f"POST {REQUEST}/assign": STAFF_OF_NOTHING,
    f"POST {REQUEST}/answer": STAFF_OF_NOTHING,
    f"POST {REQUEST}/withdraw": NOTHING,
    f"GET /api/v1{RERUNS}": STAFF,
    f"POST /api/v1{RERUNS}": STAFF,
    f"GET /api/v1{RERUNS}/{{preview_id}}": STAFF_OF_NOTHING,
    f"POST /api/v1{RERUNS}/{{preview_id}}/publish": STAFF_OF_NOTHING,
    f"POST /api/v1{RERUNS}/{{preview_id}}/drop": STAFF_OF_NOTHING,
    "GET /api/v1/runs/{run_id}": STAFF_OF_VISIBLE,
    f"GET {RERUNS}": STAFF,
    f"POST {RERUNS}": STAFF,
    f"GET {RERUNS}/{{preview_id}}": STAFF_OF_NOTHING,
    f"POST {RERUNS}/{{preview_id}}/publish": STAFF_OF_NOTHING,
    f"POST {RERUNS}/{{preview_id}}/drop": STAFF_OF_NOTHING,
}
RULES = {
    **SIGNING_IN,
    **LTI,
    "GET /healthz": EVERYBODY,
    "GET /readyz": EVERYBODY,
    "GET /metrics": EVERYBODY,
    "POST /api/v1/tokens": EVERYBODY,
    "GET /api/v1/tokens": SIGNED_IN,
    "DELETE /api/v1/tokens/{token_id}": OWNER_ONLY,
    "GET /api/v1/me": SIGNED_IN,
    "GET /api/v1/courses": SIGNED_IN,
    f"GET /api/v1{COURSE}": MEMBERS,
    f"GET /api/v1{COURSE}/people": STAFF,
    f"GET /api/v1{COURSE}/stuck": STAFF,
    f"GET /api/v1{COURSE}/audit": STAFF,
    f"GET /api/v1{COURSE}/assignments": MEMBERS,
    f"GET /api/v1{ASSIGNMENT}": MEMBERS,
    f"GET /api/v1{ASSIGNMENT}/bundle": MEMBERS,
    f"POST /api/v1{ASSIGNMENT}/submissions": MEMBERS,
    f"GET /api/v1{ASSIGNMENT}/submissions": MEMBERS,
    f"GET /api/v1{ASSIGNMENT}/leaderboard": MEMBERS,
    f"GET /api/v1{ASSIGNMENT}/leaderboard/events": MEMBERS,
    f"GET /api/v1{ASSIGNMENT}/leaderboard/download": MEMBERS,
    f"GET /api/v1{ASSIGNMENT}/leaderboard/points": STAFF,
    f"POST /api/v1{ASSIGNMENT}/leaderboard/release": STAFF,
    f"DELETE /api/v1{ASSIGNMENT}/leaderboard/release": STAFF,
    f"GET /api/v1{ASSIGNMENT}/teams": MEMBERS,
    f"POST /api/v1{ASSIGNMENT}/teams": MEMBERS_ALONE,
    f"POST /api/v1{ASSIGNMENT}/teams/invitations": MEMBERS_ALONE,
    f"DELETE /api/v1{ASSIGNMENT}/teams/invitations/{{login}}": MEMBERS_ALONE,
    f"POST /api/v1{ASSIGNMENT}/teams/{{team_id}}/accept": MEMBERS_ALONE,
    f"POST /api/v1{ASSIGNMENT}/teams/{{team_id}}/decline": MEMBERS_ALONE,
    f"POST /api/v1{ASSIGNMENT}/teams/leave": MEMBERS_ALONE,
    f"PATCH /api/v1{ASSIGNMENT}/teams/{{team_id}}": STAFF_OF_NOTHING,
    f"DELETE /api/v1{ASSIGNMENT}/teams/{{team_id}}": STAFF_OF_NOTHING,
    f"PUT /api/v1{ASSIGNMENT}/teams/{{team_id}}/members/{{login}}": STAFF_OF_NOTHING,
    f"DELETE /api/v1{ASSIGNMENT}/teams/{{team_id}}/members/{{login}}": STAFF_OF_NOTHING,
    "GET /api/v1/submissions/{submission_id}": OWNER_AND_STAFF,
    "POST /api/v1/submissions/{submission_id}/choice": OWNER_AND_STAFF,
    "DELETE /api/v1/submissions/{submission_id}/choice": OWNER_AND_STAFF,
    "GET /api/v1/submissions/{submission_id}/events": OWNER_AND_STAFF,
    "GET /api/v1/submissions/{submission_id}/result": OWNER_AND_STAFF,
    "POST /api/v1/submissions/{submission_id}/rerun": STAFF_OF_VISIBLE,
    "POST /api/v1/submissions/{submission_id}/cancel": STAFF_OF_VISIBLE,
    f"GET /api/v1{ASSIGNMENT}/similarity": STAFF,
    f"POST /api/v1{ASSIGNMENT}/similarity": STAFF,
    f"GET /api/v1{ASSIGNMENT}/similarity/events": STAFF,
    f"GET /api/v1{ASSIGNMENT}/similarity/pairs": STAFF,
    f"GET /api/v1{ASSIGNMENT}/similarity/download": STAFF,
    f"GET /api/v1{ASSIGNMENT}/similarity/pairs/{{pair_id}}": STAFF_OF_NOTHING,
    f"GET /api/v1{ASSIGNMENT}/similarity/pairs/{{pair_id}}/reviews": STAFF_OF_NOTHING,
    f"POST /api/v1{ASSIGNMENT}/similarity/pairs/{{pair_id}}/reviews": STAFF_OF_NOTHING,
    f"GET /api/v1{ASSIGNMENT}/similarity/archives": STAFF,
    f"POST /api/v1{ASSIGNMENT}/similarity/archives": STAFF,
    f"DELETE /api/v1{ASSIGNMENT}/similarity/archives/{{archive_id}}": STAFF_OF_NOTHING,
    f"POST /api/v1{ASSIGNMENT}/similarity/archives/{{archive_id}}/works": STAFF_OF_NOTHING,
    "GET /": SIGNED_IN,
    "GET /sign-in": EVERYBODY,
    "POST /sign-in": EVERYBODY,
    "POST /sign-out": ALWAYS_SIGN_IN,
    "POST /language": EVERYBODY,
    "GET /tokens": SIGNED_IN,
    "POST /tokens": SIGNED_IN,
    "POST /tokens/{token_id}/revoke": OWNER_ONLY,
    f"GET {COURSE}": MEMBERS,
    f"GET {COURSE}/audit": STAFF,
    f"GET {ASSIGNMENT}": MEMBERS,
    f"GET {ASSIGNMENT}/submissions": MEMBERS,
    f"POST {ASSIGNMENT}/submissions": MEMBERS,
    f"GET {ASSIGNMENT}/leaderboard": MEMBERS,
    f"GET {ASSIGNMENT}/leaderboard/live": MEMBERS,
    f"GET {ASSIGNMENT}/leaderboard/points": STAFF,
    f"POST {ASSIGNMENT}/leaderboard/release": STAFF,
    f"POST {ASSIGNMENT}/leaderboard/withdraw": STAFF,
    f"GET {ASSIGNMENT}/team": MEMBERS,
    f"POST {ASSIGNMENT}/team": MEMBERS_ALONE,
    f"POST {ASSIGNMENT}/team/invitations": MEMBERS_ALONE,
    f"POST {ASSIGNMENT}/team/invitations/withdraw": MEMBERS_ALONE,
    f"POST {ASSIGNMENT}/team/accept": MEMBERS_ALONE,
    f"POST {ASSIGNMENT}/team/decline": MEMBERS_ALONE,
    f"POST {ASSIGNMENT}/team/leave": MEMBERS_ALONE,
    f"POST {ASSIGNMENT}/team/{{team_id}}/members": STAFF_OF_NOTHING,
    f"POST {ASSIGNMENT}/team/{{team_id}}/members/remove": STAFF_OF_NOTHING,
    f"POST {ASSIGNMENT}/team/{{team_id}}/rename": STAFF_OF_NOTHING,
    f"POST {ASSIGNMENT}/team/{{team_id}}/dissolve": STAFF_OF_NOTHING,
    f"GET {ASSIGNMENT}/similarity": STAFF,
    f"POST {ASSIGNMENT}/similarity": STAFF,
    f"GET {ASSIGNMENT}/similarity/state": STAFF,
    f"POST {ASSIGNMENT}/similarity/names": STAFF,
    f"GET {ASSIGNMENT}/similarity/graph": STAFF,
    f"GET {ASSIGNMENT}/similarity/pairs/{{pair_id}}": STAFF_OF_NOTHING,
    f"POST {ASSIGNMENT}/similarity/pairs/{{pair_id}}/review": STAFF_OF_NOTHING,
    f"GET {ASSIGNMENT}/students": STAFF,
    f"GET {ASSIGNMENT}/starter": MEMBERS,
    "GET /submissions/{submission_id}": OWNER_AND_STAFF,
    "GET /submissions/{submission_id}/live": OWNER_AND_STAFF,
    **HONEST,
    **DEADLINES,
    **IN_CLASS,
    **BY_HAND,
    **ROSTER,
    **GRADES,
    **QUESTIONS,
    **REGRADES,
    "POST /submissions/{submission_id}/rerun": STAFF_OF_VISIBLE,
    "POST /submissions/{submission_id}/choice": OWNER_AND_STAFF,
    "POST /submissions/{submission_id}/choice/withdraw": OWNER_AND_STAFF,
    **ANNOUNCED,
    # cases
    f"GET /api/v1{COURSE}/cases": STAFF,
    f"POST /api/v1{COURSE}/cases": STAFF,
    f"GET /api/v1{COURSE}/cases/own": MEMBERS,
    f"GET /api/v1{CASE}": STAFF,
    f"GET /api/v1{CASE}/export": STAFF,
    f"POST /api/v1{CASE}/exhibits": STAFF,
    f"GET /api/v1{CASE}/own": OWNER_ONLY,
    f"POST /api/v1{CASE}/own/statements": OWNER_ONLY,
    f"POST /api/v1{CASE}/parties/{{party_id}}/tell": STAFF,
    f"POST /api/v1{CASE}/parties/{{party_id}}/verdict": STAFF,
    f"POST /api/v1{CASE}/parties/{{party_id}}/second": STAFF,
    f"POST /api/v1{CASE}/parties/{{party_id}}/send-back": STAFF,
    f"GET {COURSE}/cases": MEMBERS,
    f"GET {COURSE}/cases/new": STAFF,
    f"POST {COURSE}/cases/new": STAFF,
    f"GET {CASE}": OWNER_AND_STAFF,
    f"GET {CASE}/export": STAFF,
    f"POST {CASE}/exhibits": STAFF,
    f"POST {CASE}/statement": OWNER_ONLY,
    f"POST {CASE}/parties/{{party_id}}/tell": STAFF,
    f"POST {CASE}/parties/{{party_id}}/verdict": STAFF,
    f"POST {CASE}/parties/{{party_id}}/second": STAFF,
    f"POST {CASE}/parties/{{party_id}}/send-back": STAFF,
}
NOT_OURS = {"/api/v1/openapi.json", "/static"}  # the framework's own, the same for everybody


def routes_of(app: FastAPI) -> set[str]:
    """Every method and path that anybody can call, from the app itself."""
    return {f"{method} {route.path}" for route in api_routes(app.routes) for method in route.methods}


def api_routes(routes: list) -> list[APIRoute]:
    found = [route for route in routes if isinstance(route, APIRoute)]
    for route in routes:
        nested = getattr(route, "original_router", None)
        found += api_routes(nested.routes) if nested is not None else []
    return found


@dataclass(frozen=True)
class Scene:
    """Everybody there is, and what they ask for."""

    clients: dict[str, TestClient]
    values: dict[str, object]


@pytest.fixture(autouse=True)
def short_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """A board's events go on for minutes; here it is enough that they begin."""
    monkeypatch.setattr(events, "LIFETIME_S", 0.0)


@pytest.fixture
def scene(
    client_as: Callable[[User], TestClient], app_client: TestClient, course: Course, assignment: Assignment,
    make_member: Callable[..., User], make_course: Callable[..., Course], hand_in: Callable[..., Submission],
    grade: Callable[..., object],
) -> Scene:  # fmt: skip
    elsewhere = make_course("cv-2026")
    people = {
        "owner": make_member("owner"),
        "classmate": make_member("classmate"),
        "own_ta": make_member("own-ta", Role.ta),
        "instructor": make_member("instructor", Role.instructor),
        "other_ta": make_member("other-ta", Role.ta, of=elsewhere),
    }
    clients = {name: client_as(person) for name, person in people.items()}
    submission = hand_in(assignment, people["owner"])
    run = grade(submission)
    case = ask_about(submission, people["own_ta"])
    token_id = clients["owner"].get("/api/v1/tokens").json()[0]["id"]
    values = {
        "course": course.slug,
        "assignment": assignment.slug,
        "submission_id": submission.id,
        "run_id": run.id,
        "token_id": token_id,
        "team_id": 999_999,
        "pair_id": 999_999,
        "archive_id": 999_999,
        "login": "owner",
        "key": "tiny",
        "case_id": case.id,
        "party_id": case.parties[0].id,
        "check_id": 999_999,
        "draw_id": 999_999,
        "draft_id": 999_999,
        "channel_id": 999_999,
        "delivery_id": 999_999,
        "announcement_id": announce(course, people["own_ta"]),
        "extension_id": 999_999,
        "roll_call_id": 999_999,
        "leave_id": 999_999,
        "note_id": 999_999,
        "question": "none-such",
        "item_id": 999_999,
        "comment_id": 999_999,
        "file_id": 999_999,
        "section_id": 999_999,
        "identity_id": 999_999,
        "platform_id": 999_999,
        "request_id": 999_999,
        "preview_id": 999_999,
        "token": "none-such",
        "name": "none.pdf",
    }
    return Scene(clients={**clients, "nobody": TestClient(app_client.app, base_url="http://gradus.test")}, values=values)


def announce(course: Course, staff: User) -> int:
    with session_factory.begin() as session:
        known = {"course": session.get_one(Course, course.id), "by": session.get_one(User, staff.id)}
        return announcements.publish(session, **known, title="Hello", text="Welcome.", now=current_time(session)).id


def ask_about(submission: Submission, staff: User) -> Case:
    """A case of which the owner is told."""
    with session_factory.begin() as session:
        work, now = session.get_one(Submission, submission.id), current_time(session)
        by = session.get_one(User, staff.id)
        content = {"left": {"files": [], "declared": []}, "right": None, "evidence": None, "facts": [], "similarity": None}
        content["left"] |= {
            "student": work.author_id,
            "login": "owner",
            "name": "Owner",
            "attempt": 1,
            "received_at": None,
            "archive": None,
        }
        exhibits = [cases.NewExhibit(work, None, content)]
        known = {"assignment": work.assignment, "opened_by": by, "reason": "to be asked", "logins": ["owner"]}
        case = cases.open_case(session, **known, exhibits=exhibits, now=now)
        version, until = case.parties[0].version, now + timedelta(days=7)
        cases.tell(session, party=case.parties[0], staff=by, message="What is this?", heard_until=until, version=version, now=now)
        return case


def ask(client: TestClient, rule: str, values: dict[str, object]):
    method, path = rule.split(" ", 1)
    return client.request(method, path.format(**values), follow_redirects=False)


def verdict(answer) -> str:
    to_sign_in = answer.status_code in (302, 303, 307) and "/sign-in" in answer.headers["location"]
    if to_sign_in or answer.status_code == 401:
        return "sign_in"
    return {404: "hidden", 403: "staff_only"}.get(answer.status_code, "yes")


@pytest.fixture(scope="module")
def any_app(database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    data = tmp_path_factory.mktemp("data")
    return create_app(Settings(database_url=database_url, redis_url=redis_url, data=data, secret="test secret"))


def test_every_route_has_a_rule_and_every_rule_a_route(any_app: FastAPI) -> None:
    assert routes_of(any_app) == set(RULES)
    assert {route.path for route in any_app.routes if hasattr(route, "path")} == NOT_OURS


@pytest.mark.parametrize("route", RULES)
def test_everybody_gets_exactly_what_they_may(scene: Scene, route: str) -> None:
    viewers = sorted(VIEWERS, key=lambda viewer: viewer == "owner")  # the owner last: some requests change things
    seen = {viewer: verdict(ask(scene.clients[viewer], route, scene.values)) for viewer in viewers}
    assert seen == RULES[route]._asdict()


@pytest.mark.parametrize("route", [route for route, rule in RULES.items() if "hidden" in rule])
def test_what_is_not_yours_looks_like_what_is_not_there(scene: Scene, route: str) -> None:
    missing = {
        "course": "none-such",
        "assignment": "none-such",
        "submission_id": 999_999,
        "run_id": 999_999,
        "token_id": 999_999,
        "team_id": 999_999,
        "pair_id": 999_999,
        "archive_id": 999_999,
        "login": "owner",
        "key": "tiny",
        "case_id": 999_999,
        "party_id": 999_999,
        "check_id": 999_999,
        "draw_id": 999_999,
        "draft_id": 999_999,
        "channel_id": 999_999,
        "delivery_id": 999_999,
        "announcement_id": 999_999,
        "extension_id": 999_999,
        "roll_call_id": 999_999,
        "leave_id": 999_999,
        "note_id": 999_999,
        "question": "none-such",
        "item_id": 999_999,
        "comment_id": 999_999,
        "file_id": 999_999,
        "section_id": 999_999,
        "identity_id": 999_999,
        "platform_id": 999_999,
        "request_id": 999_999,
        "preview_id": 999_999,
        "token": "none-such",
        "name": "none.pdf",
    }
    viewer = VIEWERS[RULES[route].index("hidden")]
    yours, nobodys = (ask(scene.clients[viewer], route, values) for values in (scene.values, missing))
    assert nobodys.status_code == yours.status_code == 404
    if route.split()[1].startswith("/api/"):
        assert yours.json() | {"instance": ""} == nobodys.json() | {"instance": ""}


def test_a_student_who_guesses_sees_the_same_as_one_who_does_not(scene: Scene) -> None:
    assert (
        ask(scene.clients["classmate"], "GET /api/v1/submissions/{submission_id}", {"submission_id": 999_999}).status_code == 404
    )


def test_one_of_a_courses_staff_sees_everyones_history(scene: Scene) -> None:
    answer = scene.clients["own_ta"].get("/api/v1/courses/dl-2026/assignments/tiny/submissions", params={"everyone": "true"})
    assert [row["author"] for row in answer.json()] == ["owner"]
