"""Enrolled work places, for the administrator."""

from pydantic import BaseModel, ConfigDict

from dashboard.users.workplaces import list_workplaces
from dashboard.views import parts
from dashboard.views.language import Speaker
from dashboard.views.source import Source
from dashboard.views.tile_models import Moment


class WorkplaceShown(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    enrolled: Moment
    enrolled_by: str


class WorkplacesShown(BaseModel):
    model_config = ConfigDict(frozen=True)

    workplaces: tuple[WorkplaceShown, ...]


async def workplaces_view(source: Source, speaker: Speaker) -> WorkplacesShown:
    async with source.database.reads.connect() as connection:
        found = await list_workplaces(connection)
    return WorkplacesShown(
        workplaces=tuple(
            WorkplaceShown(
                name=one.name,
                enrolled=parts.moment(speaker, one.enrolled_us),
                enrolled_by=one.enrolled_by,
            )
            for one in found
        )
    )
