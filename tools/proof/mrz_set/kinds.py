"""The kinds of picture in the set: how many of each, and how one is drawn by chance."""

# pyright: basic, reportMissingImports=false
# (skia-python is in the proof's own environment)

from dataclasses import replace
from random import Random

from camera import Glare, Shot
from glyphs import ZONE_FACES
from sheets import Style

KINDS = {
    "flat": 160,
    "small": 140,
    "perspective": 180,
    "turned": 180,
    "curved": 140,
    "glare": 140,
    "low light": 140,
    "security": 180,
    "blur": 120,
    "jpeg": 100,
    "noise": 100,
    "binarised": 100,
    "coloured": 80,
    "infrared": 80,
    "several": 100,
    "large": 60,
    "mirrored": 20,
}
NONE_PAGES = 300
FRAMED, FRAMES = 40, 5
"""Documents photographed several times, and how often each."""
FACE_SHARES = (40, 25, 35)


def style(kind: str, random: Random) -> Style:
    """How the page is made."""
    face = random.choices(ZONE_FACES, FACE_SHARES)[0]
    plain = Style(
        face=face,
        weight=random.gauss(0.02, 0.05),
        ink=random.uniform(0.02, 0.25),
        art=random.uniform(0.1, 0.7),
        behind=random.choice((0, 0, random.uniform(0, 0.3))),
        wear=random.choice((0, 0, random.uniform(0, 0.5))),
        height=random.uniform(0.95, 1.06),
        pitch=random.uniform(0.985, 1.015),
    )
    if kind == "security":
        heavy = random.uniform(0.5, 1.0)
        shine = random.choice((0.0, random.uniform(0.25, 0.6)))
        return replace(plain, art=0.8, behind=heavy, foil=shine, wear=random.uniform(0, 0.4))
    if kind == "infrared":
        return replace(plain, infrared=True, behind=0, art=0)
    if kind == "coloured":
        return replace(plain, coloured=True, behind=random.uniform(0.1, 0.45))
    if kind == "binarised":
        return replace(plain, behind=random.choice((0, 0.1)), wear=random.uniform(0, 0.6))
    return plain


def _any(random: Random) -> Shot:
    """A fair picture by hand or reader: what every kind starts from."""
    return Shot(
        pitch=random.uniform(12, 24),
        tilt=abs(random.gauss(0, 2)),
        azimuth=random.uniform(0, 360),
        roll=random.choices((0, 180, 90, 270), (82, 8, 5, 5))[0] + random.gauss(0, 1.2),
        blur=random.uniform(0.3, 0.9),
        noise=random.uniform(0.005, 0.025),
        gain=random.uniform(0.85, 1.1),
        cast=tuple(random.uniform(0.93, 1.05) for _ in range(3)),  # type: ignore[arg-type]
        vignette=random.uniform(0, 0.15),
        grey=random.random() < 0.2,
        quality=random.choice((0, 65, 75, 85, 90, 92, 95)),
    )


def shot(kind: str, random: Random, centre: tuple[float, float]) -> Shot:
    """How the picture is taken; `centre` is the middle of the zone on the desk in mm."""
    any_shot = _any(random)
    return _KIND[kind](any_shot, random, centre) if kind in _KIND else any_shot


def _flat(one: Shot, random: Random, centre: tuple[float, float]) -> Shot:
    return replace(
        one, tilt=0, pitch=random.uniform(13, 30), blur=random.uniform(0.2, 0.6), noise=0.006, vignette=0
    )


def _small(one: Shot, random: Random, centre: tuple[float, float]) -> Shot:
    pitch = random.uniform(7, 12)
    return replace(
        one, pitch=pitch, blur=random.uniform(0.25, 0.07 * pitch), noise=random.uniform(0.004, 0.015)
    )


def _perspective(one: Shot, random: Random, centre: tuple[float, float]) -> Shot:
    return replace(
        one,
        tilt=random.uniform(15, 40),
        roll=one.roll + random.gauss(0, 8),
        distance=random.uniform(220, 420),
        pitch=random.uniform(13, 24),
        blur=random.uniform(0.3, 0.9),
    )


def _turned(one: Shot, random: Random, centre: tuple[float, float]) -> Shot:
    quarter = random.choice((90, 180, 270))
    return replace(
        one, roll=quarter + random.gauss(0, 2) if random.random() < 0.5 else random.uniform(-180, 180)
    )


def _curved(one: Shot, random: Random, centre: tuple[float, float]) -> Shot:
    bow = random.choice((-1, 1)) * random.uniform(1.2, 5.5)
    return replace(
        one, bow=bow, squeeze=random.uniform(-1.5, 1.5), shade=random.choice((0, random.uniform(0.1, 0.4)))
    )


