"""A configuration's mistakes: all in one pass, each with its place, what was found and what was expected."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anpr import formats
from lane_controller.daemon.configuration import ConfigurationError, load
from lane_controller.daemon.configuration.toml_lines import key_lines, line_of
from lane_controller.daemon.starting import choose
from mrz.reading import ENGINES
from tests.daemon.rig import public_key

GOOD = f"""\
[site]
name = "khorgos"

[lane]
name = "cargo-1"
profile = "cargo"
direction = "entry"
state = "KZ"

[lane.timings]
clear_for_s = 3

[journal]
path = "journal.sqlite"

[broker]
host = "127.0.0.1"

[commands.keys]
dashboard = "{public_key()}"

[scale]
verification = "KZ-1"
verified_until = 2027-01-01

[devices.io-1]
driver = "moxa-e1214"
host = "192.168.1.2"
pulse_s = {{ 0 = 0.5, 1 = 0.5, 2 = 3.0 }}

[devices.scale]
driver = "xk3190"
port = "/dev/ttyS0"
max_kg = 80000
division_kg = 20

[devices.arm]
role = "barrier"
board = "io-1"
raise_output = 0
lower_output = 1
raised_switch = {{ channel = 0, active = "closed" }}
lowered_switch = {{ channel = 1, active = "closed" }}

[devices.light]
role = "signal"
board = "io-1"
green_output = 2

[devices.loop]
role = "presence"
board = "io-1"
place = "clearance"
input = {{ channel = 3, active = "closed" }}

[devices.reader]
driver = "mrz-swipe"
port = "/dev/ttyS1"

[registers.lists]
driver = "register-file"
kinds = ["watchlist_person"]
files = {{ watchlist_person = "lists.json" }}
max_age_s = 86400

