"""Envelopes for the store's tests."""

import hashlib
import json
from typing import Any

from dashboard.store.incoming import Incoming, parse
from lane_controller.messages.words import Audience

SITE = "khorgos"


def envelope(sequence: int, kind: str = "lane.lamp_changed", /, **more: Any) -> dict[str, Any]:
    """One event as a lane sends it; `lane`, `journal`, `audience`, `rowhash`, `passage` may be given, the
    rest is data."""
    lane, journal = more.pop("lane", "cargo-1"), more.pop("journal", "j1")
    audience = more.pop("audience", "lane")
    rowhash = more.pop("rowhash", hashlib.sha256(f"{journal}/{sequence}".encode()).hexdigest())
    data: dict[str, Any] = more or {"lamp": "green" if sequence % 2 else "red"}
    return {
        "specversion": "1.0",
        "id": f"{journal}/{sequence}",
        "source": f"/{SITE}/{lane}",
        "type": f"borderlane.{kind}",
        "time": f"2026-03-01T10:{sequence // 60 % 60:02}:{sequence % 60:02}.5+00:00",
        "datacontenttype": "application/json",
        "sequence": sequence,
        "journal": journal,
        "rowhash": rowhash,
        "audience": audience,
        "boot": "b0",
        "monos": float(sequence),
        "clock": "synchronised",
        "passage": data.get("passage"),
        "data": {"type": kind, **data},
    }


def batch(*envelopes: dict[str, Any], lane: str = "cargo-1", audience: str = "lane") -> Incoming:
    return parse(json.dumps(list(envelopes)).encode(), SITE, lane, Audience(audience))


def story(passage: int, first: int, lane: str = "cargo-1", journal: str = "j1") -> list[dict[str, Any]]:
    """The events of one passage from arrival to departure, with an alarm that was seen to."""
    seen = {
        "text": f"01KG{passage:03}ABC",
        "display": f"01 KG {passage:03} ABC",
        "country": "KG",
        "confidence": 0.9,
        "frames": 5,
    }
    raised = {"alarm": f"a{passage}", "kind": "tailgating", "priority": "high", "reason": {"code": "x"}}
    paper = {
        "kind": "P",
        "format": "TD3",
        "issuer": "KGZ",
        "number": f"AC{passage:07}",
        "nationality": "KGZ",
        "surname": "SAMPLEBEKOV",
        "given_names": "AIBEK",
        "birth": "1987-04-12",
        "sex": "M",
        "expiry": "2031-02-28",
        "status": "verified",
    }
    late = {"outcome": "failed", "reason": {"code": "expired"}}
    result = {"check": "document_expiry", "agency": "border", "source": "ICAO", "subject": "person-1"}
    passed = {"outcome": "passed", "reason": {"code": "valid"}}
    by = {"operator": "dana", "role": "operator", "agency": "border"}
    steps: list[tuple[str, dict[str, Any]]] = [
        ("passage.arrived", {"passage": passage}),
        (
            "passage.plate",
            {"passage": passage, "side": "front", "plate": seen},
        ),
        ("passage.document", {"passage": passage, "person": 1, "device": "reader", "document": paper}),
        ("passage.check", {"passage": passage, "result": {**result, **late}}),
        ("passage.check", {"passage": passage, "result": {**result, **passed}}),
        ("passage.decided", {"passage": passage, "decision": "hold", "reasons": [{"code": "expired"}]}),
        ("alarm.raised", raised),
        ("alarm.acknowledged", {"alarm": f"a{passage}", "by": by}),
        ("passage.decided", {"passage": passage, "decision": "release", "reasons": [], "by": by}),
        ("barrier.moved", {"arm": "raised", "permit": "p"}),
        ("alarm.cleared", {"alarm": f"a{passage}"}),
        ("passage.ended", {"passage": passage, "end": "departed", "reason": {"code": "left"}}),
    ]
    return [
        envelope(first + at, kind, lane=lane, journal=journal, **data)
        for at, (kind, data) in enumerate(steps)
    ]
