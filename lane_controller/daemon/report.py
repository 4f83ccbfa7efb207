"""What `borderlane status` shows of a running lane."""

import json
from typing import TYPE_CHECKING, Any

from lane_controller.messages.words import Audience

if TYPE_CHECKING:
    from lane_controller.daemon.service import Daemon


def report(daemon: "Daemon") -> dict[str, Any]:
    """All that `borderlane status` shows; no personal data."""
    configuration, journal, uplink = daemon.configuration, daemon.journal, daemon.uplink
    state = json.loads(daemon.state_message(Audience.LANE) or b"{}")
    passage = state.get("passage") or {}
    return {
        "site": configuration.site.name,
        "lane": configuration.lane.name,
        "version": state.get("version"),
        "configuration": str(configuration.file),
        "simulated": [spec.name for spec in configuration.devices if spec.simulated],
        "at": state.get("at"),
        "mode": state.get("mode"),
        "arm": state.get("arm"),
        "lamp": state.get("lamp"),
        "passage": {key: passage.get(key) for key in ("passage", "phase", "decision")} if passage else None,
        "devices": [
            {
                "device": name,
                "role": watch.device.role,
                "model": watch.device.model,
                "state": watch.state,
                "health": watch.health,
                "reason": watch.reason.code,
                "age_s": daemon.age_s(name),
                "failures": watch.failures,
                "last_error": watch.last_error,
            }
            for name, watch in daemon.equipment.watches.items()
        ],
        "alarms": [
            {key: one[key] for key in ("alarm", "kind", "priority")} for one in state.get("alarms", ())
        ],
        "journal": {
            "id": journal.id,
            "path": str(journal.path),
            "rows": journal.last_number,
            "events": journal.last_sequence,
            "acknowledged": journal.acknowledged,
            "backlog": state.get("backlog"),
            "bytes": journal.size_bytes(),
        },
        "broker": None
        if uplink is None
        else {"connected": uplink.connected, "problem": uplink.problem, "dropped": dict(uplink.dropped)},
        "commands_refused": dict(daemon.desk.refused),
        "stills": dict(daemon.live.counts) if daemon.live is not None else {},
    }
