"""Reads a file of predictions. Loaded inside the sandbox, in the place of a student's module: the file is a stranger's.

What leaves is plain text, row by row; what it means is for the judge to say.
"""

import csv
import io
import itertools

MAGIC = b"PAR1"  # with which a Parquet file begins and ends


class UnreadableFile(Exception):
    pass


def read(name, data, wanted, most_rows):
    """The columns that there are and, of the two that are wanted, the cells as text; None where one of them is missing.

    wanted: names of columns.    most_rows: of which no more are read than one above.
    """
    columns, rows = table(name, data, wanted, most_rows + 1)
    return {"columns": columns[:50], "rows": rows}


def table(name, data, wanted, most):
    return (_parquet if name.endswith(".parquet") else _csv)(data, wanted, most)


def _csv(data, wanted, most):
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"it is not UTF-8 (byte {error.start})") from None
    try:
        lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        columns = [name.strip() for name in next(lines, [])]
        if not set(wanted) <= set(columns):
            return columns, None
        places = [columns.index(name) for name in wanted]
        filled = (line for line in lines if line)
        return columns, [[line[p].strip() if p < len(line) else "" for p in places] for line in itertools.islice(filled, most)]
    except csv.Error as error:
        raise UnreadableFile(f"line {lines.line_num}: {error}") from None


def _parquet(data, wanted, most):
    from arro3.io import read_parquet

    if len(data) < 3 * len(MAGIC) or not (data.startswith(MAGIC) and data.endswith(MAGIC)):
        raise UnreadableFile("it is no Parquet file, or only a part of one")
    try:
        batches = read_parquet(io.BytesIO(data))
        columns = list(batches.schema.names)
        if not set(wanted) <= set(columns):
            return columns, None
        rows = []
        for batch in batches:
            cells = [[_text(cell.as_py()) for cell in batch.column(name)] for name in wanted]
            rows += [list(row) for row in zip(*cells, strict=True)]
            if len(rows) >= most:
                break
        return columns, rows[:most]
    except (KeyboardInterrupt, SystemExit):
        raise
    except (ValueError, TypeError, OSError, RuntimeError) as error:
        raise UnreadableFile(str(error)[:200]) from None
    except BaseException as error:  # the library has kinds of its own for what is no Parquet, and its panics are no Exception
        raise UnreadableFile(f"{type(error).__name__}: {error}"[:200]) from None


def _text(value):
    return "" if value is None else str(value)
