"""A page in a real browser, where this machine has one: as a picture, or the text it shows."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_VIEW = ("--headless", "--no-sandbox", "--disable-gpu", "--window-size=1600,1000", "--virtual-time-budget=20000")


def picture(url: str, path: Path) -> Path:
    """A screenshot of a page, after its scripts have run."""
    _browse(f"--screenshot={path}", url)
    return path


def text(url: str) -> str:
    """The words a page shows after its scripts have run."""
    return " ".join(re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", _browse("--dump-dom", url), flags=re.S).split())


def _browse(*arguments: str) -> str:
    assert BROWSER, "no browser on this machine"
    done = subprocess.run([BROWSER, *_VIEW, *arguments], check=True, capture_output=True, text=True, timeout=180)
    return done.stdout
