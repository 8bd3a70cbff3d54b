"""Delivery, side by side with Postfix's smtp-source and with the common ways in Python, in one run.

python benchmarks/delivery [--count N] [--rounds N] [--naive N] [--only speed,first,phases] [--million]

All ways take their turn in every round, and each figure is the median of its rounds.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from first import report_first_message
from phases import report_phases
from sink import free_port
from speed import MILLION, report_million, report_speed
from ways import Place

PARTS = ("speed", "first", "phases")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="benchmarks/delivery", description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=20_000, help="messages of a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--naive", type=int, default=1_000, help="messages of a round for the slow ways; 0: leave out")
    parser.add_argument("--only", default=",".join(PARTS), help="which parts, with commas")
    parser.add_argument("--million", action="store_true", help="a million subscribers too: takes minutes")
    wanted = parser.parse_args()
    if not shutil.which("smtp-source") or not shutil.which("smtp-sink"):
        raise SystemExit("smtp-source and smtp-sink are missing: sudo apt-get install postfix")
    parts = wanted.only.split(",")
    with tempfile.TemporaryDirectory(prefix="dispatch-bench-") as name:
        place = Place(Path(name), free_port())
        if "speed" in parts:
            report_speed(place, wanted.count, wanted.rounds, wanted.naive)
        if "phases" in parts:
            report_phases(place)
        if "first" in parts:
            report_first_message(place, wanted.rounds)
        if wanted.million:
            report_phases(place, MILLION)
            report_million(place)


if __name__ == "__main__":
    main()
