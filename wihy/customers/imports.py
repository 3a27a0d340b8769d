"""Files of records: CSV with a head, or a JSON object a line. Every line is stored, or refused with a reason."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from wihy.core.database import transaction
from wihy.core.errors import problems
from wihy.customers.records import Judged, judge, write_all
from wihy.customers.schemas import NamedRecord

BATCH = 1_000
COLUMNS = ("kind", "id", "customerId", "status", "details")
NUMBERS = ("id", "customerId")
READ_AS = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}


class UnreadableFile(Exception):
    """The file is not one that can be imported; the text says why."""


class Refused(NamedTuple):
    """A line that was not stored, and why."""

    line: int
    reason: str


class Step(NamedTuple):
    """What became of some lines: how many were new and changed, which were refused; `bytes` of the file were read."""

    created: int
    changed: int
    refused: list[Refused]
    bytes: int


class _Line(NamedTuple):
    number: int
    record: NamedRecord


def import_file(path: Path) -> Iterator[Step]:
    """Store the records of a file, 1,000 lines in a transaction; of lines with the same name the last one counts.

    Raises `UnreadableFile`.
    """
    counter = _Counter(path)
    form = READ_AS.get(path.suffix.lower())
    if form is None:
        raise UnreadableFile(f"{path.name}: use a file that ends in .csv, .ndjson or .jsonl")
    batch: dict[Any, _Line] = {}
    refused: list[Refused] = []
    lines = _csv_lines(counter) if form == "csv" else _json_lines(counter)
    for number, read in lines:
        line = _read_line(number, read)
        if isinstance(line, Refused):
            refused.append(line)
        elif line.record.key in batch:  # what it leaves out stays, so the one before must be stored first
            yield _store(batch, refused, counter)
            batch, refused = {line.record.key: line}, []
        else:
            batch[line.record.key] = line
        if len(batch) + len(refused) >= BATCH:
            yield _store(batch, refused, counter)
            batch, refused = {}, []
    yield _store(batch, refused, counter)


class _Counter:
    """The lines of a file, and how many bytes were read since it was last asked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def __iter__(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            for line in file:
                self._read += len(line)
                yield line

    def take(self) -> int:
        read, self._read = self._read, 0
        return read


def _store(batch: dict[Any, _Line], refused: list[Refused], counter: _Counter) -> Step:
    lines = list(batch.values())
    judged = Judged([], 0, [])
    if lines:
        with transaction():
            judged = judge([line.record for line in lines])
            write_all(judged)
    refused += [Refused(lines[p.at].number, f"{p.field}: {p.message}") for p in judged.problems]
    return Step(len(judged.rows) - judged.known, judged.known, sorted(refused), counter.take())


def _read_line(number: int, read: Callable[[], NamedRecord]) -> _Line | Refused:
    try:
        return _Line(number, read())
    except ValidationError as error:
        told = [
            f"{one['field']}: {one['message']}" if one["field"] else one["message"] for one in problems(error)
        ]
        return Refused(number, "; ".join(told))
    except ValueError as error:
        return Refused(number, str(error))


def _json_lines(lines: _Counter) -> Iterator[tuple[int, Callable[[], NamedRecord]]]:
    for number, line in enumerate(lines, start=1):
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if text.strip():
            yield number, lambda text=text: NamedRecord.model_validate_json(text)  # type: ignore[misc]


def _csv_lines(lines: _Counter) -> Iterator[tuple[int, Callable[[], NamedRecord]]]:
    """Yield the rows below the head; what is no UTF-8 is refused by the model, cell by cell."""
    reader = csv.reader(line.decode("utf-8-sig", "surrogateescape") for line in lines)
    head = _head(reader)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, lambda error=error: _refuse(error)  # type: ignore[misc]
            continue
        if cells:
            yield number, lambda cells=cells: _record(head, cells)  # type: ignore[misc]


def _head(reader: Any) -> list[str]:
    try:
        head = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise UnreadableFile(f"the first line cannot be read: {error}") from None
    unknown = [name for name in head if name not in COLUMNS]
    if unknown or len(set(head)) < len(head) or not {"kind", "id"} <= set(head):
        raise UnreadableFile(f"the first line must name the columns, of these: {', '.join(COLUMNS)}")
    return head


def _refuse(error: csv.Error) -> NamedRecord:
    raise ValueError(str(error))


def _record(head: list[str], cells: list[str]) -> NamedRecord:
    """Return the row as a record: an empty cell is absent, `details` holds JSON."""
    if len(cells) != len(head):
        raise ValueError(f"{len(cells)} cells instead of {len(head)}")
    given: dict[str, Any] = {name: cell for name, cell in zip(head, cells, strict=True) if cell}
    for name in NUMBERS:
        text = given.get(name, "")
        if text.isascii() and text.isdecimal() and len(text) <= 10:
            given[name] = int(text)
    if "details" in given:
        try:
            given["details"] = json.loads(given["details"])
        except ValueError:
            raise ValueError("details: this is no JSON") from None
    return NamedRecord.model_validate(given)
