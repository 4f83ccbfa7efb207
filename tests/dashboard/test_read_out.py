"""What is read out to whoever does not see the page: in words, and once."""

import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboard.pages.render import fragment
from dashboard.store.tables import SITE_LANE
from dashboard.users.accounts import User
from dashboard.views.facts import AlarmFacts
from dashboard.views.language import Coded, Speaker
from dashboard.views.models import AlarmGroup, Alarms
from dashboard.views.parts import alarm, moment
from dashboard.views.requests import RequestShown
from dashboard.views.strip import alarm_strip, strip_alarm
from lane_controller.messages.parts import Reason
from lane_controller.messages.words import UserRole

LENA = User(
    "lena", UserRole.SHIFT_LEADER, None, "en", "light", 50, character_keys=True, demo=False, disabled=False
)
SPEAKER = Speaker("en", ZoneInfo("Asia/Bishkek"))
AT_US = 1_795_000_000_000_000
OF_THE_SITE = alarm(
    SPEAKER,
    AlarmFacts(
        lane=SITE_LANE,
        journal="store",
        alarm="gap/cargo-1",
        kind="gap",
        priority="medium",
        since_us=AT_US,
        reason=Reason(code="gap"),
        passage=None,
        acknowledged_by=None,
        act_within_s=None,
        device=None,
    ),
    LENA,
)


def read_out(html: str) -> str:
    """Text and labels, without tags."""
    labels = re.findall(r'aria-label="([^"]*)"', html)
    return " ".join([*labels, re.sub(r"<[^>]*>", " ", html)])


@pytest.mark.parametrize("grouped", [False, True])
def test_the_site_s_own_alarms_are_told_by_its_word_and_not_by_its_name_in_the_store(grouped: bool) -> None:
    group = AlarmGroup(
        id="lane-_site",
        kind=None,
        lane=SITE_LANE,
        priority=OF_THE_SITE.priority,
        lanes=(SITE_LANE,),
        since=OF_THE_SITE.since,
        count=2,
    )
    one = OF_THE_SITE.model_copy(update={"group": group.id if grouped else None})
    shown = Alarms(alarms=(one,), groups=(group,) if grouped else ())
    values: dict[str, Any] = {"shown": shown, "what": "standing", "csrf": "token", "refused": ()}
    said = read_out(fragment("_alarms.html", SPEAKER, **values))
    said += read_out(fragment("_alarm_strip.html", SPEAKER, strip=alarm_strip([strip_alarm(one)])))
    assert "Shelve: site, " in said
    assert SITE_LANE not in said


def test_a_request_is_read_out_once_and_not_with_each_second_of_its_clock() -> None:
    """It stands in a part of the page that is read out as it changes."""
    word = Coded(code="open", text="open")
    request = RequestShown(
        id="0" * 32,
        lane="cargo-1",
        kind=word,
        mode=None,
        passage=1,
        reason=word,
        by="dana",
        workplace="booth-1",
        asked=moment(SPEAKER, AT_US),
        until=moment(SPEAKER, AT_US + 60_000_000),
        state=word,
        ended_by="",
        mine=False,
        reasons=(),
    )
    html = fragment("_requests.html", SPEAKER, requests=(request,), refused=(word,), csrf="token")
    assert re.search(r'<p [^>]*role="timer">(?:(?!</p>).)*data-until=', html), html
    assert "alert" not in html
