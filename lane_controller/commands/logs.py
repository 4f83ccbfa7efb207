"""Logs as key=value lines on stderr, where systemd's journal takes them."""

import logging
import os
import sys

import structlog


def set_up(*, debug: bool = False) -> None:
    """Levels as systemd reads them (sd-daemon(3)) when it listens; a time stamp when nobody adds one."""
    processors: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
    ]
    if "JOURNAL_STREAM" not in os.environ:
        processors.append(structlog.processors.TimeStamper(fmt="iso", utc=True))
    processors.append(
        structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True)
    )
    level = logging.DEBUG if debug else logging.INFO
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="level=%(levelname)s %(message)s")
