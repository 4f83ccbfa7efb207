"""The proof set is drawn by other means than the training pictures: its drawing was never learned."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROOF = sorted((ROOT / "tools" / "proof" / "mrz_set").glob("*.py"))
TRAINING = sorted((ROOT / "training").rglob("*.py"))
DRAWING = {"PIL", "cv2", "numpy", "scipy", "skimage", "torch", "freetype", "albumentations"}
"""What the training pictures are drawn, distorted and lit with."""


def imported(path: Path) -> set[str]:
    """Top-level names of the modules that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def test_the_proof_set_imports_nothing_that_training_draws_with() -> None:
    assert PROOF, "the proof set's generator is gone"
    shared = {path.name: both for path in PROOF if (both := imported(path) & (DRAWING | {"training"}))}
    assert not shared, f"draw these with Skia, or the proof proves what was learned: {shared}"


def test_training_imports_nothing_of_the_proof_set() -> None:
    names = {path.stem for path in PROOF if path.stem != "__main__"} | {"skia", "tools", "proof"}
    ours = {path.stem for path in TRAINING} | {path.name for path in (ROOT / "training").iterdir()}
    shared = {path.name: both for path in TRAINING if (both := imported(path) & (names - ours))}
    assert not shared, f"training may not use the proof set's drawing: {shared}"


def test_no_font_is_rasterised_for_the_proof_set() -> None:
    """Skia's own fonts go through FreeType, as Pillow's do: outlines are filled as paths instead."""
    rasterised = re.compile(r"skia\.(Font|Typeface|TextBlob|FontMgr)|drawString|drawText|drawSimpleText")
    found = [path.name for path in PROOF if rasterised.search(path.read_text("utf-8"))]
    assert not found, f"write with glyphs.write, which fills outlines: {found}"


def test_the_two_generators_share_no_sentence_of_code() -> None:
    """Longer statements that stand in both were copied from one to the other."""

    def statements(paths: list[Path]) -> set[str]:
        bodies = (node for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8"))))
        return {text for node in bodies if isinstance(node, ast.stmt) and len(text := ast.unparse(node)) > 60}

    shared = {
        text for text in statements(PROOF) & statements(TRAINING) if not text.startswith(("from ", "import "))
    }
    assert not shared, f"written twice alike, here and in training/: {shared}"


def test_the_measures_know_every_kind_of_the_proof_set() -> None:
    def literal(path: str, name: str) -> object:
        for node in ast.parse((ROOT / path).read_text("utf-8")).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
                return ast.literal_eval(node.value)
        raise AssertionError(f"{path} has no {name}")

    kinds = literal("tools/proof/mrz_set/kinds.py", "KINDS")
    assert isinstance(kinds, dict)
    assert tuple(kinds) == literal("tools/measures/rigs/mrz_pictures.py", "KINDS")
    assert sum(kinds.values()) >= 2000
    none = literal("tools/proof/mrz_set/kinds.py", "NONE_PAGES")
    assert isinstance(none, int)
    assert none >= 300
