"""The benchmark that people with a GPU are asked to run prints its block on any device."""

import subprocess
import sys

import pytest


@pytest.mark.slow
def test_it_prints_a_table_to_paste(root):
    arguments = ["--sizes", "64", "--batch", "1", "--steps", "1"]
    done = subprocess.run(
        [sys.executable, "benchmarks/gpu.py", *arguments], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    first, *table = done.stdout.splitlines()
    assert "CPU (" in first and "TensorFlow 2" in first
    assert [row.count("|") for row in table] == [7, 7, 7]
    cells = [cell.strip() for cell in table[-1].split("|")[1:-1]]
    assert cells[:2] == ["64", "1"] and cells[4] == "-"
    assert float(cells[2].removesuffix(" ms")) > 0 and float(cells[5].removesuffix(" ms")) > 0
