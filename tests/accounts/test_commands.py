"""Managing accounts from the terminal."""

import re

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.browsers import is_signed_in, signed_in_again
from tests.conftest import PASSWORD, add_user, signed_in
from wihy.accounts.commands import keys, users


def run(app: Flask, line: str, answers: str = "") -> Result:
    group, *arguments = line.split()
    return app.test_cli_runner().invoke({"users": users, "keys": keys}[group], arguments, input=answers)


def test_create_prints_the_password_it_made(app: Flask) -> None:
    done = run(app, "users create Eve@Example.org --role admin")
    assert done.exit_code == 0, done.output
    password = re.search(r"Password: (\S{16})\n", done.output)
    assert password
    browser = signed_in_again(app, "eve@example.org", password[1])
    assert browser.get("/api/auth/me").json["user"]["role"] == "admin"


def test_create_with_a_given_password_prints_none(app: Flask) -> None:
    done = run(app, "users create eve@example.org --password chosen-by-eve")
    assert "chosen-by-eve" not in done.output
    assert "Password:" not in done.output
    asked = run(app, "users create joe@example.org --prompt", "chosen-by-joe\nchosen-by-joe\n")
    assert "chosen-by-joe" not in asked.output
    signed_in_again(app, "eve@example.org", "chosen-by-eve")
    browser = signed_in_again(app, "joe@example.org", "chosen-by-joe")
    assert browser.get("/api/auth/me").json["user"]["role"] == "viewer"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("users create nobody", "write an e-mail address"),
        ("users create eve@example.org --password short", "too short"),
        ("users create eve@example.org --role boss", "boss"),
        ("users create ada@example.org", "Another account has this e-mail"),
        ("users set-password nobody@example.org", "there is no user nobody@example.org"),
        ("users deactivate nobody@example.org", "there is no user nobody@example.org"),
        ("users deactivate ada@example.org", "last active admin"),
        ("keys create Importer", "--scope"),
        ("keys create Importer --scope everything", "everything"),
        ("keys revoke 01a1f801-0000-7000-8000-000000000000", "there is no such key"),
        ("keys revoke x", "x"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(app: Flask, line: str, told: str) -> None:
    add_user(app, "ada@example.org", "admin")
    done = run(app, line)
    assert done.exit_code != 0
    assert told in done.output
    assert "Traceback" not in done.output


def test_set_password_ends_sessions(app: Flask, vera: FlaskClient) -> None:
    done = run(app, "users set-password vera@example.org --password chosen-anew")
    assert done.exit_code == 0, done.output
    assert not is_signed_in(vera)
    signed_in_again(app, "vera@example.org", "chosen-anew")


def test_deactivate_ends_sessions(app: Flask, vera: FlaskClient) -> None:
    assert run(app, "users deactivate vera@example.org").exit_code == 0
    assert not is_signed_in(vera)
    assert "vera@example.org\tviewer\tdeactivated" in run(app, "users list").output


def test_list(app: Flask) -> None:
    add_user(app, "ada@example.org", "admin")
    add_user(app, "vera@example.org", permissions=("links:write",))
    signed_in(app, "ada@example.org")
    ada, vera = run(app, "users list").output.splitlines()
    assert re.fullmatch(r"ada@example.org\tadmin\tactive\t\d{4}-\S+Z", ada)
    assert vera == "vera@example.org\tviewer\tactive\tnever signed in\tlinks:write"
    assert PASSWORD not in ada


def test_keys(app: Flask, ada: FlaskClient) -> None:
    made = run(app, "keys create Importer --scope capture --scope stats:read").output.strip()
    assert re.fullmatch(r"wihy_[A-Za-z0-9_-]{43}", made)
    key = ada.get("/api/keys").json["keys"][0]
    assert (key["name"], key["createdBy"]) == ("Importer", None)
    listed = run(app, "keys list").output
    assert listed == f"{key['id']}\tImporter\tactive\tnever used\tcapture,stats:read\n"
    assert run(app, f"keys revoke {key['id']}").output == "Revoked Importer.\n"
    assert "\trevoked\t" in run(app, "keys list").output
