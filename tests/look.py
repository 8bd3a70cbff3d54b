"""Take pictures of pages and mails, to look at: `python tests/look.py FILE_OR_URL... --out DIR`.

Each is taken four times, as a telephone and a desk see it, by day and by night: NAME-390-light.png and so on.
"""

import argparse
import re
import shutil
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

WIDTHS = (390, 1280)  # CSS pixels
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def address_of(target: str) -> str:
    """What the browser opens: a web address as it is, a file as file://."""
    return target if re.match(r"\w+://", target) else Path(target).resolve(strict=True).as_uri()


def name_of(target: str) -> str:
    """A file name that tells which page it shows: the last two parts of its path."""
    parts = re.sub(r"^\w+://", "", target).rstrip("/").split("/")
    return re.sub(r"[^\w.-]", "_", "-".join(parts[-2:]))


def take(browser: Browser, target: str, folder: Path) -> Iterator[Path]:
    """Write the four pictures of one target and yield their paths."""
    for width, scheme in product(WIDTHS, SCHEMES):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.goto(address_of(target), wait_until="networkidle")
        path = folder / f"{name_of(target)}-{width}-{scheme}.png"
        page.screenshot(path=path, full_page=True)
        page.close()
        yield path


def main() -> None:
    """Read the command line, take the pictures, print where they are."""
    parser = argparse.ArgumentParser(description="Take screenshots of pages, narrow and wide, light and dark.")
    parser.add_argument("targets", nargs="+", metavar="FILE_OR_URL")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    arguments = parser.parse_args()
    chromium = shutil.which("chromium") or sys.exit("chromium is not installed: run tests/parts.sh")
    arguments.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for target in arguments.targets:
            print(*take(browser, target, arguments.out), sep="\n")


if __name__ == "__main__":
    main()
