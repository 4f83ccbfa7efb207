"""Write docs/mrz-parsers.md anew from a run of our parser beside the others."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT)]

from measures.mrz_parsers import PAGE, PARSERS, differences, page  # noqa: E402
from measures.rigs.mrz_zones import zones  # noqa: E402

every = zones()
PAGE.write_text(page(len(every), {parser: differences(parser, every) for parser in PARSERS}), "utf-8")
print(f"{PAGE.relative_to(ROOT)}: {len(every)} zones")
