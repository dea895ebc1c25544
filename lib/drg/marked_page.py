"""Pages of docs with a part that a command writes, between two marks."""

from __future__ import annotations

from drg.errors import ConfigError


def rewritten(page: str, begin: str, end: str, text: str) -> str:
    """The page with `text` between its two marks; ConfigError naming the mark it lacks."""
    before, begun, rest = page.partition(begin)
    _, ended, after = rest.partition(end)
    if not begun or not ended:
        raise ConfigError(f"the page lacks the line {begin if not begun else end}; restore it from the checkout")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"
