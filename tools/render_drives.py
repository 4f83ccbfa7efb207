"""Render what the cameras of demo and scenarios show; set-up calls it when that may have changed.

Each drive is kept under the hash of all that shaped it, so that only what is missing takes time.
"""

import asyncio
import sys
from pathlib import Path

from simulators.commands.demo import SEED
from simulators.gallery import Shown, of_demo, of_scenario
from simulators.scenario import ScenarioError
from simulators.site import default_drives

SCENARIOS = Path("scenarios")


def all_shown(cache: Path) -> list[Shown]:
    shown = [*of_demo(cache, SEED)]
    for path in sorted(SCENARIOS.glob("*.toml")):
        try:
            shown += of_scenario(path, cache)
        except ScenarioError as error:
            print(f"setup: not rendered:\n{error}", file=sys.stderr)
    return shown


async def main() -> int:
    try:
        shown = all_shown(default_drives())
        missing = {
            (album, vehicle): None
            for album, vehicles in shown
            for vehicle in vehicles
            if not all(file.is_file() for file in album.files(vehicle))
        }
        if missing:
            print(f"setup: rendering {len(missing)} drives for the simulated cameras (once)", flush=True)
        for album, _ in shown:
            album.open()
        for album, vehicle in missing:
            await album.prepare(vehicle)
    except OSError as error:
        print(f"setup: what the simulated cameras show can't be rendered: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
