"""The site's configuration, SITE.toml: all mistakes in one pass, each with file, line, key and what to do."""

import ipaddress
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from lane_controller.messages.topics import NAME

LANGUAGES = ("en", "ru", "kk", "ky", "uz", "tg", "tk")
"""Languages that the package has a catalogue for."""


class SiteError(Exception):
    """SITE.toml cannot be used; the message lists every mistake, one a line."""


def _from_site_file(path: Path, info: ValidationInfo) -> Path:
    """An existing file, relative to the folder of SITE.toml."""
    context: dict[str, Any] = info.context or {}
    absolute = Path(context.get("folder", ".")) / path
    if not absolute.is_file():
        raise ValueError(f"found no file {absolute}; give the path of an existing file")
    return absolute


ExistingFile = Annotated[Path, AfterValidator(_from_site_file)]


# Of single keys, not of the whole: pydantic asks the whole only when all its keys are right.
def _a_name(value: str) -> str:
    if not NAME.match(value):
        raise ValueError(f"found {value!r}; use a-z, 0-9, _ and -, at most 32 characters")
    return value


def _a_time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"found {value!r}; expected an IANA name such as Asia/Almaty") from None
    return value


def _some_languages(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value or any(language not in LANGUAGES for language in value):
        raise ValueError(f"found {list(value)}; expected some of {list(LANGUAGES)}")
    return value


def _a_time_of_day(value: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError(f"found {value!r}; expected hours and minutes such as 04:00")
    return value


def is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Listen(_Part):
    """Where the pages are served: loopback, or anywhere under TLS."""

    address: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    certificate: ExistingFile | None = None
    key: ExistingFile | None = None

    @model_validator(mode="after")
    def _tls_or_loopback(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together: give both or none")
        if self.certificate is None and not is_loopback(self.address):
            raise ValueError(
                f"address {self.address} is not loopback: passwords would travel in the clear; "
                "give certificate and key, or listen on 127.0.0.1"
            )
        return self


class StorePart(_Part):
    url: str = "sqlite:///store.db"
    password_file: ExistingFile | None = None

    @model_validator(mode="after")
    def _known_database(self) -> Self:
        if not re.match(r"^(sqlite:///.+|postgresql://.+)$", self.url):
            raise ValueError("url: expected sqlite:///FILE or postgresql://USER@HOST/DATABASE")
        if re.match(r"^postgresql://[^/@]*:[^/@]*@", self.url):
            raise ValueError("url holds a password: move it into a file and name it as password_file")
        return self


class Broker(_Part):
    """The site's MQTT broker, under mutual TLS; plain only on loopback."""

    address: str = "127.0.0.1"
    port: int = Field(default=8883, ge=1, le=65535)
    ca: ExistingFile | None = None
    certificate: ExistingFile | None = None
    key: ExistingFile | None = None

    @model_validator(mode="after")
    def _mutual_tls(self) -> Self:
        given = [part is not None for part in (self.ca, self.certificate, self.key)]
        if any(given) and not all(given):
            raise ValueError("ca, certificate and key belong together: give all three")
        if not any(given) and not is_loopback(self.address):
            raise ValueError(f"address {self.address} is not loopback: give ca, certificate and key")
        return self


class Signing(_Part):
    key: ExistingFile
    key_id: str = Field(min_length=1, max_length=64)


class Site(_Part):
    """A crossing point's dashboard, as SITE.toml says."""

    site: Annotated[str, AfterValidator(_a_name)]
    time_zone: Annotated[str, AfterValidator(_a_time_zone)]
    languages: Annotated[tuple[str, ...], AfterValidator(_some_languages)] = LANGUAGES
    demo: bool = False
    reload_at: Annotated[str, AfterValidator(_a_time_of_day)] = "04:00"
    """Site time from which on a wall may start afresh, for an hour, while nobody is needed."""
    listen: Listen = Listen()
    store: StorePart = StorePart()
    broker: Broker
    signing: Signing
    folder: Path = Field(Path(), exclude=True)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def _line_of(text: str, where: tuple[int | str, ...]) -> int:
    """The line that says the key, or that of its table, or 1."""
    section, best = "", 1
    *tables, key = [str(part) for part in where] or [""]
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[+\s*([\w.-]+)\s*\]+", line):
            section = header.group(1)
            if section == ".".join([*tables, key]) or section == ".".join(tables):
                best = number
        elif section == ".".join(tables) and re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number
    return best


def load_site(path: Path) -> Site:
    """Reads SITE.toml.  Raises SiteError with every mistake found."""
    try:
        text = path.read_text("utf-8")
        raw = tomllib.loads(text)
    except OSError as error:
        raise SiteError(f"{path}: cannot be read ({error.strerror}); give the path of a SITE.toml") from None
    except UnicodeDecodeError:
        raise SiteError(f"{path}: is not UTF-8 text; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SiteError(f"{path}: is not TOML: {error}") from None
    try:
        site = Site.model_validate(raw, context={"folder": path.resolve().parent})
    except ValidationError as error:
        raise SiteError("\n".join(_explain(path, text, mistake) for mistake in error.errors())) from None
    return site.model_copy(update={"folder": path.resolve().parent})


def _explain(path: Path, text: str, mistake: Any) -> str:
    where = tuple(part for part in mistake["loc"] if part != "")
    key = ".".join(str(part) for part in where) or "(file)"
    message = str(mistake["msg"]).removeprefix("Value error, ")
    found = mistake["input"]
    shown = "" if isinstance(found, dict) or mistake["type"] == "value_error" else f"; found {found!r}"
    if mistake["type"] == "extra_forbidden":
        message, shown = "unknown key; remove it or correct its spelling", ""
    if mistake["type"] == "missing":
        message, shown = "is missing; add it", ""
    return f"{path}:{_line_of(text, where)}: {key}: {message}{shown}"
