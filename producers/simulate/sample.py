"""Put the sample together, with lines that must be rejected and secrets that must be masked."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import orjson

from producers.simulate import checkout, erp
from producers.simulate.complaints import (
    ABOUT_OTHER,
    ABOUT_PAYMENT,
    ABOUT_WAITING,
    Complaints,
    as_csv,
    complaints,
)

START = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
CHECKOUT_FILE, ERP_FILE, FEEDBACK_FILE = "checkout.apinto.ndjson.gz", "erp.access.log.gz", "feedback.csv"
TRUTH_FILE = "truth.json"
OVERSIZE_BYTES = 70_000
FAKE_TOKEN = "sk_test_EXAMPLEexampleEXAMPLE0000"  # noqa: S105 - invented, to see it masked
SECRET_URL = f"/api/orders/17?access_token={FAKE_TOKEN}"
SECRET_TEXT = f"The app showed me this, is it mine? api_key={FAKE_TOKEN}"


@dataclass(frozen=True, slots=True)
class Sample:
    """Files by name, and the truth about them."""

    files: dict[str, bytes]
    truth: dict[str, Any]


def write_sample(folder: Path, seed: int = 1) -> dict[str, Any]:
    """Write every file of the sample into the folder and return the truth about it."""
    made = sample(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in made.files.items():
        packed = gzip.compress(content, mtime=0) if name.endswith(".gz") else content
        (folder / name).write_bytes(packed)
    (folder / TRUTH_FILE).write_text(json.dumps(made.truth, indent=2) + "\n", encoding="utf-8")
    return made.truth


def sample(seed: int = 1) -> Sample:
    """Make the sample; the same seed makes the same bytes."""
    random = Random(seed)
    shop = checkout.checkout_log(random, START)
    office = erp.erp_log(random, START)
    said = complaints(random, START, shop.failed, office)
    shop_lines, shop_bad = _shop_lines(random, shop)
    office_lines, office_bad = _office_lines(random, office)
    rows, rows_bad = _rows(random, said)
    files = {
        CHECKOUT_FILE: b"\n".join(shop_lines) + b"\n",
        ERP_FILE: b"\n".join(office_lines) + b"\n",
        FEEDBACK_FILE: rows,
    }
    good = {CHECKOUT_FILE: len(shop.records), ERP_FILE: len(office.lines), FEEDBACK_FILE: len(said.rows) + 1}
    bad = {CHECKOUT_FILE: shop_bad, ERP_FILE: office_bad, FEEDBACK_FILE: rows_bad}
    return Sample(files, _truth(seed, shop, office, said, good=good, bad=bad))


def _shop_lines(random: Random, shop: checkout.CheckoutLog) -> tuple[list[bytes], Counter[str]]:
    records = [dict(record) for record in shop.records]
    secret = random.choice([record for record in records if record["api"] == "orders-get"])
    secret["request_uri"] = SECRET_URL
    lines = [orjson.dumps(record, option=orjson.OPT_SORT_KEYS) for record in records]
    model = records[0]
    bad = [
        (orjson.dumps(model)[:240], "truncated_line"),
        (orjson.dumps(model)[:90], "truncated_line"),
        (orjson.dumps(model | {"status": "teapot"}), "invalid_status"),
        (orjson.dumps(model | {"msec": "yesterday"}), "invalid_time"),
        (b"upstream connect error or disconnect/reset before headers", "not_json"),
    ]
    return _mixed_in(random, lines, bad)


def _office_lines(random: Random, office: erp.ErpLog) -> tuple[list[bytes], Counter[str]]:
    lines = [line.encode() for line in office.lines]
    whole = lines[0].decode()
    bad = [
        (whole[: whole.index('"') + 9].encode(), "truncated_line"),
        (whole.replace(" 200 ", " OK ", 1).replace(" 404 ", " OK ", 1).encode(), "invalid_status"),
        (whole.replace("/Jun/", "/Jux/", 1).encode(), "invalid_time"),
        (b"-- log rotated --", "not_access_log"),
        (whole.replace("GET /", "GET /" + "a" * OVERSIZE_BYTES, 1).encode(), "line_too_long"),
    ]
    return _mixed_in(random, lines, bad)


def _rows(random: Random, said: Complaints) -> tuple[bytes, Counter[str]]:
    first, *_ = said.rows
    good = [*said.rows, {**first, "Ticket ID": "T-9000", "Subject": "Strange message", "Text": SECRET_TEXT}]
    bad = [
        ({**first, "Ticket ID": f"T-910{number}", "Subject": "", "Text": ""}, "empty_text") for number in range(3)
    ] + [({**first, "Ticket ID": f"T-920{number}", "Created": "last Tuesday"}, "invalid_time") for number in range(2)]
    rows = list(good)
    for row, _reason in bad:
        rows.insert(random.randrange(1, len(rows)), row)
    return as_csv(rows).encode(), Counter(reason for _, reason in bad)


def _mixed_in(random: Random, lines: list[bytes], bad: list[tuple[bytes, str]]) -> tuple[list[bytes], Counter[str]]:
    for line, _ in bad:
        lines.insert(random.randrange(1, len(lines)), line)
    return lines, Counter(reason for _, reason in bad)


def _truth(
    seed: int,
    shop: checkout.CheckoutLog,
    office: erp.ErpLog,
    said: Complaints,
    *,
    good: dict[str, int],
    bad: dict[str, Counter[str]],
) -> dict[str, Any]:
    return {
        "seed": seed,
        "synthetic": True,
        "files": {
            name: {"events": good[name], "rejected": sum(bad[name].values()), "reasons": dict(bad[name])}
            for name in good
        },
        "problems": {
            "payment": {
                "route": f"POST {checkout.PAYMENT}",
                "upstream": checkout.PAYMENT_UPSTREAM,
                "browser": "Safari",
                "os": "iOS",
                "statuses": dict(Counter(str(failure.status) for failure in shop.failed)),
                "failed_calls": len(shop.failed),
                "share_of_calls": round(len(shop.failed) / len(shop.records), 5),
                "from": (START + checkout.FAILS_FROM).isoformat(),
                "until": (START + checkout.FAILS_UNTIL).isoformat(),
                "complaints": ABOUT_PAYMENT,
            },
            "report": {
                "route": f"GET {erp.REPORT}",
                "cause": "volume",
                "slow_calls": office.slow,
                "slow_means_ms": erp.SLOW_MS,
                "from": (START + erp.PEAK_FROM).isoformat(),
                "until": (START + erp.PEAK_UNTIL).isoformat(),
                "complaints": ABOUT_WAITING,
            },
        },
        "other_feedback": ABOUT_OTHER,
        "languages": said.languages,
        "secrets": {CHECKOUT_FILE: 1, FEEDBACK_FILE: 1},
    }
