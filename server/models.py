"""Every table, imported in one place, so that mappers and migrations know them all."""

from server.accounts.models import ApiToken, SignInFailure, User, WebSession
from server.assignments.models import Assignment, Counts
from server.audit import AuditLine
from server.courses.models import BoardNames, Course, Enrollment, Role, Section
from server.database import Base
from server.grading.models import Choice, DeviceState, GpuDevice, Measurement, Run
from server.outbox import Message
from server.submissions.models import Blob, FileKind, Job, Queue, State, Submission, SubmissionFile
from server.teams.models import Team, TeamMember

__all__ = [
    "ApiToken", "Assignment", "AuditLine", "Base", "Blob", "BoardNames", "Choice", "Counts", "Course", "DeviceState",
    "Enrollment",
    "FileKind", "GpuDevice", "Job", "Measurement", "Message", "Queue", "Role", "Run", "Section", "SignInFailure", "State",
    "Submission", "SubmissionFile", "Team", "TeamMember", "User", "WebSession",
]  # fmt: skip
