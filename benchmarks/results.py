"""`benchmarks/results.json`: what was measured last, a part for each measurement."""

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results.json"


def keep(part: str, measured: Any) -> None:
    """Write `measured` as `part` of the results, with moment and machine; the other parts stay."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results[part] = {
        "at": datetime.now(UTC).isoformat(),
        "machine": platform.platform(),
        "processors": os.cpu_count(),
        "measured": measured,
    }
    RESULTS.write_text(json.dumps(results, indent=1))
