"""Pages of docs whose files and commands a test takes at their word."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from drg.doors.config import project_home


@dataclass(frozen=True)
class Call:
    """A command of a page and the lines it shows of the output, in their order; others may stand between them."""

    arguments: tuple[str, ...]
    shown: tuple[str, ...]


def page(name: str) -> str:
    """The text of a page below docs."""
    return (project_home() / "docs" / name).read_text(encoding="utf-8")


def files(text: str) -> dict[str, str]:
    """The files of a page: path -> content, from the blocks whose first line is a comment with the path."""
    found = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    return dict(found)


def calls(text: str) -> list[Call]:
    """The commands of a page's console blocks, in their order."""
    found: list[Call] = []
    for block in re.findall(r"^```console\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *shown = part.replace("\\\n", " ").splitlines()
            name, *arguments = shlex.split(command)
            assert name == "drg", command
            found.append(Call(tuple(arguments), tuple(line for line in shown if line.strip())))
    return found


def missing(call: Call, output: str) -> list[str]:
    """The shown lines that the output does not hold in this order, spaces at their ends aside."""
    place, absent = 0, []
    for line in call.shown:
        found = output.find(line.rstrip(), place)
        if found < 0:
            absent.append(line)
        else:
            place = found + len(line.rstrip())
    return absent


def write(text: str, home: Path) -> list[str]:
    """Write the files of a page below a folder; their paths."""
    for path, content in files(text).items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(content, encoding="utf-8")
    return list(files(text))