def _glare(one: Shot, random: Random, centre: tuple[float, float]) -> Shot:
    lights = [
        Glare(
            centre[0] + random.uniform(-45, 45),
            centre[1] + random.uniform(-7, 7),
            random.uniform(6, 26),
            random.uniform(4, 14),
            random.uniform(0.6, 0.88) if light == 0 else random.uniform(0.2, 0.5),
        )
        for light in range(random.randint(1, 2))
    ]
    lights.append(Glare(centre[0] + random.uniform(-50, 50), centre[1] - random.uniform(25, 60), 14, 10, 1.0))
    return replace(one, glares=tuple(lights))


def _low_light(one: Shot, random: Random, centre: tuple[float, float]) -> Shot:
    gain = random.uniform(0.12, 0.35)
    return replace(
        one,
        gain=gain,
        black=random.uniform(0, 0.04),
        noise=random.uniform(0.02, 0.1) * gain,
        grain=random.choice((1, 1, 2)),
        blur=random.uniform(0.5, 1.1),
        motion=random.choice((0, random.uniform(0, 0.16) * one.pitch)),
        motion_angle=random.uniform(0, 180),
        vignette=random.uniform(0.1, 0.5),
        cast=(random.uniform(0.95, 1.2), 1.0, random.uniform(0.6, 1.0)),
    )


def _blur(one: Shot, random: Random, centre: tuple[float, float]) -> Shot:
    if random.random() < 0.5:
        return replace(one, blur=random.uniform(0.09, 0.17) * one.pitch)
    return replace(one, motion=random.uniform(0.18, 0.36) * one.pitch, motion_angle=random.uniform(0, 180))


def _jpeg(one: Shot, random: Random, centre: tuple[float, float]) -> Shot:
    return replace(one, quality=random.randint(8, 28))


def _noise(one: Shot, random: Random, centre: tuple[float, float]) -> Shot:
    return replace(one, noise=random.uniform(0.07, 0.2), grain=random.choice((1, 1, 2)))


def _binarised(one: Shot, random: Random, centre: tuple[float, float]) -> Shot:
    how = random.choice(("global", "adaptive"))
    return replace(
        one, binarised=how, black=0, gain=random.uniform(0.8, 1.1), noise=random.uniform(0.01, 0.06),
        quality=0, vignette=0 if how == "global" else one.vignette,
    )  # fmt: skip


def _infrared(one: Shot, random: Random, centre: tuple[float, float]) -> Shot:
    gain = random.uniform(0.45, 0.95)
    return replace(one, grey=True, gain=gain, noise=random.uniform(0.01, 0.05), blur=random.uniform(0.5, 1.2))


def _several(one: Shot, random: Random, centre: tuple[float, float]) -> Shot:
    return replace(
        one, pitch=random.uniform(11, 16), roll=random.choice((0, 0, 90, 180, 270)) + random.gauss(0, 2)
    )


def _large(one: Shot, random: Random, centre: tuple[float, float]) -> Shot:
    return replace(one, pitch=random.uniform(40, 75), blur=random.uniform(0.8, 2.5), quality=85)


def _mirrored(one: Shot, random: Random, centre: tuple[float, float]) -> Shot:
    return replace(one, mirrored=True, roll=random.choice((0, 90, 180, 270)) + random.gauss(0, 1))


_KIND = {
    "flat": _flat, "small": _small, "perspective": _perspective, "turned": _turned, "curved": _curved,
    "glare": _glare, "low light": _low_light, "blur": _blur, "jpeg": _jpeg, "noise": _noise,
    "binarised": _binarised, "infrared": _infrared, "several": _several, "large": _large,
    "mirrored": _mirrored,
}  # fmt: skip


def frames(random: Random, centre: tuple[float, float]) -> list[Shot]:
    """Pictures of one document in hand, each hard to read alone; glare, noise and blur change from one to the
    next."""
    kind = random.choice(("glare", "glare", "blur", "low light", "noise", "perspective"))
    pitch = random.uniform(6.5, 12)
    sizes = [pitch * random.uniform(0.95, 1.05) for _ in range(FRAMES)]
    return [_hard(shot(kind, random, centre), size) for size in sizes]


def _hard(one: Shot, pitch: float) -> Shot:
    """The same with smaller print, and a lens and noise that are worse against it."""
    worse = 1.5 * pitch / one.pitch
    glares = tuple(replace(light, strength=min(0.97, light.strength * 1.12)) for light in one.glares[:-1])
    return replace(
        one,
        pitch=pitch,
        blur=one.blur * worse,
        motion=one.motion * worse,
        noise=one.noise * 1.4,
        glares=glares,
    )
