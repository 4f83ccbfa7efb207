"""The devices of a lane that have a wire of their own, and how the world reaches each.

Each function builds what the lane's kit asks for: the simulated device, what to tell it at each step and at
each happening, and its table in the lane's configuration.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simulators.album import Album
from simulators.books import Books
from simulators.card_desk import READER, CardDesk
from simulators.device import SimulatedDevice
from simulators.document_reader.swipe import SwipeReader
from simulators.document_reader.wedge import KeyboardWedge
from simulators.faults import FaultedLine
from simulators.kit import LaneKit
from simulators.page_desk import page_reader
from simulators.plate_camera import mjpeg, rtsp
from simulators.plate_camera.camera import Camera
from simulators.register_files import RegisterFiles
from simulators.registers.draw import Draw
from simulators.registers.http_service import HttpRegister
from simulators.render.drives import Side
from simulators.scale import mt_sics, toledo_continuous, xk3190
from simulators.scale.indicator import Indicator
from simulators.serial_line import PtyLine, TcpLine
from simulators.wiring import Table
from simulators.world import Happening, LaneWorld


def _nothing(_: object) -> None:
    """What most devices do about most things."""


@dataclass
class Part:
    """A device on the bench.  `feed` brings it the world before each step; `tell` what happens in the lane;
    `table` is its configuration, known once it was started."""

    device: SimulatedDevice
    table: Callable[[], Table]
    feed: Callable[[], None] = lambda: None
    tell: Callable[[Happening], None] = field(default=_nothing)
    line: FaultedLine | None = None
    album: Album | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    is_register: bool = False
    own_time: bool = False
    """Its tempo is the lane's clock's, not the world's: a camera takes no more pictures because drivers are
    in a hurry."""

    def step(self, world_s: float, board_s: float) -> None:
        self.feed()
        self.device.step(board_s if self.own_time else world_s)


MAX_KG, DIVISION_KG = 60_000, 20
"""The weighbridge's rating plate."""


def scale(kit: LaneKit, lane: LaneWorld, folder: Path, seed: int) -> Iterator[Part]:
    """The weighbridge of a cargo lane."""
    model = kit.scale_model
    if not model:
        return
    line = FaultedLine(PtyLine(folder / "scale.tty") if kit.scale_wire == "pty" else TcpLine())
    indicator = Indicator(max_kg=MAX_KG, division_kg=DIVISION_KG, seed=seed)
    kinds = {"xk3190": xk3190, "toledo-continuous": toledo_continuous, "mt-sics": mt_sics}
    device = kinds[model].Simulator("scale", line, indicator)

    def table() -> Table:
        plate: Table = {"driver": model, "port": line.address, "max_kg": MAX_KG, "division_kg": DIVISION_KG}
        if model == "toledo-continuous":
            plate |= {"checksum": True, "fixed_zero": "dropped"}
        return plate

    def feed() -> None:
        indicator.load_kg = lane.deck_load_kg

    yield Part(device, table, feed, line=line)


def readers(kit: LaneKit, folder: Path, seed: int) -> Iterator[Part]:
    """The document readers.  A document goes to the first one that reads zones or pages, and its chip, if it
    has one, to the card reader."""
    zones = [model for model in kit.readers if model != "pcsc"]
    for model in zones:
        part = _reader(model, folder, seed)
        if model != zones[0]:
            part.tell = _nothing
        yield part


def _reader(model: str, folder: Path, seed: int) -> Part:
    if model == "mrz-swipe":
        return _swipe(folder, seed)
    if model == "keyboard-wedge":
        return _wedge(folder, seed)
    device, table = page_reader(model, folder, seed)
    return Part(device, table, tell=_presenter(device.present))


def _swipe(folder: Path, seed: int) -> Part:
    line = FaultedLine(PtyLine(folder / "swipe.tty"))
    device = SwipeReader("swipe", line, seed=seed)
    return Part(
        device,
        lambda: {"driver": "mrz-swipe", "port": line.address},
        tell=_presenter(device.present),
        line=line,
    )


def _wedge(folder: Path, seed: int) -> Part:
    device = KeyboardWedge("wedge", folder / "wedge.events", seed=seed)
    return Part(
        device,
        lambda: {"driver": "keyboard-wedge", "path": device.address},
        tell=_presenter(device.present),
    )


def _presenter(present: Callable[[tuple[str, ...]], None]) -> Callable[[Happening], None]:
    def tell(happening: Happening) -> None:
        if happening.what == "presents" and happening.document is not None:
            present(happening.document.lines)

    return tell


FRAMES_PER_S = 10.0


def cameras(kit: LaneKit, lane: LaneWorld, cache: Path, seed: int) -> Iterator[Part]:
    """The plate cameras, looking at the lane's world from before and, where the kit says so, from behind."""
    for album in albums(kit, lane, cache, seed):
        yield _camera(kit, album, seed)


def albums(kit: LaneKit, lane: LaneWorld, cache: Path, seed: int) -> Iterator[Album]:
    """What each plate camera of the lane shows."""
    models: dict[Side, str] = {"front": kit.camera_model, "rear": kit.rear_camera}
    for side, model in models.items():
        if model:
            yield Album(lane, cache, seed, side, h264=model == "rtsp-h264")


def _camera(kit: LaneKit, album: Album, seed: int) -> Part:
    front = album.side == "front"
    name, model = ("camera", kit.camera_model) if front else ("camera-rear", kit.rear_camera)
    album.open()
    eye = Camera(album.view, dark=album.dark, frames_per_s=FRAMES_PER_S)
    encoding = "h264" if model == "rtsp-h264" else "jpeg"
    device = (
        mjpeg.Simulator(name, eye)
        if model == "mjpeg"
        else rtsp.Simulator(name, eye, seed=seed, encoding=encoding)
    )

    def table() -> Table:
        at: Table = {"driver": "mjpeg" if model == "mjpeg" else "rtsp", "url": device.address}
        return at if front else {**at, "side": "rear"}

    return Part(device, table, album=album, own_time=True)


LISTS = ("watchlist_person", "watchlist_plate", "lost_documents")
ASKED = ("booking", "declaration", "draw")


def registers(kit: LaneKit, books: Books, folder: Path, seed: int) -> Iterator[Part]:
    """What the lane asks: one service, and where the kit says so the lists as local files."""
    draw = Draw(kit.recheck_rate, seed=f"shift {seed}".encode())
    service = HttpRegister("registers", books.rows, as_of=lambda: books.as_of, draw=draw)
    kinds = ASKED if kit.registers == "file" else (*ASKED, *LISTS)
    yield Part(
        service,
        lambda: {"driver": "register-http", "kinds": kinds, "url": service.address},
        is_register=True,
    )
    if kit.registers == "file":
        lists = RegisterFiles("lists", books, LISTS, folder / "lists")
        yield Part(
            lists,
            lambda: {
                "driver": "register-file",
                "kinds": LISTS,
                "files": lists.files,
                "max_age_s": 30 * 86400.0,
            },
            is_register=True,
        )


def cards(kit: LaneKit, seed: int) -> Iterator[Part]:
    """The PC/SC reader of a lane that has one."""
    if "pcsc" in kit.readers:
        desk = CardDesk("card", seed=seed)
        table: Table = {"driver": "pcsc", "reader": f"{READER} 00 00$"}
        yield Part(desk, lambda: table, tell=desk.tell, environment=desk.environment)
