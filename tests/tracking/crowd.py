"""Clients that send everything at once, and write down what they were told."""

import json
import threading
from collections import Counter
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.tracking.captures import BROWSER
from tests.tracking.test_capture import PATH

MIX = 8
TOO_LARGE = json.dumps({"referrer": "a", "pad": "x" * 300_000})
FAULT_OF_OURS = 500


class Sender(threading.Thread):
    """Sends good, repeated, bad, too large, foreign and bots' captures and batches in turn, until it is stopped."""

    def __init__(self, app: Flask) -> None:
        super().__init__(daemon=True)
        self._client: FlaskClient = app.test_client()
        self._stopping = threading.Event()
        self._sent: list[str] = [str(uuid4())]
        self.told: Counter[str] = Counter()
        self.acknowledged: set[str] = set()

    def stop(self) -> None:
        """Send what is begun, no more."""
        self._stopping.set()

    def run(self) -> None:
        """Send."""
        turn = 0
        while not self._stopping.is_set():
            self._send(turn % MIX)
            turn += 1

    def _send(self, kind: int) -> None:
        post = self._client.post
        if kind == 0:
            self._note(1, post(PATH, json=self._event(), headers={"Origin": "https://evil.io"}))
        elif kind == 1:
            self._note(1, post(PATH, data=TOO_LARGE, content_type="application/json"))
        elif kind == 2:
            self._note(1, post(PATH, json=self._event(campaign="")))
        elif kind == 3:
            self._note(1, post(PATH, json=self._event(eventId=self._sent[-1])))
        elif kind == 4:
            self._note(1, post(PATH, json=self._event(userAgent="Googlebot")))
        elif kind == 5:
            events = [self._event(), self._event(eventId=self._sent[0]), {}, self._event(), self._event()]
            self._note(5, post(f"{PATH}/batch", json={"events": events}))
        else:
            self._note(1, post(PATH, json=self._event()))

    def _event(self, **fields: str) -> dict[str, str]:
        event = {"referrer": "crowd", "userAgent": BROWSER, "eventId": str(uuid4()), **fields}
        self._sent.append(event["eventId"])
        return event

    def _note(self, events: int, answer: TestResponse) -> None:
        body: dict[str, Any] = answer.json or {}
        if answer.status_code >= FAULT_OF_OURS:
            self.told["failed"] += events
        elif answer.status_code >= 400:
            self.told[body["code"]] += events
        else:
            for result in body.get("results", [body]):
                self._note_one(result)

    def _note_one(self, result: dict[str, Any]) -> None:
        if "error" in result:
            self.told[result["error"]["code"]] += 1
            return
        self.told["duplicate" if result.get("duplicate") else "stored"] += 1
        self.acknowledged.add(result["eventId"])
