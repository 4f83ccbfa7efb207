"""Stories: facts on the left, what came of them on the right; the whole vocabulary is `Story.tell`.

    plate 123ABC02                   | asks booking, watchlist_plate, declaration
    answer watchlist_plate listed    | (second_line) plate_watchlist failed: on_watchlist

A line that begins with `#` is read by people.  `STORIES=rewrite pytest tests/lane/test_stories.py` writes the
right-hand side anew; it is reviewed as a diff.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from lane_controller.lane import facts, views
from lane_controller.lane.state import Emitted
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import (
    Audience,
    ClockQuality,
    CommandKind,
    DeviceRole,
    Health,
    Place,
    Priority,
    Profile,
)
from tests.lane.outcomes import outcomes
from tests.lane.teller import Teller, rules, with_chip

WIDTH = 46
"""Of the left column."""

HITS: dict[str, dict[str, Any]] = {
    "listed": {"reference": "W-7", "number": "N1234567", "issuer": "KAZ", "plate": "123ABC02"},
    "namesake": {"reference": "W-8", "number": "X1", "issuer": "UZB", "names": "SERIKOV ARMAN"},
    "lost": {"reference": "L-3", "number": "N1234567", "issuer": "KAZ", "type": "P"},
    "selected": {"selected": True, "proof": "p"},
    "yesterday": {"plate": "123ABC02", "valid_from": "2026-05-31", "valid_to": "2026-05-31", "class": "live"},
    "30t": {"reference": "D1", "plate": "123ABC02", "gross_kg": 30_000, "axles": 5, "vehicle": "A2 C3"},
    "44t": {"reference": "D1", "plate": "123ABC02", "gross_kg": 44_000, "axles": 6, "vehicle": "A3 C3"},
}


class Story:
    def __init__(self) -> None:
        self.teller = Teller()

    def play(self, text: str) -> str:
        """The story with its right-hand side as it is today."""
        played: list[str] = []
        for line in text.splitlines():
            words = line.split("|", 1)[0].rstrip()
            if not words:
                if not line.strip():
                    played.append("")
                continue
            if words.startswith("#"):
                played.append(line)
                continue
            before = self.teller.lane
            said = tuple(self.tell(words.split()))
            if self.teller.lane is None:
                came = []
            elif words.startswith("show"):
                came = self._shown()
            else:
                came = outcomes(before, said, self.teller.now, reported=words.startswith(("order", "carry")))
            played += _beside(words, came)
        return "\n".join(played) + "\n"

    def tell(self, words: list[str]) -> tuple[Emitted, ...]:
        """One line of a story.  An example stands above each word."""
        teller = self.teller
        plain, named = _arguments(words[1:])
        match words[0]:
            # rules profile=car two_person_kinds=release hold_s=30
            case "rules":
                self._rules(named)
                return ()
            # start / start boot2
            case "start":
                return teller.start(*plain)
            # ready / ready raised / ready lowered arrival deck_entry: devices good, arm, what is covered
            case "ready":
                covered = tuple(Place(word) for word in plain[1:])
                return teller.ready(arm=plain[0] if plain else "lowered", covered=covered)
            # wait 3
            case "wait":
                return teller.wait(float(plain[0]))
            # arrival covered / clearance clear / deck_entry lost / deck_entry good
            case "arrival" | "deck_entry" | "deck_exit" | "clearance" | "exit":
                if plain[0] in ("lost", "good"):
                    health = Health.DEGRADED if plain[0] == "lost" else Health.GOOD
                    return teller.health(words[0], health)
                return teller.presence(Place(words[0]), plain[0] == "covered")
            # arm between / arm raised / arm lowered / arm both / arm fault / arm lowered+fault
            case "arm":
                return teller.arm(plain[0])
            # order done / order refused / order unknown
            case "order":
                assert plain[0] in ("done", "refused", "unknown")
                return teller.order(plain[0])  # pyright: ignore[reportArgumentType]
            # carry out: the order in hand, from the pulse to the other end
            case "carry":
                return teller.carry_out()
            # plate 123ABC02 / plate 123ABC02 confidence=0.4 frames=1 / plate 55KZ side=rear / plate none
            case "plate":
                text = None if plain[0] == "none" else plain[0]
                side = "rear" if named.get("side") == "rear" else "front"
                confidence, frames = float(named.get("confidence", "0.95")), int(named.get("frames", "5"))
                return teller.plate(text, confidence, side, frames)
            # weight 38000 / weight none / weight 38000 zero_seen=no wholly_on_deck=no
            case "weight":
                return teller.weight(None if plain[0] == "none" else float(plain[0]), **_values(named))
            # document N1234567 / document none / document N1 expiry=2020-01-01 status=doubtful
            case "document":
                return teller.document(None if plain[0] == "none" else plain[0], **_values(named))
            # card in / card out
            case "card":
                return teller.tell(facts.CardSeen(teller.at, "pcsc", plain[0] == "in", "3B80", True))
            # chip genuine / chip clone / chip no_chip / chip two_cards: what came of the request
            case "chip":
                return teller.chip(plain[0])
            # answer booking / answer draw selected / answer all / answer booking nothing
            case "answer":
                return self._answer(plain)
            # fail watchlist_person: no answer in time
            case "fail":
                return teller.fail(plain[0])
            # click release agency=border by=olga role=second_line seen=3 passage=1 second=ivan
            case "click":
                return self._click(plain[0], named)
            # again: the last command comes once more
            case "again":
                last = next(one for one in reversed(teller.facts) if isinstance(one, facts.CommandArrived))
                return teller.tell(replace(last, at=teller.at))
            # key on / key off
            case "key":
                return teller.tell(facts.LocalKeyTurned(teller.at, "barrier", plain[0] == "on"))
            # scale lost / reader good / barrier lost
            case "scale" | "reader" | "barrier" | "camera":
                role = {
                    "scale": DeviceRole.SCALE,
                    "reader": DeviceRole.DOCUMENT_READER,
                    "barrier": DeviceRole.BARRIER,
                    "camera": DeviceRole.PLATE_CAMERA,
                }[words[0]]
                health = Health.DEGRADED if plain[0] == "lost" else Health.GOOD
                return teller.health(words[0], health, role)
            # flood reader 900: readings that the daemon cut
            case "flood":
                role = DeviceRole.DOCUMENT_READER
                return teller.tell(facts.ReadingsDiscarded(teller.at, plain[0], role, int(plain[1])))
            # clock free / clock synchronised / clock jumps 86400
            case "clock":
                if plain[0] == "jumps":
                    return teller.tell(facts.ClockJumped(teller.at, float(plain[1])))
                teller.clock = ClockQuality(plain[0])
                return ()
            # picture: of the alarm that asks for one
            case "picture":
                request = teller.requests("picture")[0]
                return teller.tell(facts.PictureTaken(teller.at, request.id, "camera", "ab" * 32))
            # trouble disk_budget medium / trouble disk_budget over
            case "trouble":
                standing = plain[1] != "over"
                priority = Priority(plain[1]) if standing else Priority.LOW
                return teller.tell(
                    facts.TroubleChanged(teller.at, plain[0], priority, standing, Reason(code=plain[0]))
                )
            # erase: an order of retention up to now
            case "erase":
                return teller.tell(facts.PersonalErased(teller.at, teller.now.sequence))
            # show: what the ordinary screen shows
            case "show":
                return ()
            case other:
                raise ValueError(f"{other!r} is no word of the stories; see Story.tell")

    def _rules(self, named: dict[str, str]) -> None:
        changed = rules(Profile(named.get("profile", "cargo")))
        values = _values({key: value for key, value in named.items() if key != "profile"})
        timings = {key: value for key, value in values.items() if key.endswith("_s")}
        rest = {key: value for key, value in values.items() if key not in timings}
        if "checks" in rest:
            names = str(rest["checks"]).split(",")
            rest["checks"] = tuple(one for one in changed.checks if one.check in names)
        if "places" in rest:
            rest["places"] = tuple(Place(word) for word in str(rest["places"]).split(","))
        if "two_person_kinds" in rest:
            rest["two_person_kinds"] = tuple(
                CommandKind(one) for one in str(rest["two_person_kinds"]).split(",")
            )
        if "plates_at" in rest:
            rest["plates_at"] = Place(str(rest["plates_at"]))
        if "chip" in rest:
            changed = with_chip(changed, required=rest.pop("chip") == "required")
        self.teller.rules = replace(changed, timings=replace(changed.timings, **timings), **rest)

    def _answer(self, plain: list[str]) -> tuple[Emitted, ...]:
        if plain[0] == "all":
            return self.teller.answer_all()
        match plain[1:]:
            case []:
                return self.teller.answer(plain[0])
            case ["nothing"]:
                return self.teller.answer(plain[0], ())
            case names:
                return self.teller.answer(plain[0], tuple(HITS[name] for name in names))

    def _click(self, kind: str, named: dict[str, str]) -> tuple[Emitted, ...]:
        changes = _values(named)
        if "second" in changes:
            by = {"operator": changes["second"], "role": "operator", "agency": "border"}
            changes["second"] = by | {"workplace": changes.pop("at", "post-2")}
            changes["second_after_s"] = changes.pop("after", 5)
        if "late" in changes:
            del changes["late"]
            changes["expires"] = {"boot": self.teller.boot, "mono_s": self.teller.mono_s - 1}
        return self.teller.click(kind, **changes)

    def _shown(self) -> list[str]:
        state = views.lane_state(self.teller.now, Audience.LANE)
        lines = [
            f"{state.mode}, arm {state.arm}, lamp {state.lamp}" + (", one waits" if state.waiting else "")
        ]
        if state.passage is not None:
            waits = ", ".join(
                " ".join([one.code, *(str(value) for value in one.parameters.values())])
                for one in state.passage.waiting_for
            )
            lines.append(
                f"passage {state.passage.passage} {state.passage.phase}, waits for {waits or 'nothing'}"
            )
        lines += [f"alarm {one.alarm}" for one in state.alarms]
        return lines


def _arguments(words: list[str]) -> tuple[list[str], dict[str, str]]:
    plain = [word for word in words if "=" not in word]
    return plain, dict(word.split("=", 1) for word in words if "=" in word)


def _values(named: dict[str, str]) -> dict[str, Any]:
    """Numbers, yes, no and none as what they are."""
    words: dict[str, Any] = {"yes": True, "no": False, "none": None}
    values: dict[str, Any] = {}
    for key, text in named.items():
        try:
            values[key] = words[text] if text in words else int(text)
        except ValueError:
            values[key] = text
    return values


def _beside(words: str, came: list[str]) -> list[str]:
    if not came:
        return [words]
    lefts = [words, *("" for _ in came[1:])]
    return [f"{left:<{WIDTH}} | {right}" for left, right in zip(lefts, came, strict=True)]


def stories() -> list[Path]:
    return sorted(Path(__file__).parent.glob("*.txt"))
