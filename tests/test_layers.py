"""The layers of docs/architecture.md: a module imports only from its folder and from above."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

LAYERS = [
    {"errors", "paths", "boxes", "detections", "terminal"},
    {
        "labels",
        "label_text",
        "synthetic",
        "synthetic_shapes",
        "camera",
        "camera_sources",
        "camera_synthetic",
        "draw",
        "film",
        "window",
        "config",
        "zoo",
        "camera_list",
    },
    {"data"},
    {"model"},
    {
        "train",
        "train_log",
        "train_start",
        "train_stop",
        "coco",
        "evaluate",
        "evaluate_report",
        "export",
        "detector",
        "detect",
        "fetch",
        "label",
        "label_window",
        "suggest",
        "suggest_classes",
        "tflite",
        "check",
    },
    {"live", "demo"},
    {"cli"},
    {"__main__"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
MODULES = sorted((ROOT / "tfod").rglob("*.py"))


def imported_parts(path):
    """Yield the first name under `tfod` of each import in the file, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("tfod."):
                    yield alias.name.split(".")[1], node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            if node.module == "tfod":
                for alias in node.names:
                    if alias.name in LEVEL:
                        yield alias.name, node.lineno
            elif node.module.startswith("tfod."):
                yield node.module.split(".")[1], node.lineno


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_upwards(path):
    own = path.relative_to(ROOT / "tfod").parts[0].removesuffix(".py")
    if own == "__init__":
        return
    assert own in LEVEL, f"{own} has no layer"
    for name, line in imported_parts(path):
        same_folder = name == own
        # modules of one layer do not know each other, but for the foundations and the steps
        above = LEVEL[name] < LEVEL[own]
        sibling = LEVEL[name] == LEVEL[own] and LEVEL[own] in (0, 1, 4, 5)
        assert same_folder or above or sibling, f"{path}:{line} imports tfod.{name}"
