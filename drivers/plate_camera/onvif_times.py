"""Times in ONVIF's answers, as seconds since 1970."""

from datetime import UTC, datetime

from drivers.plate_camera.xml_tree import Element


def clock_in(answered: Element) -> float | None:
    """The camera's clock, seconds since 1970; None where it tells no UTC."""
    told = answered.find("UTCDateTime")
    try:
        if told is None:
            return None
        year, month, day = (int(told.value(name)) for name in ("Year", "Month", "Day"))
        hour, minute, second = (int(told.value(name)) for name in ("Hour", "Minute", "Second"))
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return None


def utc_seconds(text: str) -> float | None:
    """Seconds since 1970 of an xs:dateTime, which is UTC where it names no zone; None for anything else."""
    try:
        when = datetime.fromisoformat(text[:40])
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
