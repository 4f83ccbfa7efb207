"""Print what the last `make measure ONLY=^mrz` read wrong: picture, status, and expected over read.

    .venv/bin/python tools/proof/failures.py [real|set|none|frames] [READER]

The tables are those that the measurement left in var/mrz-measure; READER is ours unless named.
"""

import argparse
import csv
import sys
from pathlib import Path

TABLES = Path(__file__).parents[2] / "var" / "mrz-measure"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subject", nargs="?", default="real", choices=("real", "set", "none", "frames"))
    parser.add_argument("reader", nargs="?", default="borderlane")
    arguments = parser.parse_args()
    table = TABLES / f"{arguments.subject}-{arguments.reader}.tsv"
    if not table.exists():
        print(f"{table} is not there: run make measure ONLY=^mrz-{arguments.subject} first", file=sys.stderr)
        return 1
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    wrong = [row for row in rows if row["exact"] != "True"]
    for row in wrong:
        said = row["status"] or row["error"] or ("read" if row["read"] else "nothing found")
        print(f"{row['picture']}  ({row['kind']}, {row['format']}): {said}")
        print(f"    expected  {row['expected'] or 'nothing'}")
        print(f"    read      {row['read'] or 'nothing'}")
        if row["read"]:
            marks = (
                "^" if one != other else " " for one, other in zip(row["expected"], row["read"], strict=False)
            )
            print(f"              {''.join(marks)}".rstrip())
    print(f"{len(wrong)} of {len(rows)} documents not read exactly")
    return 0


if __name__ == "__main__":
    sys.exit(main())
