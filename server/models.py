"""Every table, imported in one place, so that mappers and migrations know them all."""

from server.accounts.models import ApiToken, SignInFailure, User, WebSession
from server.assignments.models import Assignment, Counts
from server.courses.models import Course, Enrollment, Role, Section
from server.database import Base
from server.grading.models import DeviceState, GpuDevice, Run
from server.outbox import Message
from server.submissions.models import Blob, FileKind, Job, Queue, State, Submission, SubmissionFile

__all__ = [
    "ApiToken", "Assignment", "Base", "Blob", "Counts", "Course", "DeviceState", "Enrollment", "FileKind", "GpuDevice", "Job",
    "Message", "Queue", "Role", "Run", "Section", "SignInFailure", "State", "Submission", "SubmissionFile", "User",
    "WebSession",
]  # fmt: skip
