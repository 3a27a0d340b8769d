"""Objects whose fields others choose (`details`, `metadata`): any JSON that both databases can keep."""

import json
from typing import Any


def check_open_object(given: dict[str, Any], most_bytes: int, deepest: int) -> dict[str, Any]:
    """Return `given` if it is at most `most_bytes` of compact JSON (UTF-8) and nested `deepest` levels at most.

    Raises `ValueError` that says what is wrong.
    """
    _check_texts(given, deepest)
    try:
        length = len(json.dumps(given, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode())
    except ValueError:  # of lone surrogates too
        raise ValueError("this holds a number or a character that JSON cannot keep") from None
    if length > most_bytes:
        raise ValueError(f"too large: at most {most_bytes // 1024} KiB of JSON")
    return given


def _check_texts(value: Any, levels_left: int) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("a NUL character cannot be stored")
    elif isinstance(value, dict | list):
        if levels_left == 0:
            raise ValueError("nested too deeply")
        for part in value:
            _check_texts(part, levels_left - 1)
        if isinstance(value, dict):
            for part in value.values():
                _check_texts(part, levels_left - 1)
