"""Draw docs/passage.md, the life of a passage, from the table in lane_controller/lane/passage.py.

`--check` compares and exits 1 when the committed diagram is stale; a test does the same.
"""

import argparse
import sys
from pathlib import Path

from lane_controller.lane.passage import ENDS, TABLE, Phase, Trigger

DIAGRAM = Path(__file__).parents[1] / "docs" / "passage.md"
HEAD = """# The life of a passage

Drawn by `tools/draw_passage.py` from the table in `lane_controller/lane/passage.py`; a test fails when it is
stale. What makes a trigger come is said in [lane.md](lane.md).
"""


def draw() -> str:
    """The whole file: a mermaid state diagram, and the same as a table."""
    lines = [HEAD, "```mermaid", "stateDiagram-v2"]
    lines += ["    [*] --> gathering", "    [*] --> waiting"]
    for phase, steps in TABLE.items():
        for target in dict.fromkeys(steps.values()):
            lines.append(f"    {phase} --> {target}: {_triggers(steps, target)}")
    lines += [f"    {end} --> [*]" for end in ENDS]
    lines += ["```", "", "| in phase | on | goes to |", "| --- | --- | --- |"]
    for phase, steps in TABLE.items():
        lines += [f"| {phase} | {trigger} | {target} |" for trigger, target in steps.items()]
    return "\n".join(lines) + "\n"


def _triggers(steps: dict[Trigger, Phase], target: Phase) -> str:
    return ", ".join(trigger for trigger, to in steps.items() if to is target)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        if DIAGRAM.read_text("utf-8") != draw():
            sys.stderr.write(f"{DIAGRAM} is stale: run tools/draw_passage.py\n")
            return 1
        return 0
    DIAGRAM.write_text(draw(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
