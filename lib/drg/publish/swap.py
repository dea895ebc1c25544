"""A finished folder takes the place of the earlier one.

A folder cannot be renamed over a folder that holds files, so the earlier one steps aside first. Whatever
breaks off in between, one of the two stands whole: `recover` puts the earlier one back where the new one
did not arrive.
"""

from __future__ import annotations

import shutil
from pathlib import Path


def aside(final: Path) -> Path:
    """Where the earlier folder waits while the new one takes its place."""
    return final.with_name(f".{final.name}.old")


def recover(final: Path) -> None:
    """Undo a change that broke off: put the earlier folder back if there is none, else remove what is left
    of it.
    """
    earlier = aside(final)
    if not earlier.exists():
        return
    if final.exists():
        shutil.rmtree(earlier)
    else:
        earlier.rename(final)


def take_place(new: Path, final: Path) -> None:
    """Put the complete folder `new` at `final`; on an error the earlier folder is there again."""
    recover(final)
    earlier = aside(final)
    if final.exists():
        final.rename(earlier)
    try:
        new.rename(final)
    except OSError:
        recover(final)
        raise
    if earlier.exists():
        shutil.rmtree(earlier)
