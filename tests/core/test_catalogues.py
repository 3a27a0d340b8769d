"""Catalogues: each language has each text, with the same values and its own plural forms; nothing is kept unused."""

import json
import re
from datetime import UTC, date, datetime
from itertools import product

import pytest
from babel import Locale
from flask import Flask

from config import ROOT
from wihy.core.texts import FOLDER, LANGUAGES, PLACE, Money, Text, catalogue, translate

MAILS = sorted(file.stem for file in ROOT.glob("templates/emails/*.txt"))
OTHERS = [language for language in LANGUAGES if language != "en"]
USED = re.compile(r"""\b(?:t|translate)\(\s*['"]([\w.]+)['"]""")


def used_keys() -> set[str]:
    """Return the keys that templates and code name, and those that a mail has by its name."""
    files = [*ROOT.glob("templates/**/*.*"), *ROOT.glob("wihy/**/*.py")]
    named = {key for file in files for key in USED.findall(file.read_text())}
    return named - {"key"} | {f"mail.{mail}.subject" for mail in MAILS}


def forms_of(text: Text) -> dict[str, str]:
    return {"": text} if isinstance(text, str) else dict(text)


def test_every_language_has_a_catalogue_and_no_other() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_missing_and_none_is_unused(language: str) -> None:
    assert set(catalogue(language)) == used_keys()


@pytest.mark.parametrize(("language", "key"), list(product(OTHERS, catalogue("en"))))
def test_every_language_takes_the_same_values(language: str, key: str) -> None:
    promised = {name for form in forms_of(catalogue("en")[key]).values() for name in PLACE.findall(form)}
    for form in forms_of(catalogue(language)[key]).values():
        assert set(PLACE.findall(form)) == promised


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_form_of_the_language_is_there(language: str) -> None:
    needed = {*Locale.parse(language).plural_form.tags, "other"}
    for key, text in catalogue(language).items():
        if not isinstance(text, str):
            assert set(text) == needed, key


@pytest.mark.parametrize(("language", "key"), list(product(OTHERS, catalogue("en"))))
def test_a_text_depends_on_a_number_in_all_languages_or_none(language: str, key: str) -> None:
    assert isinstance(catalogue(language)[key], str) == isinstance(catalogue("en")[key], str)


@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_stand_in_order_and_once(language: str) -> None:
    pairs: list[str] = []

    def note(found: list[tuple[str, object]]) -> dict[str, object]:
        pairs.extend(key for key, _ in found)
        return dict(found)

    text = (FOLDER / f"{language}.json").read_text("utf-8")
    keys = list(json.loads(text, object_pairs_hook=note))
    assert keys == sorted(keys)
    assert len([key for key in pairs if "." in key]) == len(keys)


@pytest.mark.parametrize(
    ("language", "count", "told"),
    [
        ("en", 1, "The link works once, within 1 minute."),
        ("en", 30, "The link works once, within 30 minutes."),
        ("fr", 0, "Le lien ne sert qu’une fois, dans un délai de 0 minute."),
        ("fr", 1_000_000, "Le lien ne sert qu’une fois, dans un délai de 1 000 000 de minutes."),
        ("es", 1, "El enlace sirve una sola vez, durante 1 minuto."),
        ("sw", 30, "Kiungo kinatumika mara moja tu, ndani ya dakika 30."),
        ("pt", 2, "The link works once, within 2 minutes."),
    ],
)
def test_plurals(language: str, count: int, told: str) -> None:
    text = translate("mail.password_reset.validity", language, count=count)
    assert re.sub(r"\s", " ", text) == told


@pytest.mark.parametrize(
    ("language", "value", "written"),
    [
        ("en", 1234.5, "1,234.5"),
        ("fr", 1234.5, "1 234,5"),
        ("es", 12345, "12.345"),
        ("en", Money(20), "$0.20"),
        ("fr", Money(123456, "EUR"), "1 234,56 €"),
        ("en", date(2026, 11, 20), "November 20, 2026"),
        ("fr", date(2026, 11, 20), "20 novembre 2026"),
        ("es", date(2026, 11, 20), "20 de noviembre de 2026"),
        ("sw", date(2026, 11, 20), "20 Novemba 2026"),
        ("en", datetime(2026, 11, 20, 9, 5, tzinfo=UTC), "November 20, 2026, 9:05:00 AM UTC"),
        ("en", "{count}", "{count}"),
    ],
)
def test_values_are_written_as_the_language_does(language: str, value: object, written: str) -> None:
    text = translate("mail.partner_invitation.expires", language, expiresOn=value)
    assert written in re.sub(r"\s", " ", text)


def test_a_key_or_a_value_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        translate("mail.nothing", "en")
    with pytest.raises(KeyError):
        translate("mail.foot", "en")


def test_templates_speak_the_language_they_are_given(app: Flask) -> None:
    template = app.jinja_env.from_string("{{ t('mail.password_reset.button') }}")
    assert template.render(language="es") == "Elegir una contraseña nueva"
    assert template.render() == "Choose a new password"


def test_values_cannot_bring_markup_into_a_page(app: Flask) -> None:
    with app.test_request_context():
        template = app.jinja_env.from_string(
            "{% autoescape true %}{{ t('mail.foot', host=host) }}{% endautoescape %}"
        )
        assert "&lt;script&gt;" in template.render(host="<script>")
