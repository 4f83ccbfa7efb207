"""What a lane's file says of a camera that pushes its readings: who it is, and where each thing stands."""

from typing import Literal

from pydantic import Field, SecretStr, model_validator

from drivers.device import Options
from drivers.http_guard import Basic, Bearer, Digest, Guard
from drivers.http_listener import ListenOptions
from drivers.plate_camera.json_paths import JsonPath, list_of
from drivers.plate_camera.self_reading import SelfReadingOptions

TOKEN_CHARACTERS_MIN = 16
PASSWORD_CHARACTERS_MIN = 8

Box = tuple[JsonPath, JsonPath, JsonPath, JsonPath]


class Fields(Options):
    """Where each thing stands, as `json_paths.py` says."""

    text: JsonPath
    """The plate; a message without it is a sign of life."""
    id: JsonPath | None = None
    """What two messages of the same reading have in common."""
    time: JsonPath | None = None
    """When it was read, by the camera: ISO 8601 with its zone, or seconds or milliseconds since 1970."""
    country: JsonPath | None = None
    """ISO 3166 code or English name, or the sign at the vehicle's back."""
    confidence: JsonPath | None = None
    """0 to `confidence_scale`."""
    direction: JsonPath | None = None
    """Compared with `directions`."""
    picture: JsonPath | None = None
    """JPEG of the scene as base64."""
    crop: JsonPath | None = None
    """JPEG of the plate alone as base64."""
    box: Box | None = None
    """Left, top, width and height of the plate in the picture: four paths."""
    corners: Box | None = None
    """Left, top, right and bottom of it, where the camera tells these."""

    @model_validator(mode="after")
    def _go_together(self) -> "Fields":
        if self.id is None and self.time is None:
            raise ValueError("`id` or `time`: by it a reading that is sent again is known")
        if self.box is not None and self.corners is not None:
            raise ValueError("`box` or `corners`, not both")
        single = (self.id, self.time, self.country, self.confidence, self.direction, self.picture, self.crop)
        others = [path for path in (*single, *(self.box or ()), *(self.corners or ())) if path]
        starred = {list_of(path) for path in others if "*" in path.split(".")}
        if starred - ({list_of(self.text)} if "*" in self.text.split(".") else set()):
            raise ValueError("a * goes through the list that `text` goes through")
        return self


class FieldOptions(Options):
    """How a camera's fields are to be understood."""

    fields: Fields
    """Where each thing stands in the camera's JSON: a table of paths."""
    confidence_scale: float | None = Field(None, gt=0, le=1_000_000)
    """What the camera writes for certain: 1, or 100."""
    directions: tuple[str, ...] = ()
    """Directions whose vehicles count, as the camera writes them; one that tells none counts too."""
    box_scale: float | None = Field(None, gt=0, le=1_000_000)
    """The far end of both axes of a box, 1 for shares; left out where boxes are in pixels of the picture."""

    @model_validator(mode="after")
    def _understood(self) -> "FieldOptions":
        if (self.fields.confidence is None) != (self.confidence_scale is None):
            raise ValueError("`confidence_scale` goes with `fields.confidence`")
        if (self.fields.direction is None) != (not self.directions):
            raise ValueError("`directions` goes with `fields.direction`")
        if self.box_scale is not None and self.fields.box is None and self.fields.corners is None:
            raise ValueError("`box_scale` goes with `fields.box` or `fields.corners`")
        return self


class PushOptions(ListenOptions, FieldOptions, SelfReadingOptions):
    """Over plain HTTP whoever hears the network reads pictures, and a basic password or a token too: then
    cameras have a network of their own."""

    path: str = Field("/plates", pattern=r"^/[A-Za-z0-9._~/-]{0,200}$")
    """What the camera posts to at that address."""
    authentication: Literal["digest", "basic", "bearer"] = "digest"
    """How the camera proves who it is."""
    user: str = Field("", max_length=64, pattern=r'^[^":\\]*$')
    """The camera's name, with digest and basic."""
    password: SecretStr | None = Field(None, min_length=PASSWORD_CHARACTERS_MIN)
    """Its password, with digest and basic; 8 characters or more."""
    token: SecretStr | None = Field(None, min_length=TOKEN_CHARACTERS_MIN)
    """Its token, with bearer; 16 characters or more."""
    picture_part: str = ""
    """Name of the form's part that has the picture of the scene; "" tells pictures apart by name and size."""
    crop_part: str = ""
    """Name of the part that has the picture of the plate alone."""
    silent_s: float | None = Field(None, ge=2, le=86_400)
    """Seconds without a message after which the camera counts as lost, where it sends some without a vehicle
    too; left out where it does not."""

    @model_validator(mode="after")
    def _proved(self) -> "PushOptions":
        if self.authentication == "bearer":
            if self.token is None or self.user or self.password:
                raise ValueError("bearer takes a `token`, and neither `user` nor `password`")
        elif not self.user or self.password is None or self.token:
            raise ValueError(f"{self.authentication} takes `user` and `password`, and no `token`")
        return self

    def guard(self) -> Guard:
        """Who may post."""
        if self.token is not None:
            return Bearer(self.token.get_secret_value())
        assert self.password is not None
        kind = Basic if self.authentication == "basic" else Digest
        return kind(self.user, self.password.get_secret_value())
