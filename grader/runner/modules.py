"""Imports a student's files from memory: they come last, so no file of theirs can stand in for a real module."""

import importlib.util
import io
import linecache
import sys
from collections.abc import Mapping
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType


class StudentFiles(MetaPathFinder, InspectLoader):
    """The student's sources as importable modules; their code carries the bare file name."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.loaded: set[str] = set()
        self.files = {name: data for name, data in files.items() if name.endswith(".py")}
        for name, data in self.files.items():
            text = data.decode("utf-8", "replace")
            linecache.cache[name] = (len(text), None, io.StringIO(text, newline=None).readlines(), name)

    def has(self, file: str) -> bool:
        return file in self.files

    def file_of(self, module: str) -> str | None:
        path = module.replace(".", "/")
        return next((file for file in (f"{path}.py", f"{path}/__init__.py") if file in self.files), None)

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        file = self.file_of(fullname)
        if file is None:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=file, is_package=file.endswith("__init__.py"))

    def get_source(self, fullname: str) -> str:
        return self._data(fullname).decode("utf-8", "replace")

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._data(fullname), self.file_of(fullname) or fullname, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        self.loaded.add(module.__name__)
        module.__file__ = self.file_of(module.__name__)
        exec(self.get_code(module.__name__), module.__dict__)

    def load(self, name: str) -> ModuleType:
        """Import the student's module, whatever else has that name."""
        sys.meta_path.append(self)
        spec = self.find_spec(name)
        if spec is None:
            raise ModuleNotFoundError(f"{name}.py is not among the submitted files", name=name)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        self.exec_module(module)
        return module

    def unload(self) -> None:
        """Forget every module that came from these files."""
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]
        for name in self.loaded:
            sys.modules.pop(name, None)
        self.loaded.clear()

    def _data(self, module: str) -> bytes:
        file = self.file_of(module)
        if file is None:
            raise ImportError(f"there is no {module}")
        return self.files[file]
