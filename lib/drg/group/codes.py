"""The written form of long code lists: one line a category, so that one code more is one line changed.

    # a comment
    [DI_BR1]
    I60 .000 x001 x002 .100
    I61 .000

holds I60.000, I60.000x001, I60.000x002, I60.100 and I61.000 under the key DI_BR1. A token that starts with a dot opens
a stem (I60.000); a token that does not continues the stem before it. A stem has three digits after the dot for
diagnoses (category starts with a letter) and four for procedures (category starts with a digit).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from drg.errors import RulePackError

_CONTINUES = ("x", "+")


def read_text(path: Path) -> str:
    """The text of a rule pack file; raises RulePackError when it is absent or not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise RulePackError(f"{path} is missing; restore it from the repository") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RulePackError(f"{path} cannot be read as UTF-8 text ({type(error).__name__}); restore it") from error


def read_code_blocks(path: Path, known: Container[str] | None = None) -> dict[str, list[str]]:
    """All blocks of a file: key (the text between the brackets) to its codes in written order.

    Raises RulePackError naming file and line for a code twice in a block, a code that is not among `known` (where
    given), a key twice, a line before the first key, or a token that continues nothing (with its column).
    """
    blocks: dict[str, list[str]] = {}
    codes: list[str] | None = None
    seen: set[str] = set()
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line or line[0] == "#":
            continue
        if line[0] == "[":
            key = line[1:-1]
            if line[-1] != "]" or not key or key != key.strip():
                raise RulePackError(f"{path} line {number}: {line!r} is not a key; write it as [KEY]")
            if key in blocks:
                raise RulePackError(f"{path} line {number}: {key} is listed twice; join its codes in one block")
            codes = blocks[key] = []
            seen = set()
            continue
        if codes is None:
            raise RulePackError(f"{path} line {number}: codes before the first key; put a [KEY] line above them")
        for code in _expand(line, path, number):
            if code in seen:
                raise RulePackError(f"{path} line {number}: code {code} is listed twice in {key}; keep it once")
            if known is not None and code not in known:
                raise RulePackError(
                    f"{path} line {number}: code {code} of {key} is in no code list; correct it or name it in names.tsv"
                )
            seen.add(code)
            codes.append(code)
    return blocks


def write_code_blocks(blocks: Iterable[tuple[str, Iterable[str]]], heading: str) -> str:
    """The written form of blocks, codes sorted; `read_code_blocks` reads it back. `heading` becomes the comment."""
    lines = [f"# {line}" for line in heading.splitlines()]
    for key, codes in blocks:
        lines.append(f"[{key}]")
        lines.extend(_contract(sorted(codes)))
    return "\n".join(lines) + "\n"


def _stem_length(category: str) -> int:
    return 4 if category[:1].isalpha() else 5


def _expand(line: str, path: Path, number: int) -> Iterator[str]:
    category, *tokens = line.split(" ")
    length = _stem_length(category)
    stem = ""
    for token in tokens:
        if token[:1] == ".":
            stem = category + token[:length]
            yield category + token
        elif stem and token[:1] in _CONTINUES and token:
            yield stem + token
        else:
            column = len(" ".join([category, *tokens[: tokens.index(token)]])) + 2
            raise RulePackError(
                f"{path} line {number} column {column}: {token!r} is neither a code (.000) nor the rest of one (x001); "
                "separate codes by one space"
            )
    if not tokens:
        raise RulePackError(f"{path} line {number}: category {category!r} has no code; remove the line")


def _contract(codes: list[str]) -> Iterator[str]:
    category, stem, tokens = "", "", list[str]()
    for code in codes:
        head, _, tail = code.partition(".")
        if head != category:
            if tokens:
                yield " ".join([category, *tokens])
            category, stem, tokens = head, "", []
        token = "." + tail
        length = _stem_length(category)
        if token[:length] == stem and token[length : length + 1] in _CONTINUES and len(token) > length:
            tokens.append(token[length:])
        else:
            stem = token[:length]
            tokens.append(token)
    if tokens:
        yield " ".join([category, *tokens])
