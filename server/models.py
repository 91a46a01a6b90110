"""Every table, imported in one place, so that mappers and migrations know them all."""

from server.accounts.models import ApiToken, SignInFailure, User, WebSession
from server.announcements.models import Announcement, OwnDraft, Reader, Revision
from server.assignments.models import Assignment, Counts
from server.attendance.models import Leave, LeaveState, Presence, RollCall, Sighting, Source, WrongCode
from server.audit import AuditLine
from server.cases.models import Case, Event, EventKind, Exhibit, Party, PointChange, Verdict
from server.channels.models import Channel, Delivery, Occasion, Sending
from server.courses.models import Asking, BoardNames, Course, Enrollment, Invitation, Role, RosterFile, Section, Standing
from server.database import Base
from server.deadlines.models import AfterGrace, DateChange, Extension, LateKind, LatePolicy
from server.declarations.models import Declaration, SourceKind
from server.exams.models import (
    Exam,
    ExamNotice,
    ExamWindow,
    Grant,
    HandedInBy,
    Missed,
    MissedSave,
    Outage,
    Place,
    PlaceState,
    Pulse,
    SavedAnswer,
    SavedVersion,
    Sitting,
    SittingEvent,
    TimeGrant,
)
from server.gradebook.models import (
    ColumnKind,
    ColumnMark,
    Contact,
    ContactState,
    Gradebook,
    GradeCategory,
    GradeColumn,
    GradeLine,
    GradeOverride,
    MarkKind,
)
from server.grading.models import Choice, DeviceState, GpuDevice, Measurement, Run
from server.identities.models import Departure, Identity, LinkedBy, TurnedAway
from server.lti.models import LearningPlatform, ResourceLink, ReturnedScore, Returning, SigningKey
from server.marking.models import (
    GivenMark,
    LineComment,
    MarkedQuestion,
    MarkerShare,
    MarkingPlan,
    Publication,
    RubricItem,
    Scale,
)
from server.messages.models import PersonalMessage
from server.outbox import Message
from server.participation.models import (
    ColdCall,
    Contribution,
    InvitationState,
    Note,
    PointTable,
    Presentation,
    Reply,
    ShownAs,
)
from server.questions.models import AnswerDraft
from server.regrades.models import RegradePolicy, RegradeRequest, RegradeState, Remedy
from server.reruns.models import Preview, PreviewJob, PreviewJobState, PreviewReport, PreviewState
from server.returns.models import Return, ReturnPolicy
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
    "AfterGrace", "Announcement", "AnswerDraft", "ApiToken", "Archive", "ArchiveKind", "ArchivedWork", "Asking",
    "Assignment", "AuditLine", "Base", "Blob", "BoardNames", "Case", "Channel", "Choice", "ColdCall", "ColumnKind",
    "ColumnMark", "Comparison", "ComparisonState", "Contact", "ContactState", "Contribution", "Counts", "Course",
    "DateChange", "Declaration", "Delivery", "Departure", "DeviceState", "Draw", "Enrollment", "Event", "EventKind", "Exam",
    "ExamNotice", "ExamWindow", "Exhibit", "Extension", "FileKind", "GivenMark", "GpuDevice", "GradeCategory", "GradeColumn",
    "GradeLine", "GradeOverride", "Gradebook", "Grant", "HandedInBy", "Identity", "Impression", "Invitation",
    "InvitationState", "Job", "LateKind", "LatePolicy", "LearningPlatform", "Leave", "LeaveState", "LineComment", "LinkedBy",
    "MarkKind", "MarkedQuestion", "MarkerShare", "MarkingPlan", "Measurement", "Message", "Missed", "MissedSave", "Note",
    "Occasion", "Opinion", "Outage", "OwnDraft", "Party", "PersonalMessage", "Place", "PlaceState", "PointChange",
    "PointTable", "Presence", "Presentation", "Preview", "PreviewJob", "PreviewJobState", "PreviewReport", "PreviewState",
    "Publication", "Pulse", "Queue", "Reader", "RegradePolicy", "RegradeRequest", "RegradeState", "Remedy", "Reply",
    "ResourceLink", "Return", "ReturnPolicy", "ReturnedScore", "Returning", "Review", "Revision", "Role", "RollCall",
    "RosterFile", "RubricItem", "Run", "SavedAnswer", "SavedVersion", "Scale", "Section", "Sending", "ShownAs", "Sighting",
    "SignInFailure", "SigningKey", "SimilarPair", "Sitting", "SittingEvent", "Source", "SourceKind", "SpotCheck", "Standing",
    "State", "StoredFingerprint", "Submission", "SubmissionFile", "Team", "TeamMember", "TimeGrant", "TurnedAway", "User",
    "Verdict", "WebSession", "WrongCode",
]  # fmt: skip
