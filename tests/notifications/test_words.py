"""What notifications say, in four languages."""

import re

import pytest

from wihy.core.texts import LANGUAGES
from wihy.notifications.words import TEMPLATES, Details, write

CASES: dict[str, list[Details]] = {
    "points_awarded": [{"points": points} for points in (0, 1, 5, 1_000_000)],
    "high_engagement": [
        {"interactions": interactions, "events": events, "points": points}
        for interactions in (1, 25)
        for events in (0, 1, 3)
        for points in (0, 1, 20)
    ],
}


def test_every_template_is_tried_here() -> None:
    assert CASES.keys() == TEMPLATES.keys()


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_speaks_every_language_differently(template: str) -> None:
    for details in CASES[template]:
        said = [write(template, details, language) for language in LANGUAGES]
        assert len({words.body for words in said}) == len(LANGUAGES)
        assert all(words.title and not re.search(r"[{}]", "".join(words)) for words in said)


@pytest.mark.parametrize(
    ("language", "points", "body"),
    [
        ("en", 1, "Your interaction brought you 1 point."),
        ("en", 5, "Your interaction brought you 5 points."),
        ("fr", 1, "Votre interaction vous a rapporté 1 point."),
        ("fr", 5, "Votre interaction vous a rapporté 5 points."),
        ("fr", 1_000_000, "Votre interaction vous a rapporté 1 000 000 de points."),
        ("es", 1, "Su interacción le ha aportado 1 punto."),
        ("es", 12_345, "Su interacción le ha aportado 12.345 puntos."),
        ("sw", 5, "Shughuli yako imekuletea pointi 5."),
        ("xx", 5, "Your interaction brought you 5 points."),
    ],
)
def test_points_are_counted_as_the_language_does(language: str, points: int, body: str) -> None:
    words = write("points_awarded", {"points": points}, language)
    assert re.sub(r"\s", " ", words.body) == body


def test_the_limit_of_the_day_is_said() -> None:
    words = write("points_awarded", {"points": 0}, "en")
    assert words.title == "Daily limit of points reached"
    assert "brought you no points" in words.body


@pytest.mark.parametrize(
    ("language", "details", "body"),
    [
        (
            "en",
            {"interactions": 25, "events": 3, "points": 20},
            "You have been very active lately: 25 interactions with 3 events. It brought you 20 points.",
        ),
        (
            "en",
            {"interactions": 20, "events": 0, "points": 0},
            (
                "You have been very active lately: 20 interactions. "
                "It brought you no points, as the daily limit was reached."
            ),
        ),
        (
            "fr",
            {"interactions": 25, "events": 1, "points": 20},
            (
                "Votre activité récente est remarquable : 25 interactions avec 1 événement. "
                "Elle vous a rapporté 20 points."
            ),
        ),
        (
            "es",
            {"interactions": 25, "events": 3, "points": 20},
            "Su actividad reciente ha sido notable: 25 interacciones con 3 eventos. Le ha aportado 20 puntos.",
        ),
        (
            "sw",
            {"interactions": 25, "events": 3, "points": 20},
            "Umekuwa na shughuli nyingi hivi karibuni: shughuli 25 katika matukio 3. Zimekuletea pointi 20.",
        ),
    ],
)
def test_much_engagement_is_summed_up(language: str, details: Details, body: str) -> None:
    assert re.sub(r"\s", " ", write("high_engagement", details, language).body) == body


def test_what_is_missing_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        write("nothing", {}, "en")
    with pytest.raises(KeyError):
        write("points_awarded", {}, "en")
