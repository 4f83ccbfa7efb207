"""A lane's page draws the weight over time against its limits, in a picture and in words, and says check by
check what would let the passage go; what a lane of an older version does not tell is missed by nobody."""

from contextlib import aclosing
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from dashboard.views.facts import PassageFacts
from dashboard.views.freeing import freeing
from dashboard.views.language import Speaker
from dashboard.views.weight import weight_chart, weight_shown
from lane_controller.messages.parts import CheckResult, Reason, Weight
from tests.dashboard.fake_lane import AXLES, CLIMBING, axle_group, check, overloaded, weight
from tests.dashboard.running import Running, signed_in
from tests.dashboard.test_api import lanes_of, published

SVG = "{http://www.w3.org/2000/svg}"
SPEAKERS = {language: Speaker(language, ZoneInfo("UTC")) for language in ("en", "ru")}


def facts(*checks: dict[str, Any], **more: Any) -> PassageFacts:
    results = tuple(CheckResult.model_validate(one) for one in checks)
    measured = Weight.model_validate(weight(46320))
    return PassageFacts(
        **{"passage": 1, "phase": "held", "since_us": 0, "weight": measured} | more, checks=results
    )


def over(**more: Any) -> dict[str, Any]:
    source = "KZ: order <342>"
    return check("weight_limit", "transport", "failed", "over_limit", source, limit_kg=44000, **more)


@pytest.mark.parametrize("language", SPEAKERS)
def test_the_chart_is_plain_svg_of_the_trace_and_the_limits_with_a_twin_in_words(language: str) -> None:
    speaker = SPEAKERS[language]
    shown = weight_shown(speaker, facts(over()), {"weight": (1, {"trace": CLIMBING})})
    assert shown is not None
    assert shown.trace is not None
    assert [(one.limit_kg, one.source) for one in shown.limits] == [(44000, "KZ: order <342>")]
    assert shown.over
    assert shown.trace.points[-1].gross_kg == 46320
    drawn = ElementTree.fromstring(
        str(weight_chart(speaker, shown)).replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ')
    )
    (line,) = drawn.iter(f"{SVG}polyline")
    assert len(line.attrib["points"].split()) == len(CLIMBING["at_ms"])
    # Presentation attributes alone: the same under the strict policy and on paper.
    used = {name for one in drawn.iter() for name in one.attrib}
    assert not used & {"style", "onload"}
    assert {one.tag.removeprefix(SVG) for one in drawn.iter()} <= {
        "svg",
        "line",
        "text",
        "polyline",
        "circle",
    }
    label = drawn.attrib["aria-label"]
    for words in (shown.gross, shown.limits[0].limit, shown.trace.said):
        assert words in label
    # The limit lies under the weight that is over it: higher values have lower y.
    (limit,) = [one for one in drawn.iter(f"{SVG}line") if one.get("stroke-dasharray")]
    (end,) = drawn.iter(f"{SVG}circle")
    assert float(end.attrib["cy"]) < float(limit.attrib["y1"])


@pytest.mark.parametrize("language", SPEAKERS)
def test_each_axle_stands_on_the_trace_and_each_group_beside_what_the_law_allows_it(language: str) -> None:
    speaker = SPEAKERS[language]
    shown = weight_shown(speaker, facts(), {"weight": (1, {"trace": CLIMBING, "axles": AXLES})})
    assert shown is not None
    assert shown.axles is not None
    assert [one.axles for one in shown.axles.groups] == ["1", "2–3", "4–6"]
    # 16,960 kg is over 12 t and, by its uncertainty, not surely over 16 t: which holds, no sensor tells.
    assert [one.verdict and one.verdict.code for one in shown.axles.groups] == ["within", "open", "close"]
    assert shown.axles.groups[0].load == f"{speaker.number(7240)} ± {speaker.number(928)} {speaker.say('kg')}"
    drawn = ElementTree.fromstring(
        str(weight_chart(speaker, shown)).replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ')
    )
    words = [one.text for one in drawn.iter(f"{SVG}text")]
    assert [text for text in words if text in list("123456")] == list("123456")
    # A group's limit lies on what stood there before it, so each is higher than the one before.
    levels = [one for one in drawn.iter(f"{SVG}line") if one.get("stroke") == "#d9483d"]
    heights = [float(one.attrib["y1"]) for one in levels]
    assert len(levels) == 3
    assert heights == sorted(heights, reverse=True)
    assert all(float(one.attrib["x2"]) <= float(after.attrib["x1"]) for one, after in pairwise(levels))


@pytest.mark.parametrize(
    ("load_kg", "verdict"), [(8000, "within"), (9500, "close"), (10_500, "close"), (11_000, "over")]
)
def test_an_axle_is_called_over_or_within_only_beyond_its_uncertainty(load_kg: int, verdict: str) -> None:
    told = {"axles": {"groups": [axle_group((10_000, 10_000), (0, load_kg))]}}
    shown = weight_shown(SPEAKERS["en"], facts(), {"weight": (1, told)})
    assert shown is not None
    assert shown.axles is not None
    (group,) = shown.axles.groups
    assert group.verdict is not None
    assert group.verdict.code == verdict
    assert not shown.over, "an axle makes no weight over its limit"


