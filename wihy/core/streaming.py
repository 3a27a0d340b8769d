"""Downloads of any length with flat memory: CSV (RFC 4180) and NDJSON, row by row."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from itertools import chain
from typing import Any

import orjson
from flask import Response, stream_with_context

# a spreadsheet runs a cell that begins so as a formula, full-width signs too (OWASP, CSV injection)
RUN_BY_SPREADSHEETS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)


def csv_download(filename: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Return a download of `rows` (each as long as `head`), with cells a spreadsheet would run defused by `'`."""
    return _download(_csv_lines(head, rows), "text/csv; charset=utf-8", filename)


def ndjson_download(filename: str, rows: Iterable[Mapping[str, Any]]) -> Response:
    """Return a download of `rows`, one JSON object a line."""
    lines = (orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
    return _download(lines, "application/x-ndjson", filename)


def _download(lines: Iterator[bytes], kind: str, filename: str) -> Response:
    first = next(lines, b"")  # read before the answer begins: an outage can still be told as one
    response = Response(stream_with_context(chain((first,), lines)), content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _csv_lines(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([_defused(cell) for cell in row])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    if buffer.tell():
        yield buffer.getvalue().encode()


def _defused(cell: Any) -> Any:
    return "'" + cell if isinstance(cell, str) and cell.startswith(RUN_BY_SPREADSHEETS) else cell
