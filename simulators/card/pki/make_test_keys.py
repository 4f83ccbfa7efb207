"""Make the missing ones of the committed RSA test keys: `python -m simulators.card.pki.make_test_keys FILE`.

They are specimens: published, of no use to protect anything.  Only the two primes of each are kept; the
public exponent is 65537 in all.  Keys that FILE has already stay as they are.
"""

import sys
import tomllib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa

SIZES: dict[int, str] = {
    1024: "abc",
    1280: "a",
    1536: "a",
    1792: "a",
    2048: "abcd",
    3072: "abcd",
    4096: "abcd",
    6144: "ab",
}
"""Bits, and the labels of the keys of that size: a CSCA and its signer must not share one."""

_HEAD = """\
# RSA keys of the specimen authorities and chips: their primes, in hexadecimal; the public exponent is 65537.
# Published, and of no use to protect anything.  Made by simulators/card/pki/make_test_keys.py.
"""


def _lines(name: str, number: int) -> list[str]:
    text = f"{number:X}"
    pieces = [text[start : start + 96] for start in range(0, len(text), 96)]
    return [f'{name} = """\\', *("  " + piece + "\\" for piece in pieces[:-1]), "  " + pieces[-1] + '"""']


def main(path: Path) -> None:
    known = tomllib.loads(path.read_text()) if path.exists() else {}
    lines = [_HEAD]
    for bits, labels in SIZES.items():
        for label in labels:
            name = f"rsa-{bits}-{label}"
            if name in known:
                p, q = (int(known[name][prime], 16) for prime in "pq")
            else:
                numbers = rsa.generate_private_key(65537, bits).private_numbers()
                p, q = numbers.p, numbers.q
            lines += [f"[{name}]", *_lines("p", p), *_lines("q", q), ""]
    path.write_text("\n".join(lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
