"""Pictures that events refer to, kept by their SHA-256 under the audience they were published for."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import and_, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dashboard.store.bulk import insert_rows
from dashboard.store.stage import Stage
from dashboard.store.tables import MEDIA, MEDIA_REFERENCES
from lane_controller.messages.words import Audience

MEDIA_BYTES_MAX = 256 * 1024
UNREFERENCED_KEPT_US = 600 * 1_000_000
"""A picture may come before its event; after this time without one it is dropped."""


class MediaRefused(Exception):
    """The bytes are no picture of ours: too large, of another kind, or not what their name says."""


@dataclass(frozen=True, slots=True)
class Picture:
    content_type: str
    content: bytes


def picture_of(sha256: str, content: bytes) -> Picture:
    """Looks the bytes over; raises MediaRefused."""
    if len(content) > MEDIA_BYTES_MAX:
        raise MediaRefused("too_large")
    if hashlib.sha256(content).hexdigest() != sha256:
        raise MediaRefused("wrong_hash")
    if content.startswith(b"\xff\xd8\xff"):
        return Picture("image/jpeg", content)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Picture("image/png", content)
    raise MediaRefused("no_picture")


async def save_picture(stage: Stage, lane: str, audience: Audience, sha256: str, picture: Picture) -> None:
    row = (lane, sha256, audience, picture.content_type, picture.content, stage.received_us)
    await insert_rows(stage.connection, MEDIA, [row], "keep")
    stage.memory.wanted_media.get(lane, {}).pop(sha256, None)
    stage.committed.lanes.add(lane)


async def drop_unreferenced(stage: Stage) -> None:
    same = and_(MEDIA_REFERENCES.c.lane == MEDIA.c.lane, MEDIA_REFERENCES.c.sha256 == MEDIA.c.sha256)
    old = MEDIA.c.received_us < stage.received_us - UNREFERENCED_KEPT_US
    await stage.connection.execute(delete(MEDIA).where(old, ~exists().where(same)))


async def load_picture(
    connection: AsyncConnection, lane: str, sha256: str, audiences: Collection[Audience]
) -> Picture | None:
    row = (
        await connection.execute(
            select(MEDIA.c.content_type, MEDIA.c.content).where(
                MEDIA.c.lane == lane, MEDIA.c.sha256 == sha256, MEDIA.c.audience.in_(audiences)
            )
        )
    ).first()
    return Picture(row.content_type, row.content) if row else None


async def stored_pictures(
    connection: AsyncConnection, lane: str, named: Iterable[str], audiences: Collection[Audience]
) -> frozenset[str]:
    """Which of these are here: an event and the pictures that it names come and are committed apart."""
    wanted = MEDIA.c.sha256.in_(sorted(set(named)))
    rows = await connection.scalars(
        select(MEDIA.c.sha256).where(MEDIA.c.lane == lane, wanted, MEDIA.c.audience.in_(audiences))
    )
    return frozenset(rows)
