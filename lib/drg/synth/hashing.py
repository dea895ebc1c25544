"""Numbers that depend on a key only, never on the order of drawing: what stays with a person over stays and months."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from drg.synth.assumptions import FloatArray, IntArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def mix(key: npt.NDArray[Any], seed: int, purpose: int) -> npt.NDArray[np.uint64]:
    """64 well mixed bits of a key, a seed and a purpose (finalizer of SplitMix64)."""
    start = np.uint64((seed * 0x100000001B3 + purpose * 0xD6E8FEB86659FD93) & 0xFFFFFFFFFFFFFFFF)
    with np.errstate(over="ignore"):
        z = (np.asarray(key).astype(np.uint64) + start) * _GOLDEN
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = (z + _GOLDEN) ^ (z >> np.uint64(31))
        z = (z ^ (z >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return z ^ (z >> np.uint64(32))


def below(key: npt.NDArray[Any], seed: int, purpose: int, bound: int | IntArray) -> IntArray:
    """A whole number from 0 to bound - 1 for each key."""
    return (mix(key, seed, purpose) >> np.uint64(11)).astype(np.int64) % np.asarray(bound, dtype=np.int64)


def unit(key: npt.NDArray[Any], seed: int, purpose: int) -> FloatArray:
    """A number in [0, 1) for each key."""
    return (mix(key, seed, purpose) >> np.uint64(11)).astype(np.float64) / float(1 << 53)
