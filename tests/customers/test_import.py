"""`records import`: good lines are stored, each bad one is named with its reason."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from tests.conftest import add_customer
from wihy.core.database import db
from wihy.customers.commands import records
from wihy.customers.models import RecordKind, ServiceRecord
from wihy.customers.queries import find_record

HEAD = "kind,id,customerId,status,details"


@pytest.fixture
def file(app: Flask, tmp_path: Path) -> Path:
    """A file to be written; customers 7 and 8 are known."""
    add_customer(app, 7)
    add_customer(app, 8)
    return tmp_path / "records.csv"


def run(app: Flask, file: Path, *options: str) -> Result:
    return app.test_cli_runner().invoke(records, ["import", str(file), *options])


def stored(app: Flask, kind: RecordKind, number: int) -> tuple[int | None, str | None, object] | None:
    with app.app_context():
        record = find_record(kind, number)
        return record and (record.customer_id, record.status, record.details)


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(ServiceRecord)) or 0


def test_csv(app: Flask, file: Path) -> None:
    details = '"{""from"": ""Main St"",\n ""to"": ""Elm St""}"'
    file.write_text(f'{HEAD}\nride,1,7,completed,{details}\n\ntable,2,,,\n"order",3,8,,{{}}\n')
    done = run(app, file)
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "Stored 3 records: 3 new, 0 changed.")
    assert stored(app, RecordKind.RIDE, 1) == (7, "completed", {"from": "Main St", "to": "Elm St"})
    assert stored(app, RecordKind.TABLE, 2) == (None, None, {})


def test_columns_come_in_any_order_and_some_may_be_missing(app: Flask, file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbfid, customerId, kind\r\n1,7,ride\r\n")
    assert run(app, file).exit_code == 0
    assert stored(app, RecordKind.RIDE, 1) == (7, None, {})


def test_ndjson(app: Flask, file: Path) -> None:
    lines = [
        {"kind": "ride", "id": 1, "customerId": 7, "details": {"a": [1]}},
        {"kind": "menu_item", "id": 2, "status": "sold out"},
    ]
    for suffix in (".ndjson", ".JSONL"):
        path = file.with_suffix(suffix)
        path.write_text("\n".join(map(json.dumps, lines)) + "\n\n")
        assert run(app, path).exit_code == 0
    assert stored(app, RecordKind.RIDE, 1) == (7, None, {"a": [1]})
    assert stored(app, RecordKind.MENU_ITEM, 2) == (None, "sold out", {})


def test_bad_lines_are_named_and_good_ones_stored(app: Flask, file: Path) -> None:
    file.write_bytes(
        f"{HEAD}\nride,1,7,,\nbicycle,2,7,,\nride,0,7,,\nride,3,9,,\nride,4,,,\nride,5,7\nride,6,7,,[]\n"
        f"ride,7,7,,{{\nride,8,7,".encode()
        + b"\xff,\nride,9,7,a\0b,\nride,10,7,ok,"
        + b"\n"
    )
    done = run(app, file)
    assert done.exit_code == 1
    told = [line.strip() for line in done.output.splitlines() if line.startswith("  line ")]
    assert [line.split(":")[0] for line in told] == [f"line {number}" for number in range(3, 12)]
    assert told[2] == "line 5: customerId: there is no such customer"
    assert told[3] == "line 6: customerId: name the customer whose it is"
    assert told[4] == "line 7: 3 cells instead of 5"
    assert told[6] == "line 9: details: this is no JSON"
    assert "Stored 2 records: 2 new, 0 changed." in done.output
    assert stored(app, RecordKind.RIDE, 10) == (7, "ok", {})


def test_bad_lines_of_json_are_named(app: Flask, file: Path) -> None:
    path = file.with_suffix(".ndjson")
    path.write_bytes(b'{"kind": "ride", "id": 1, "customerId": 7}\n{\n[]\n1\n"\xff"\n{"kind": "ride"}\n')
    done = run(app, path)
    assert [f"line {number}:" in done.output for number in range(1, 7)] == [False] + [True] * 5
    assert count(app) == 1


def test_all_refused_lines_are_written_where_asked(app: Flask, file: Path, tmp_path: Path) -> None:
    file.write_text(HEAD + "\nbicycle,1,7,," * 30)
    assert "and 10 more" in run(app, file).output
    report = tmp_path / "refused.csv"
    assert "and 10 more" not in run(app, file, "--refused", str(report)).output
    with report.open(newline="") as written:
        rows = list(csv.reader(written))
    assert rows[0] == ["line", "reason"]
    assert [row[0] for row in rows[1:]] == [str(number) for number in range(2, 32)]


def test_of_lines_with_one_name_the_last_counts(app: Flask, file: Path) -> None:
    file.write_text(f"{HEAD}\nride,1,7,begun,{{}}\nride,1,8,,\nride,1,,ended,\n")
    assert "Stored 3 records: 1 new, 2 changed." in run(app, file).output
    assert stored(app, RecordKind.RIDE, 1) == (8, "ended", {})


def test_many_lines_and_again(app: Flask, file: Path) -> None:
    lines = "".join(f"ride,{number},{7 + number % 3},,\n" for number in range(1, 2_501))
    file.write_text(f"{HEAD}\n{lines}")
    assert "Stored 1,667 records: 1,667 new, 0 changed." in run(app, file).output
    assert "Stored 1,667 records: 0 new, 1,667 changed." in run(app, file).output
    assert count(app) == 1_667


@pytest.mark.parametrize(
    "text",
    ["", "\n", "ride,1,7,,\n", "kind,id,colour\n", "kind\n", "kind,id,id\n", "kind,id," + "x" * 200_000],
)
def test_a_file_without_a_head_is_refused(app: Flask, file: Path, text: str) -> None:
    file.write_text(text)
    done = run(app, file)
    assert done.exit_code == 1
    assert "the first line" in done.output


def test_other_files_are_refused(app: Flask, file: Path) -> None:
    path = file.with_suffix(".xlsx")
    path.touch()
    assert ".csv, .ndjson" in run(app, path).output
    assert run(app, file.with_name("none.csv")).exit_code == 2
