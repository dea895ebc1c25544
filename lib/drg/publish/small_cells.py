"""Which figures of a list of regions stay hidden, so that no count of 1 to 9 can be read or worked out.

A count under 10 is hidden. Beside a printed total, one hidden count is what the others leave over, so that
the next smallest is hidden with it until the hidden ones add up to 10 or more.
"""

from __future__ import annotations

from collections.abc import Mapping

from drg.publish.content import SMALL_CELL


def hidden(counts: Mapping[str, int]) -> frozenset[str]:
    """The keys whose figure is not printed beside a printed total; a count of 0 hides nobody and stays."""
    small = {key for key, count in counts.items() if 0 < count < SMALL_CELL}
    for key in sorted(counts, key=lambda key: (counts[key], key)):
        if not small or sum(counts[key] for key in small) >= SMALL_CELL:
            break
        if counts[key] > 0:
            small.add(key)
    return frozenset(small)