[[checks]]
check = "weight_limit"
agency = "transport"
"""


def load_text(folder: Path, text: str):
    file = folder / "lane.toml"
    file.write_text(text)
    return load(file)


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_text(folder, text)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{folder}/lane.toml:") for line in lines)
    return [line.removeprefix(f"{folder}/lane.toml:") for line in lines]


def test_a_good_file_has_no_mistakes(tmp_path):
    loaded = load_text(tmp_path, GOOD)
    assert loaded.lane.rule_timings.clear_for_s == 3
    assert loaded.lane.rule_timings.permit_s == 15
    assert loaded.journal.path == tmp_path / "journal.sqlite"
    assert loaded.lane.minutes_east == 300
    assert [spec.role for spec in loaded.devices][:3] == ["board", "scale", "barrier"]
    assert loaded.pages.engine in ENGINES
    other = load_text(tmp_path, GOOD + '[pages]\nengine = "passporteye"\n')
    assert other.pages.engine == "passporteye"


TABLE = [
    ('name = "khorgos"', 'name = "Khorgos.1"', "site.name: found 'Khorgos.1', expected a name of a-z"),
    ('profile = "cargo"', 'profile = "crago"', "lane.profile: found 'crago', expected 'cargo', 'car'"),
    ('profile = "cargo"', 'profile = "crago"', "(did you mean cargo?)"),
    ('profile = "cargo"\n', "", "lane.profile: this key is required"),
    ("clear_for_s = 3", "clear_for = 3", "lane.timings.clear_for: unknown key (did you mean clear_for_s?)"),
    ("clear_for_s = 3", "clear_for_s = -1", "lane.timings.clear_for_s: found -1, expected greater than 0"),
    ("clear_for_s = 3", 'clear_for_s = "x"', "lane.timings.clear_for_s: found 'x', expected a valid number"),
    ("[journal]\n", "[jurnal]\n", "jurnal: unknown table (did you mean journal?)"),
    ("[journal]\n", "[jurnal]\n", "journal: the table [journal] is required"),
    ('host = "127.0.0.1"', 'host = "10.0.0.9"', "broker.ca: this key is required: only a loopback broker"),
    (public_key(), "AAAA", "commands.keys.dashboard: found 'AAAA', expected an Ed25519 public key"),
    (
        "verified_until = 2027-01-01",
        'verified_until = "soon"',
        "scale.verified_until: found 'soon', expected",
    ),
    (
        "[scale]\nverification",
        "[clock]\nspeed = 2.0\n[scale]\nverification",
        "clock.speed: simulated speed 2.0 is",
    ),
    ('driver = "moxa-e1214"', 'driver = "moxa-1214"', "no driver 'moxa-1214' (did you mean moxa-e1214?)"),
    ('driver = "moxa-e1214"', 'driver = "register-file"', "it belongs under [registers.NAME]"),
    ('host = "192.168.1.2"', 'hots = "192.168.1.2"', "devices.io-1.hots: unknown key (did you mean host?)"),
    ('host = "192.168.1.2"', 'hots = "192.168.1.2"', "devices.io-1.host: this key is required"),
    (
        'board = "io-1"\nplace',
        'board = "io-2"\nplace',
        "devices.loop.board: there is no board 'io-2' (did you",
    ),
    ('board = "io-1"\nplace', "place", "devices.loop.board: this key is required with `role`"),
    ("channel = 3", "channel = 1", "devices.loop.input: input 1 of 'io-1' is already arm.lowered_switch"),
    ("channel = 3", "channel = 9", "devices.loop: input.channel 9: board io-1 has inputs 0 to 5"),
    ("lower_output = 1", "lower_output = 0", "devices.arm: two of"),
    ("green_output = 2", "green_output = 0", "devices.light: output 0 of board io-1 already belongs to arm"),
    ('place = "clearance"', 'place = "clearence"', "devices.loop.place: found 'clearence', expected"),
    (
        'place = "clearance"',
        'place = "exit"',
        "devices.arm: no presence sensor looks at the place `clearance`",
    ),
    (
        'role = "signal"',
        'role = "signal"\ndriver = "xk3190"',
        "devices.light: give either `driver`, or `role`",
    ),
    (
        'kinds = ["watchlist_person"]',
        'kinds = ["people"]',
        "registers.lists.kinds.0: found 'people', expected one of",
    ),
    (
        'check = "weight_limit"',
        'check = "weight_limits"',
        "there is no check 'weight_limits' (did you mean weight_li",
    ),
    (
        'check = "weight_limit"',
        'check = "plate_read"',
        "checks.0.check: 'plate_read' can never pass: the lane has no",
    ),
    (
        'agency = "transport"',
        'agency = "transport"\non_failed = "release"',
        "checks.0.on_failed: found 'release'",
    ),
    ("[[checks]]", "[checks]", "checks: expected tables [[checks]]"),
    ("[devices.reader]", "[devices.Reader]", "devices.Reader: expected a name of a-z"),
    ("[devices.reader]", "[devices.reader", "file: this is no TOML"),
    (
        'profile = "cargo"\n',
        'profile = "cargo"\ntwo_person_kinds = ["shift"]\n',
        "lane.two_person_kinds.0: found 'shift', expected one of hold, lower",
    ),
    (
        'port = "/dev/ttyS1"',
        'port = "/dev/ttyS0"',
        "devices.reader.port: /dev/ttyS0 is already opened by 'scale'; a line serves one device",
    ),
    (
        '[journal]\npath = "journal.sqlite"',
        f'[status]\nsocket = "{"s" * 108}"\n[journal]\npath = "journal.sqlite"',
        "status.socket: a Unix socket's path has at most 107 bytes",
    ),
    (
        'path = "journal.sqlite"',
        f'path = "{"j" * 99}/journal.sqlite"',
        "journal.path: the status socket beside it would have more than 107 bytes",
    ),
    (
        "[scale]\n",
        '[pages]\nengine = "magic"\n[scale]\n',
        "pages.engine: found 'magic', expected one of grid, passporteye",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), TABLE, ids=[row[2][:40] for row in TABLE])
def test_each_mistake_says_where_and_what(tmp_path, old, new, message):
    assert old in GOOD
    found = mistakes(tmp_path, GOOD.replace(old, new, 1))
    assert any(message in line for line in found), found


def test_the_visual_zone_is_checked_only_where_it_is_compared(tmp_path):
    checked = GOOD + '[[checks]]\ncheck = "document_visual_zone"\nagency = "border"\n'
    (found,) = mistakes(tmp_path, checked)
    assert "can never pass without `visual_zone = true` in [pages]" in found
    assert load_text(tmp_path, checked + "[pages]\nvisual_zone = true\n").pages.visual_zone


def test_a_mistake_names_its_own_line(tmp_path):
    text = GOOD.replace('place = "clearance"', 'place = "clearence"')
    line = text[: text.index("clearence")].count("\n") + 1
    assert mistakes(tmp_path, text)[0].startswith(f"{line}: devices.loop.place: ")


COUNTRIES = sorted({form.country for form in formats.table().formats})
CAMERA = """
[devices.camera]
driver = "rtsp"
url = "rtsp://192.0.2.7/stream"
priors = { TJ = 3.0, "KZ 1993 private" = 0.2 }
"""


def test_a_site_says_how_frequent_plates_are_there(tmp_path):
    spec = load_text(tmp_path, GOOD + CAMERA).devices[-1]
    assert spec.options.priors == {"TJ": 3.0, "KZ 1993 private": 0.2}


@pytest.mark.parametrize(
    ("priors", "message"),
    [
        ("{ TJ = -1 }", "priors.TJ: found -1, expected 0 (never) or a number from 0.000001 to 1000000"),
        ("{ TJ = 1e-300 }", "priors.TJ: found 1e-300, expected 0 (never)"),
        ("{ TJ = inf }", "priors.TJ: found inf, expected 0 (never)"),
        ("{ TJ = nan }", "priors.TJ: found nan, expected 0 (never)"),
        ('{ TJ = "3" }', "priors.TJ: found '3', expected a valid number"),
        ("{ TJ = true }", "priors.TJ: found True, expected a valid number"),
        (
            '{ "KZ 1893 private" = 2 }',
            "priors.KZ 1893 private: found 'KZ 1893 private', expected a country or a series of the plate "
            "format table (did you mean KZ 1993 private?)",
        ),
        ("{ Freedonia = 2 }", "expected a country or a series of the plate format table (such as KZ"),
        ("3", "priors: found 3, expected a valid dictionary"),
        (
            "{ " + ", ".join(f"{country} = 0" for country in COUNTRIES) + " }",
            "expected at least one series that is not 0",
        ),
    ],
)
def test_a_mistake_in_the_priors_names_its_key_and_line(tmp_path, priors, message):
    right = '{ TJ = 3.0, "KZ 1993 private" = 0.2 }'
    assert right in CAMERA
    text = GOOD + CAMERA.replace(right, priors)
    with pytest.raises(ConfigurationError) as caught:
        load_text(tmp_path, text)
    (found,) = caught.value.mistakes
    assert message in str(found)
    assert str(found).startswith("devices.camera.priors")
    assert found.line == 1 + text.splitlines().index(f"priors = {priors}")


def test_priors_may_be_a_table_of_their_own_with_a_line_for_each(tmp_path):
    text = GOOD + CAMERA.replace(
        'priors = { TJ = 3.0, "KZ 1993 private" = 0.2 }',
        '[devices.camera.priors]\nTJ = 3.0\n"KZ 1993 private" = 0.2\nXY = 1',
    )
    with pytest.raises(ConfigurationError) as caught:
        load_text(tmp_path, text)
    (found,) = caught.value.mistakes
    assert found.line == 1 + text.splitlines().index("XY = 1")


def test_all_mistakes_come_in_one_pass_in_the_order_of_the_file(tmp_path):
    text = GOOD
    for old, new, _ in (TABLE[0], TABLE[3], TABLE[13], TABLE[23], TABLE[26]):
        text = text.replace(old, new, 1)
    found = mistakes(tmp_path, text)
    assert len(found) == 5, found
    lines = [int(line.partition(":")[0]) for line in found]
    assert lines == sorted(lines)


def test_one_mistake_makes_one_message(tmp_path):
    text = GOOD.replace('driver = "moxa-e1214"', 'driver = "moxa-1214"')
    assert len(mistakes(tmp_path, text)) == 1, "roles on a board that is not known yet wait"


def test_secrets_stand_in_files_or_the_environment_alone(tmp_path, monkeypatch):
    from pydantic import BaseModel, SecretStr

    from lane_controller.daemon.configuration.secrets import prepare

    class Model(BaseModel):
        token: SecretStr | None = None
        path: Path | None = None

    secret = tmp_path / "token"
    secret.write_text("s3cret\n")
    secret.chmod(0o644)
    for value in ("s3cret", "env:NOT_THERE", "file:missing", "file:token", 7):
        problems = prepare({"token": value}, Model, tmp_path)
        assert list(problems) == ["token"], value
        assert "s3cret" not in problems["token"]
    secret.chmod(0o600)
    monkeypatch.setenv("TOKEN", "other")
    for value, expected in (("file:token", "s3cret"), ("env:TOKEN", "other")):
        options: dict[str, object] = {"token": value, "path": "here"}
        assert prepare(options, Model, tmp_path) == {}
        model = Model.model_validate(options)
        assert model.token is not None
        assert model.token.get_secret_value() == expected
        assert model.path == tmp_path / "here"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_stands_in_a_file_is_a_configuration_or_a_list_of_mistakes(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("fuzz")
    chance = data.draw(st.randoms(use_true_random=False))
    text = bytearray(GOOD.encode())
    for _ in range(data.draw(st.integers(0, 6))):
        place = chance.randrange(len(text))
        text[place : place + chance.randrange(12)] = bytes(
            chance.choice(b'[]="x0\n{}.\xff#') for _ in range(3)
        )
    (folder / "lane.toml").write_bytes(bytes(text))
    found = []
    try:
        load(folder / "lane.toml")
    except ConfigurationError as error:
        found = error.mistakes
    assert all(mistake.line > 0 for mistake in found)


def test_lines_are_found_past_strings_and_arrays_over_several_lines():
    text = 'a = """\n[no]\nb = 1\n"""\nc = [\n  1, # ]\n  "]",\n]\n[t]\n"d e".f = 2\n'
    text += "[[u]]\nx = 1\n[[u]]\nx = 2\n"
    lines = key_lines(text)
    assert lines[("a",)] == 1
    assert lines[("c",)] == 5
    assert lines[("t", "d e", "f")] == 10
    assert lines[("u", 1, "x")] == 14
    assert line_of(lines, ("t", "missing", "deeper")) == 9
    assert ("no",) not in lines


def test_the_last_good_configuration_is_used_when_the_file_is_broken(tmp_path):
    file, state = tmp_path / "lane.toml", tmp_path / "state"
    state.mkdir()
    file.write_text(GOOD)
    assert choose(file, state).refused == ""
    file.write_text(GOOD.replace("cargo-1", "Cargo 1"))
    before = file.read_text()
    chosen = choose(file, state)
    assert "lane.name" in chosen.refused
    assert chosen.configuration.lane.name == "cargo-1"
    assert chosen.configuration.journal.path == tmp_path / "journal.sqlite", (
        "relative to the file, not the copy"
    )
    assert file.read_text() == before, "the file is never written"
    with pytest.raises(ConfigurationError):
        choose(file, tmp_path / "elsewhere")


def test_the_example_in_deploy_is_a_configuration_but_for_its_certificates(tmp_path):
    example = Path(__file__).parents[2] / "deploy/lane.example.toml"
    with pytest.raises(ConfigurationError) as caught:
        load(example)
    assert [mistake.path[:1] for mistake in caught.value.mistakes] == [("broker",)] * 3, str(caught.value)


def test_every_key_of_the_configuration_is_documented():
    from lane_controller.daemon.configuration.tables import TABLES, TimingsTable

    page = (Path(__file__).parents[2] / "docs/configuration.md").read_text()
    keys = [
        f"{name}.{key}" for name, model in TABLES.items() for key in model.model_fields if key != "timings"
    ]
    missing = [key for key in keys if f"`{key}" not in page]
    missing += [key for key in TimingsTable.model_fields if f"`{key}`" not in page]
    assert missing == []


def test_random_bytes_are_mistakes(tmp_path):
    chance = random.Random(3)
    for _ in range(30):
        (tmp_path / "lane.toml").write_bytes(bytes(chance.randrange(256) for _ in range(200)))
        with pytest.raises(ConfigurationError):
            load(tmp_path / "lane.toml")
