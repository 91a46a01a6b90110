"""From a multipart form to Python sources. Whatever is wrong with the files is said before anything is stored."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, File, UploadFile

from grader.spec import Manifest
from server.assignments import service as assignments
from server.assignments.access import VisibleAssignment
from server.settings import SettingsDep
from server.submissions.rules import UnusableUpload
from server.submissions.service import Upload

MAX_FILES = 50
MAX_NAME = 200


def read_upload(files: Annotated[list[UploadFile], File()], assignment: VisibleAssignment, settings: SettingsDep) -> Upload:
    """The form's `files`; their total size is capped by the body limit before this runs."""
    if len(files) > MAX_FILES:
        raise UnusableUpload(f"At most {MAX_FILES} files, please.", f"最多上传 {MAX_FILES} 个文件。")
    uploaded: dict[str, bytes] = {}
    for file in files:
        name = check_name(file.filename or "")
        if name in uploaded:
            raise UnusableUpload(f"Two files are called {name}.", f"有两个文件都叫 {name}。")
        uploaded[name] = file.file.read()
    manifest = assignments.manifest_of(assignment, root=settings.assignments)
    return Upload(uploaded=uploaded, collected=collect_sources(uploaded, manifest))


def check_name(name: str) -> str:
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise UnusableUpload("A file has an empty, very long or unprintable name.", "有文件的名称为空、过长或含不可见字符。")
    return name


def collect_sources(uploaded: Mapping[str, bytes], manifest: Manifest) -> Mapping[str, bytes]:
    """Python sources, or the table where predictions are wanted."""
    from grader.collect import BadSubmission
    from grader.competition.uploads import collect_for

    try:
        return collect_for(manifest, uploaded)
    except BadSubmission as error:
        raise UnusableUpload(error.message.en, error.message.zh) from error


ParsedUpload = Annotated[Upload, Depends(read_upload, scope="function")]
