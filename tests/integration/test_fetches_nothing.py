"""Rendering fetches nothing, whatever a post, a picture or a template asks for (law 6)."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

WATCHED = Path(__file__).with_name("watched.py")
SETTINGS = """
[publication]
title = "Sea"
url = "https://sea.example"
email = "jules@sea.example"

[sources.blog]
type = "folder"
path = "posts"

[lists.weekly]
cadence = "weekly"
at = { weekly = "mon 08:00" }
"""
HOSTILE = """---
title: Hostile
date: 2026-11-01
image: {web}/lead.webp
---

<style>@import url("{web}/style.css"); @import "{file}"; p {{ background: url({web}/p.png); }}</style>
<link rel="stylesheet" href="{web}/link.css"><base href="{web}/">
<p style="background: url({web}/q.png); list-style-image: url({file})">Text kept.</p>

![A picture]({web}/picture.webp) ![Another]({web}/drawing.svg) ![A third]({file}) ![A fourth](drawing.svg)
![A fifth](drawing.svg?{web})

<img src="{web}/a.avif" srcset="{web}/b.png 2x, {file} 3x" alt="Sized">
<picture><source srcset="{web}/c.webp"><img src="{web}/d.png" alt="Chosen"></picture>
<svg xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="{web}/e.png"/><use href="{file}#x"/></svg>
<iframe src="{web}/frame"></iframe><object data="{file}"></object><video src="{web}/v.mp4" poster="{web}/v.png"></video>
<math xlink:href="{web}/m"><mi>x</mi></math>

[a link]({web}/page) and [a file]({file})
"""
ENTITIES = """<?xml version="1.0"?>
<!DOCTYPE html [<!ENTITY secret SYSTEM "{file}"><!ENTITY % web SYSTEM "{web}/entity.dtd"> %web;]>
<html><head><title>Entities</title><link rel="stylesheet" href="{web}/f.css"></head>
<body><p>&secret; and text kept.</p></body></html>
"""
DRAWING = """<?xml version="1.0"?>
<?xml-stylesheet href="{web}/g.css"?>
<!DOCTYPE svg [<!ENTITY secret SYSTEM "{file}">]>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="60" height="60">
<style>@import url("{web}/h.css");</style>
<image width="60" height="60" xlink:href="{web}/i.png"/><image width="60" height="60" href="{file}"/>
<text>&secret;</text></svg>
"""
STYLE = '@import url("{web}/j.css"); @import "{file}"; .post p {{ background-image: url({web}/k.png); }}\n'


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that would hear whoever asks for something, be it past Python."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


@pytest.fixture
def publication(tmp_path: Path, listener: socket.socket) -> Path:
    """Whose posts, picture and style sheet ask for all that can be asked for, from that server and a file."""
    (tmp_path / "secret.txt").write_text("whispered")
    places = {"web": f"http://127.0.0.1:{listener.getsockname()[1]}", "file": (tmp_path / "secret.txt").as_uri()}
    folder = tmp_path / "publication"
    files = {
        "dispatch.toml": SETTINGS,
        "posts/hostile.md": HOSTILE.format(**places),
        "posts/entities.html": ENTITIES.format(**places),
        "posts/drawing.svg": DRAWING.format(**places),
        "templates/email/inline.css": STYLE.format(**places),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def noticed(publication: Path, *erring: str) -> str:
    """What was fetched while the publication was collected and rendered, by a process of its own."""
    command = [sys.executable, WATCHED, publication, publication.parent / "secret.txt", *erring]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def was_asked(listener: socket.socket) -> bool:
    """Whether anybody came."""
    try:
        listener.accept()[0].close()
    except TimeoutError:
        return False
    return True


def test_rendering_fetches_nothing(publication: Path, listener: socket.socket) -> None:
    """No address is asked for, no name looked up, no program started, no file outside read; the text is kept."""
    assert noticed(publication) == ""
    assert not was_asked(listener)
    rendered = (publication / "rendered").read_bytes()
    assert rendered.count(b"Text kept.") > 2
    assert b"whispered" not in rendered


def test_what_is_fetched_would_be_noticed(publication: Path) -> None:
    """A file that is read, an address that is asked for, a name that is looked up, a program that is started."""
    events = [line.partition(" (")[0] for line in noticed(publication, "err").splitlines()]
    assert events == ["open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen"]


def test_who_asks_is_heard(listener: socket.socket) -> None:
    """By the server, though Python saw nothing."""
    with socket.create_connection(listener.getsockname()):
        assert was_asked(listener)
