"""One whole reading of a chip with a face of 20 kB: APDUs, bytes, our processor time, and the time it takes.

The chip is a simulated one in a process of its own; a reading is everything from EF.CardAccess to the
verdict, the trust store loaded before.  Processor time is that of the thread that reads, over a bare socket
and, beside it, through pyscard, pcscd and vpcd.  Portraits are decoded by another process, measured apart.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import time as clock
from pathlib import Path
from tempfile import TemporaryDirectory

from drivers.emrtd import verdict
from drivers.emrtd.access_key import MrzKey
from drivers.emrtd.apdu import Transport
from drivers.emrtd.elementary_files import DATA_GROUPS
from drivers.emrtd.lds import dg2
from drivers.emrtd.portraits.decode import Decoder
from drivers.emrtd.reader import ChipReader
from drivers.emrtd.reading import Reading
from drivers.emrtd.trust import folder
from drivers.emrtd.trust_store import TrustStore
from measures import Figure, Measurement, at_most, percentile, shown
from measures.rigs.chip_documents import LE, WAYS, Way, least_apdus, specimen
from measures.rigs.chip_links import in_the_reader, over_a_socket, slot, virtual_reader
from simulators.card.attacks.specimen import Specimen
from simulators.card.pcscd import VirtualReader

FIGURES = ("apdus", "bytes", "cpu", "pcsc", "delayed")
NAMES = tuple(f"chip-{way.name}-{figure}" for way in WAYS for figure in FIGURES)
PORTRAIT = "chip-portrait"
RATIO_MAX = 1.15
CPU_MS_MAX, CPU_MS_MAX_DES = 30, 40
PROVED = {"pace-cam": "the mapping proves the chip"}


@dataclass(slots=True)
class Samples:
    """Of one way in, one value a reading."""

    apdus: int
    least: int
    sent: int
    received: int
    cpu_ms: list[float]
    pcsc_cpu_ms: list[float]
    pcsc_ms: list[float]
    delayed_s: list[float]
    floor_s: list[float]


def run(full: bool) -> list[Figure]:
    rounds, delayed = (60, 5) if full else (15, 2)
    return asyncio.run(measured(WAYS, rounds, delayed))


async def measured(ways: Iterable[Way], rounds: int, delayed: int) -> list[Figure]:
    """Figures of these ways, from so many readings without and with the delay model."""
    figures: list[Figure] = []
    async with virtual_reader() as reader:
        for way in ways:
            samples = await asyncio.to_thread(_way, way, reader, rounds, delayed)
            figures += _figures(way, samples)
    return figures


def _way(way: Way, reader: VirtualReader, rounds: int, delayed: int) -> Samples:
    of = specimen(way.name)
    store = _trust(of)
    with over_a_socket(way.name) as (link, chip):
        reading = _read(link, of, store)  # imports, groups of curves
        link.reset()
        exchanges, _ = chip.session()
        if exchanges != reading.apdus:
            raise RuntimeError(f"{way.name}: the reader counts {reading.apdus} APDUs, the chip {exchanges}")
        cpu: list[float] = []
        for _ in range(rounds):
            cpu.append(_timed(time.thread_time, lambda: _read(link, of, store)) * 1e3)
            link.reset()
            chip.session()
    found = Samples(
        reading.apdus,
        least_apdus(way, of.chip.files),
        reading.bytes_sent,
        reading.bytes_received,
        cpu,
        *([], [], [], []),
    )
    with in_the_reader(way.name, reader), slot(reader) as card:
        for _ in range(rounds + 1):
            began_s, began_cpu_s = time.monotonic(), time.thread_time()
            card.connect()
            _read(card, of, store)
            found.pcsc_ms.append((time.monotonic() - began_s) * 1e3)
            found.pcsc_cpu_ms.append((time.thread_time() - began_cpu_s) * 1e3)
            card.close()
    with in_the_reader(way.name, reader, "delayed") as chip, slot(reader) as card:
        for _ in range(delayed):
            card.connect()
            found.delayed_s.append(_timed(time.monotonic, lambda: _read(card, of, store)))
            card.close()
            found.floor_s.append(chip.session()[1])
    return found


def _figures(way: Way, found: Samples) -> list[Figure]:
    name = f"chip-{way.name}"
    proved = PROVED.get(way.name, f"chip authentication {way.cipher}")
    floor, taken = percentile(found.floor_s, 0.5), percentile(found.delayed_s, 0.5)
    return [
        at_most(
            f"{name}-apdus",
            found.apdus / found.least,
            "of the least",
            RATIO_MAX,
            f"{found.apdus} APDUs, {found.least} needed at Le {LE}; {proved}",
        ),
        shown(
            f"{name}-bytes",
            found.sent + found.received,
            "bytes",
            f"{found.sent} sent, {found.received} received",
        ),
        at_most(
            f"{name}-cpu",
            percentile(found.cpu_ms, 0.5),
            "ms",
            CPU_MS_MAX_DES if way.in_des else CPU_MS_MAX,
            f"p95 {percentile(found.cpu_ms, 0.95):.1f} ms; through pyscard and pcscd "
            f"{percentile(found.pcsc_cpu_ms, 0.5):.1f} ms",
        ),
        shown(
            f"{name}-pcsc",
            percentile(found.pcsc_ms, 0.5),
            "ms",
            f"p95 {percentile(found.pcsc_ms, 0.95):.0f} ms; the simulated chip's own arithmetic is in it",
        ),
        shown(
            f"{name}-delayed",
            taken,
            "s",
            f"the model's floor {floor:.3f} s (424 kbit/s, 2 ms an APDU, a coprocessor's own steps)",
        ),
    ]


def _portrait(full: bool) -> list[Figure]:
    with over_a_socket("bac") as (link, _):
        reading = _read(link, specimen("bac"), _trust(specimen("bac")))
    data = reading.files[DATA_GROUPS[2]]
    faces = dg2.parse(data).faces
    with Decoder() as decoder:
        start_ms = _timed(time.monotonic, decoder.warm_up) * 1e3
        first = decoder.first(faces)
        times = [
            _timed(time.monotonic, lambda: decoder.first(faces)) * 1e3 for _ in range(60 if full else 15)
        ]
    return [
        shown(
            PORTRAIT,
            percentile(times, 0.5),
            "ms",
            f"{first.format} of {len(faces[0].image)} bytes, {first.width} by {first.height}, by the clock; "
            f"the decoder's process starts in {start_ms:.0f} ms",
        )
    ]


def _read(transport: Transport, of: Specimen, store: TrustStore) -> Reading:
    """A reading with its verdict; RuntimeError when that is not genuine: then it is no figure of any use."""
    secrets = of.chip.secrets
    reading = ChipReader(transport, MrzKey(secrets.number, secrets.birth, secrets.expiry)).run()
    found = verdict.judge(reading, store, _noon(of))
    if found.chip is not verdict.ChipVerdict.GENUINE:
        raise RuntimeError(f"the chip was judged {found.chip}: {found.checks}")
    return reading


def _trust(of: Specimen) -> TrustStore:
    with TemporaryDirectory() as made:
        for name, content in of.trust.items():
            (Path(made) / name).write_bytes(content)
        return folder.load(Path(made), _noon(of))


def _noon(of: Specimen) -> datetime:
    return datetime.combine(of.at, clock(12), UTC)


def _timed(now: Callable[[], float], work: Callable[[], object]) -> float:
    began = now()
    work()
    return now() - began


MEASUREMENTS = [Measurement(NAMES, run), Measurement((PORTRAIT,), _portrait)]
