"""Every table, imported in one place, so that mappers and migrations know them all."""

from server.accounts.models import ApiToken, SignInFailure, User, WebSession
from server.announcements.models import Announcement, OwnDraft, Reader, Revision
from server.assignments.models import Assignment, Counts
from server.audit import AuditLine
from server.cases.models import Case, Event, EventKind, Exhibit, Party, PointChange, Verdict
from server.channels.models import Channel, Delivery, Occasion, Sending
from server.courses.models import Asking, BoardNames, Course, Enrollment, Role, Section
from server.database import Base
from server.declarations.models import Declaration, SourceKind
from server.grading.models import Choice, DeviceState, GpuDevice, Measurement, Run
from server.outbox import Message
from server.similarity.models import (
    Archive,
    ArchivedWork,
    ArchiveKind,
    Comparison,
    ComparisonState,
    Opinion,
    Review,
    SimilarPair,
    StoredFingerprint,
)
from server.spotchecks.models import Draw, Impression, SpotCheck
from server.submissions.models import Blob, FileKind, Job, Queue, State, Submission, SubmissionFile
from server.teams.models import Team, TeamMember

__all__ = [
    "Announcement", "ApiToken", "Archive", "ArchiveKind", "ArchivedWork", "Asking", "Assignment", "AuditLine", "Base", "Blob",
    "BoardNames", "Case", "Channel", "Choice", "Comparison", "ComparisonState", "Counts", "Course", "Declaration", "Delivery",
    "DeviceState", "Draw", "Enrollment", "Event", "EventKind", "Exhibit", "FileKind", "GpuDevice", "Impression", "Job",
    "Measurement", "Message", "Occasion", "Opinion", "OwnDraft", "Party", "PointChange", "Queue", "Reader", "Review",
    "Revision", "Role", "Run", "Section", "Sending", "SignInFailure", "SimilarPair", "SourceKind", "SpotCheck", "State",
    "StoredFingerprint", "Submission", "SubmissionFile", "Team", "TeamMember", "User", "Verdict", "WebSession",
]  # fmt: skip
