"""Take the pictures in docs/mail/: each mail of the sample publication, on a telephone and at a desk, light and dark.

`make screenshots` publishes the sample into a folder of its own, lets `dispatch` write each mail, and shows them to
Chromium (`tests/parts.sh` installs it). Nothing leaves the machine: what a mail shows is read from that folder.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from email import message_from_bytes, policy
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Page, Route, sync_playwright

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "sample"
SIZES = {"phone": (375, 1500), "desk": (1024, 1300)}  # CSS pixels; what reaches further down is left out
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
MOST = 150_000  # bytes of a picture
SERVICE_MAILS = ("confirm", "welcome", "preferences", "goodbye")
EDITORS = '\neditors = ["editors@harbour-light.example.org"]\naccent ='
LETTER = """Dear reader,

the *Harbour Light* moves. From the first of December you find us in the old net loft, one flight up, with a window on
the water and a stove that draws.

Come by on [the first Sunday of Advent](https://harbour-light.example.org/advent/): there is tea, there is cake, and at
half past four somebody climbs up to light the lamp.

> Bring a coat. The gallery is outside.

Imke Harms
"""


def main() -> None:
    """Write all pictures."""
    target = HERE / "mail"
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        publication = Path(folder, "publication")
        mails = dict(written(publication))
        for name, picture in taken(mails, publication / "public"):
            (target / f"{name}.png").write_bytes(picture)
            print(f"{target.name}/{name}.png  {len(picture):,} bytes")


def written(folder: Path) -> Iterator[tuple[str, str]]:
    """The HTML of each mail, by its name."""
    shutil.copytree(SAMPLE, folder)
    settings = folder / "dispatch.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("\naccent =", EDITORS, 1), encoding="utf-8")
    dispatch(folder, "run", "--once")
    receipt = next((folder / "outbox" / "new").glob("receipt.*"))
    yield "receipt", html_of(receipt.read_bytes())
    ids = {one["title"]: str(one["id"]) for one in json.loads(dispatch(folder, "--json", "post", "list"))}
    (folder / "letter.md").write_text(LETTER, encoding="utf-8")
    letter = ("--intro", str(folder / "letter.md"), "--subject", "We move to the net loft")
    yield "single", issue(folder, "--list", "harbour-light", "--post", ids["Why the tide is late"])
    yield "digest", issue(folder, "--list", "weekly", *(word for one in ids.values() for word in ("--post", one)))
    yield "letter", issue(folder, "--list", "harbour-light", *letter)
    for kind in SERVICE_MAILS:
        dispatch(folder, "list", "preview", "weekly", "--service", kind, "--out", str(folder / kind))
        yield kind, (folder / kind / "edition.html").read_text(encoding="utf-8")


def issue(folder: Path, *words: str) -> str:
    """The HTML of an issue made by hand."""
    number = str(json.loads(dispatch(folder, "--json", "issue", "new", *words))["issue"])
    dispatch(folder, "issue", "preview", number, "--out", str(folder / number))
    return (folder / number / "edition.html").read_text(encoding="utf-8")


def dispatch(folder: Path, *words: str) -> str:
    """What a command says."""
    command = [str(Path(sys.executable).with_name("dispatch")), "--config", str(folder), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def html_of(message: bytes) -> str:
    """The HTML part of a message."""
    body = message_from_bytes(message, policy=policy.default).get_body(("html",))
    return str(body.get_content()) if body else sys.exit("a mail without HTML")


def taken(mails: Mapping[str, str], public: Path) -> Iterator[tuple[str, bytes]]:
    """Each mail in each size and scheme, as a PNG by its name."""
    chromium = shutil.which("chromium") or sys.exit("chromium is not installed: run tests/parts.sh")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", lambda route: serve(route, public))
        for (name, html), (size, (width, height)), scheme in product(mails.items(), SIZES.items(), SCHEMES):
            page.set_viewport_size({"width": width, "height": 600})
            page.emulate_media(color_scheme=scheme)
            page.set_content(html, wait_until="load")
            yield f"{name}-{size}-{scheme}", small(shot(page, width, height))
        browser.close()


def serve(route: Route, public: Path) -> None:
    """A picture from what the publication wrote; all else is not there."""
    file = public / urlsplit(route.request.url).path.lstrip("/")
    if file.is_file():
        route.fulfill(path=file)
    else:
        route.abort()


def shot(page: Page, width: int, height: int) -> bytes:
    """The page as far down as `height`."""
    reached = int(page.evaluate("Math.ceil(document.documentElement.getBoundingClientRect().height)"))
    clip = {"x": 0, "y": 0, "width": width, "height": min(max(reached, 600), height)}
    return page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]


def small(picture: bytes) -> bytes:
    """The same in few enough colours to keep it short."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    for colours in (128, 64, 32, 16):
        output = BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(output, "PNG", optimize=True)
        if output.tell() <= MOST:
            break
    return output.getvalue()


if __name__ == "__main__":
    main()
