"""Texts in the reader's language: `core/catalogues/<language>.json`, key → text.

`{name}` in a text is replaced by the value of that name: numbers, days, moments and money are written as the language
does. A text that depends on a number is an object of the language's plural forms (CLDR), chosen by `count`.
"""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from flask import Flask
from jinja2 import pass_context
from jinja2.runtime import Context

Language = Literal["en", "fr", "es", "sw"]
NAMES: Mapping[Language, str] = {"en": "English", "fr": "Français", "es": "Español", "sw": "Kiswahili"}
LANGUAGES = tuple(NAMES)
DEFAULT: Language = "en"
FOLDER = Path(__file__).parent / "catalogues"
PLACE = re.compile(r"\{(\w+)\}")
COUNT = "count"

Text = str | Mapping[str, str]


class Money(NamedTuple):
    """An amount, in the hundredth part of its currency."""

    cents: int
    currency: str = "USD"


def register(app: Flask) -> None:
    """Give `app`'s templates `t('key', name=value)`; the template's `language` is the reader's."""
    app.jinja_env.globals["t"] = _translate_in_template


def translate(key: str, language: str, **values: Any) -> str:
    """Return the text `key` in `language` (English where it is not one of ours), with `values` in their places.

    Raises `KeyError` for a key that does not exist, and for a value that the text needs and was not given.
    """
    language = known(language)
    text = catalogue(language)[key]
    if not isinstance(text, str):
        form = _locale(language).plural_form(values[COUNT])
        text = text[form]
    return PLACE.sub(lambda place: written(values[place[1]], language), text)


def known(language: str) -> str:
    """Return `language` if it is one of ours, else English."""
    return language if language in LANGUAGES else DEFAULT


def written(value: Any, language: str) -> str:
    """Return `value` as `language` writes it."""
    locale = _locale(known(language))
    if isinstance(value, Money):
        return format_currency(Decimal(value.cents) / 100, value.currency, locale=locale)
    if isinstance(value, datetime):
        return format_datetime(value, "long", locale=locale)
    if isinstance(value, date):
        return format_date(value, "long", locale=locale)
    if isinstance(value, int | float | Decimal):
        return format_decimal(value, locale=locale)
    return str(value)


@cache
def catalogue(language: str) -> Mapping[str, Text]:
    """Return all texts of `language`."""
    texts: dict[str, Text] = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    return texts


@pass_context
def _translate_in_template(context: Context, key: str, **values: Any) -> str:
    return translate(key, context.get("language", DEFAULT), **values)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language)
