"""Claim: `tfod --help` takes little longer than Python itself takes to start.

    python benchmarks/start.py

Starts Python that does nothing, and `tfod --help`, in turns, and prints the fastest of each and
their ratio. Nothing heavy may be imported on the way; a test asserts that.
"""

import argparse
import subprocess
import sys
import time

NOTHING = ("-c", "pass")
HELP = ("-m", "tfod", "--help")


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20, help="starts of each (20)")
    rounds = parser.parse_args().rounds
    times_s: dict[tuple[str, ...], list[float]] = {NOTHING: [], HELP: []}
    for _ in range(rounds):
        for arguments, measured in times_s.items():
            measured.append(start_s(arguments))
    nothing_s, help_s = (min(measured) for measured in times_s.values())
    print(f"python -c pass  {1000 * nothing_s:6.0f} ms")
    print(f"tfod --help     {1000 * help_s:6.0f} ms, ratio {help_s / nothing_s:.1f}")


def start_s(arguments: tuple[str, ...]) -> float:
    """Start Python with these arguments and wait for its end; seconds."""
    begun_s = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun_s


if __name__ == "__main__":
    main()
