"""From a multipart form to Python sources. Whatever is wrong with the files is said before anything is stored."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import Depends, File, UploadFile

from grader.competition.uploads import collect_for
from grader.questions.answers import BadAnswers
from grader.questions.work import Work, collect_work
from grader.refusals import BadSubmission
from grader.spec import Manifest
from server.accounts.access import CurrentUser
from server.assignments import service as assignments
from server.assignments.access import VisibleAssignment
from server.assignments.variants import draw_paper_of
from server.settings import SettingsDep
from server.submissions.rules import UnusableAnswers, UnusableUpload
from server.submissions.service import Upload

MAX_FILES = 50
MAX_NAME = 200


def read_upload(
    files: Annotated[list[UploadFile], File()], assignment: VisibleAssignment, settings: SettingsDep, author: CurrentUser
) -> Upload:
    """The form's `files`, an answers.toml among them where questions are asked; the body limit has capped their size before."""
    manifest = assignments.manifest_of(assignment, root=settings.assignments)
    if not manifest.questions:
        return read_files(files, manifest)
    paper = draw_paper_of(assignment, manifest, user_id=author.id, settings=settings)
    return upload_of(lambda: collect_work(manifest, paper, read_named(files)))


def read_files(files: list[UploadFile], manifest: Manifest) -> Upload:
    """Of an assignment without questions."""
    uploaded = read_named(files)
    return Upload(uploaded=uploaded, collected=collect_sources(uploaded, manifest))


def upload_of(collect: Callable[[], Work]) -> Upload:
    """Raises UnusableAnswers, which knows the questions whose answers are to blame, or UnusableUpload."""
    try:
        work = collect()
    except BadAnswers as bad:
        raise UnusableAnswers(bad.problems, bad.message.en, bad.message.zh) from bad
    except BadSubmission as bad:
        raise UnusableUpload(bad.message.en, bad.message.zh) from bad
    return Upload(uploaded=work.uploaded, collected=work.code, handed_in=work.handed_in)


def read_named(files: list[UploadFile]) -> dict[str, bytes]:
    if len(files) > MAX_FILES:
        raise UnusableUpload(f"At most {MAX_FILES} files, please.", f"最多上传 {MAX_FILES} 个文件。")
    uploaded: dict[str, bytes] = {}
    for file in files:
        name = check_name(file.filename or "")
        if name in uploaded:
            raise UnusableUpload(f"Two files are called {name}.", f"有两个文件都叫 {name}。")
        uploaded[name] = file.file.read()
    return uploaded


def check_name(name: str) -> str:
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise UnusableUpload("A file has an empty, very long or unprintable name.", "有文件的名称为空、过长或含不可见字符。")
    return name


def collect_sources(uploaded: Mapping[str, bytes], manifest: Manifest) -> Mapping[str, bytes]:
    """Python sources, or the table where predictions are wanted."""
    try:
        return collect_for(manifest, uploaded)
    except BadSubmission as error:
        raise UnusableUpload(error.message.en, error.message.zh) from error


ParsedUpload = Annotated[Upload, Depends(read_upload, scope="function")]
