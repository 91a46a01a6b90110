"""What LibreOffice reads in our files, beside what the API says."""

import csv
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

AS_VALUES = "44,34,76,1,,0,false,true,false,false,false,-1"  # comma, quotes, UTF-8, the numbers themselves, every sheet
CENT = Decimal("0.01")
Rows = Sequence[Mapping[str, str]]


def find_office() -> str:
    """Where there is none, the test is skipped, unless GRADUS_REQUIRE names `office`."""
    found = shutil.which("soffice")
    if found is None and "office" in os.environ.get("GRADUS_REQUIRE", ""):
        pytest.fail("LibreOffice is required here, and there is no soffice.")
    if found is None:
        pytest.skip("LibreOffice is not installed: soffice is not on the PATH.")
    return found


def opened(office: str, file: Path, folder: Path) -> dict[str, Rows]:
    """By sheet (a CSV has one, under its own name), the rows as LibreOffice has understood them."""
    known = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    out = folder / f"from-{file.suffix[1:]}"
    reads = ["--infilter=CSV:44,34,76,1"] if file.suffix == ".csv" else []
    writes = ["--convert-to", f"csv:Text - txt - csv (StarCalc):{AS_VALUES}", "--outdir", str(out)]
    told = subprocess.run([office, "--headless", known, *reads, *writes, str(file)], capture_output=True, text=True, timeout=300)
    written = sorted(out.glob("*.csv"))
    assert written, told.stdout + told.stderr
    return {path.stem.removeprefix(f"{file.stem}-"): list(read(path)) for path in written}


def read(path: Path) -> Iterable[Mapping[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def differences(rows: Rows, told: Mapping[str, Any]) -> tuple[int, list[str]]:
    """How many figures and words were compared, and where a table of grades says anything but the API. told: its JSON."""
    by_login = {row["login"]: row for row in rows}
    columns = {each["key"]: next(head for head in rows[0] if is_head_of(head, each)) for each in told["columns"]}
    found, compared = [], 0
    for sheet in told["students"]:
        row, grade = by_login[sheet["login"]], sheet["grade"]
        expected = {columns[key]: shown_as(cell, told, key) for key, cell in sheet["cells"].items()}
        expected |= {"grade so far": number(grade["so_far"]), "lowest": number(grade["lowest"])}
        expected |= {"highest": number(grade["highest"]), "line": sheet["line"] or "", "section": sheet["section"] or ""}
        found += [
            f"{sheet['login']}: {head}: {row[head]!r}, not {value!r}" for head, value in expected.items() if row[head] != value
        ]
        compared += len(expected)
    return compared, found


def origins_differing(rows: Rows, told: Mapping[str, Any]) -> tuple[int, list[str]]:
    """The same of the sheet that says of each cell where it comes from."""
    cells = {(row["login"], row["column"]): row for row in rows}
    found, compared = [], 0
    for sheet in told["students"]:
        for key, cell in sheet["cells"].items():
            expected = {"points": number(cell["points"]), "change": number(cell["change"])}
            expected |= {"standing": cell["standing"], "source": cell["source"]}
            row = cells[sheet["login"], key]
            found += [
                f"{sheet['login']} {key}: {row[head]!r}, not {value!r}" for head, value in expected.items() if row[head] != value
            ]
            compared += len(expected)
    return compared, found


def said_otherwise(who: str, row: Mapping[str, str], expected: Mapping[str, str]) -> list[str]:
    return [f"{who}: {head}: {row[head]!r}, not {value!r}" for head, value in expected.items() if row[head] != value]


def is_head_of(head: str, column: Mapping[str, Any]) -> bool:
    return head == f"{column['title']['en']} ({Decimal(column['full']).normalize():f})"


def shown_as(cell: Mapping[str, Any], told: Mapping[str, Any], key: str) -> str:
    """What a table of grades says of one cell of the API."""
    full = next(Decimal(each["full"]) for each in told["columns"] if each["key"] == key)
    words = {"missing": "0", "excused": "excused", "open": "", "scored": number(Decimal(cell["share"]) * full)}
    return words[cell["standing"]]


def number(value: Decimal | str | None) -> str:
    return "" if value is None else f"{Decimal(value).quantize(CENT).normalize():f}"
