"""Runs a Python file of an author's that has no package, once for each state of it. Without torch: pages do this, too."""

import hashlib
import importlib.util
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType


class NotImportable(Exception):
    """The file is missing, or raised while it was imported; the message says what an author needs."""


def author_module(path: Path) -> ModuleType:
    """The file as a module, run again only after it has changed. Raises NotImportable."""
    try:
        seen = path.stat()
    except OSError as error:
        raise NotImportable("is missing") from error
    return _module(path, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=64)
def _module(path: Path, changed: int, size: int) -> ModuleType:
    name = f"gradus_authored_{hashlib.sha256(f'{path} {changed}-{size}'.encode()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses of the file look themselves up
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise NotImportable(f"cannot be imported: {type(error).__name__}: {error}") from error
    return module