@pytest.mark.parametrize(
    ("told", "groups", "reason"),
    [
        ({}, None, None),
        ({"axles": {"groups": 7}}, None, None),
        ({"axles": {"reason": {"code": "load_came_off"}}}, [], "a load came off the deck again"),
        ({"axles": {"groups": [axle_group(None, (0, 9000))], "grouped": False}}, [None], None),
    ],
)
def test_axles_that_nobody_can_tell_are_said_so_and_what_no_lane_told_is_missed_by_nobody(
    told: dict[str, Any], groups: list[None] | None, reason: str | None
) -> None:
    shown = weight_shown(SPEAKERS["en"], facts(), {"weight": (1, {"trace": CLIMBING, **told})})
    assert shown is not None
    axles = shown.axles
    assert (axles and [one.limit for one in axles.groups]) == groups
    assert (axles and axles.reason and axles.reason.text) == reason
    assert "<svg" in weight_chart(SPEAKERS["en"], shown)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"trace": None},
        {"trace": {"at_ms": [0], "gross_kg": [0]}},
        {"trace": {"at_ms": [0, 5], "gross_kg": [1]}},
        {"trace": {"at_ms": "much", "gross_kg": 7}},
    ],
)
def test_a_weight_without_a_usable_trace_is_shown_without_a_chart(told: dict[str, Any]) -> None:
    speaker = SPEAKERS["en"]
    shown = weight_shown(speaker, facts(), {"weight": (1, told)})
    assert shown is not None
    assert (shown.trace, shown.limits, shown.gross) == (None, (), "46,320 kg")
    assert weight_chart(speaker, shown) == ""


def test_each_check_says_what_may_change_it_and_whose_release_settles_it() -> None:
    speaker = SPEAKERS["en"]
    checks = [
        over(),
        check("plate_read", "border", "inconclusive", "low_confidence", "rule", subject="plate-front"),
        check("chip_data", "border", "not_performed", "no_chip", "9303", subject="person-1"),
        check("chip_data", "border", "failed", "chip_data_failed", "9303", subject="person-2"),
        check("weight_limit", "transport", "inconclusive", "no_weight", "toml"),
        check("weight_limit", "transport", "inconclusive", "configuration_unknown", "toml"),
        check("document_expiry", "border", "passed", "valid", "9303"),
    ]
    waits = (Reason(code="agency", parameters={"agency": "transport"}),)
    told = freeing(speaker, facts(*checks, waiting_for=waits))
    assert [(one.check.check.code, one.evidence and one.evidence.code, one.settled) for one in told] == [
        ("weight_limit", None, False),
        ("plate_read", "plate_again", True),
        ("chip_data", "chip_again", True),
        ("chip_data", None, True),
        ("weight_limit", "weigh_again", False),
        ("weight_limit", None, False),
    ]
    assert {one.release.text for one in told} == {"by transport inspection", "by border service"}
    # Referred: second line alone, whoever looks.  Nothing is said as given while nothing tells so.
    told = freeing(speaker, facts(over(), phase="referred", waiting_for=(Reason(code="second_line"),)))
    assert [(one.release.text, one.settled) for one in told] == [
        ("by second line alone (transport inspection)", False)
    ]
    told = freeing(speaker, facts(over(), waiting_for=(Reason(code="register", parameters={"kind": "x"}),)))
    assert [one.settled for one in told] == [False]
    for gone in ("released", "leaving", "departed"):
        assert freeing(speaker, facts(over(), phase=gone)) == ()


async def test_a_lane_and_its_ended_passage_show_the_trace_and_an_older_lane_s_do_without(
    dashboard: Running,
) -> None:
    async with lanes_of(dashboard, "cargo-1", "cargo-2") as (lane, older):
        for one in (lane, older):
            one.start()
        overloaded(lane)
        older.arrive()
        older.weigh(31_000)
        await published(lane, older)
        async with aclosing(await signed_in(dashboard.url, "dana")) as client:
            shown = (await client.get("/api/v1/lanes/cargo-1")).json()["passage"]
            assert len(shown["weight"]["trace"]["points"]) == len(CLIMBING["at_ms"])
            assert [one["check"]["check"]["code"] for one in shown["freeing"]] == [
                "weight_limit",
                "document_lost",
            ]
            (plate,) = shown["seen_plates"]
            assert plate["display"] == "01 KG 204 ACD"
            assert (await client.get(plate["picture"])).status_code == 200
            page = (await client.get("/lanes/cargo-1")).text
            assert page.count('<svg class="chart"') == 1
            assert "KG: Resolution 454 of 08.08.2011" in page
            assert "What would let it go" in page
            assert "no check rests on this" in page
            page = (await client.get("/lanes/cargo-2")).text
            assert 'class="chart"' not in page
            assert 'class="gauge"' in page
            assert "By axle group" not in page
            lane.leave()
            older.leave()
            await published(lane, older)
            page = (await client.get(f"/passages/cargo-1/{lane.journal}/{lane.number}")).text
            assert page.count('<svg class="chart"') == 1
            assert "What would let it go" not in page
            page = (await client.get(f"/passages/cargo-2/{older.journal}/{older.number}")).text
            assert 'class="gauge"' in page
