"""The dashboard's own events: sign-ins, commands, alarms about the store.  They stand in the same table as
the lanes', under the lane name `_site`, chained by hash so that the audit cannot be thinned out unseen."""

import hashlib
import time
from typing import Any

from dashboard.store.incoming import IncomingEvent, dump
from dashboard.store.memory import Memory
from dashboard.store.tables import SITE_LANE
from lane_controller.messages.words import Audience, Priority

ACT_WITHIN_S = {"fork": 3600, "unreadable": 3600, "gap": 3600, "lost": 3600, "certificate": 86_400}
"""The kinds of the site's own alarms, and the seconds within which a person should act (ISA-18.2)."""

Parameters = dict[str, str | int | float | bool | None]


class SiteEvents:
    """Events that one transaction adds."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._staged: list[tuple[str, Audience, dict[str, Any]]] = []

    def add(self, kind: str, audience: Audience, data: dict[str, Any]) -> None:
        self._staged.append((kind, audience, {"type": kind, **data}))

    def mark(self) -> tuple[int, dict[tuple[str, str], str]]:
        """Where a part of the transaction began, for `undo`."""
        return len(self._staged), dict(self._memory.site_alarms)

    def undo(self, mark: tuple[int, dict[tuple[str, str], str]]) -> None:
        del self._staged[mark[0] :]
        self._memory.site_alarms = mark[1]

    def raise_alarm(
        self, kind: str, about: str, audience: Audience, priority: str, parameters: Parameters
    ) -> None:
        """Raises an alarm unless the same one stands already: a thousand forks are one alarm."""
        act_within_s = ACT_WITHIN_S[kind]
        kind = f"store.{kind}"
        if (kind, about) in self._memory.site_alarms:
            return
        name = f"{kind}-{about}-{time.time_ns() // 1000}"
        self._memory.site_alarms[kind, about] = name
        self.add(
            "alarm.raised",
            audience,
            {
                "alarm": name,
                "kind": kind,
                "priority": Priority(priority).value,
                "act_within_s": act_within_s,
                "reason": {"code": kind, "parameters": parameters},
                "passage": None,
            },
        )

    def clear_alarm(self, kind: str, about: str, audience: Audience) -> None:
        """Clears a standing alarm; nothing when there is none."""
        name = self._memory.site_alarms.get((f"store.{kind}", about))
        if name is not None:
            self.clear_named(name, audience)

    def clear_named(self, name: str, audience: Audience) -> None:
        alarms = self._memory.site_alarms
        self._memory.site_alarms = {key: other for key, other in alarms.items() if other != name}
        self.add("alarm.cleared", audience, {"alarm": name})

    def take(self, at_us: int) -> list[IncomingEvent]:
        """The staged events under their keys, chained to the one before."""
        received = self._memory.known_journal(SITE_LANE, self._memory.store_id)
        assert received is not None
        events: list[IncomingEvent] = []
        for kind, audience, data in self._staged:
            sequence = received.contiguous + 1
            received.add(sequence)
            chained = f"{self._memory.site_rowhash}\n{sequence}\n{at_us}\n{dump(data)}"
            self._memory.site_rowhash = hashlib.sha256(chained.encode()).hexdigest()
            events.append(
                IncomingEvent(
                    lane=SITE_LANE,
                    journal=self._memory.store_id,
                    sequence=sequence,
                    rowhash=self._memory.site_rowhash,
                    audience=audience,
                    type=kind,
                    reading="read",
                    time_us=at_us,
                    passage=None,
                    boot="",
                    mono_s=0.0,
                    clock="synchronised",
                    maintenance=False,
                    data=data,
                )
            )
        self._staged.clear()
        return events
