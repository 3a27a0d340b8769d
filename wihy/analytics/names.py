"""The names behind ids: a room above this one knows them, and gives its look-up at the start."""

from collections.abc import Callable, Collection, Mapping

from flask import Flask, current_app

NamesOf = Callable[[Collection[str]], Mapping[str, str]]


def register(app: Flask, names_of: NamesOf) -> None:
    """Let the figures of `app` call ids by the names that `names_of` knows."""
    app.extensions["names_of_ids"] = names_of


def names_of(ids: Collection[str]) -> Mapping[str, str]:
    """Return the names of those of `ids` that have one."""
    found: Mapping[str, str] = current_app.extensions["names_of_ids"](ids)
    return found
