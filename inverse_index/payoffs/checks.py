# SPDX-License-Identifier: AGPL-3.0-only
"""Checks of what the payoffs are given: each names the value at fault and what was expected."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def number(name: str, value: float) -> float:
    """A finite number; a field of an instrument is one, not an array."""
    given = np.asarray(value)
    if given.ndim or given.dtype.kind not in "iuf" or not np.isfinite(given):
        raise ValueError(f"{name} is {value!r}; expected one finite number")
    return float(given)


def positive_number(name: str, value: float) -> float:
    """A finite number above zero."""
    if not number(name, value) > 0:
        raise ValueError(f"{name} is {value!r}; expected a number above zero")
    return float(value)


def not_negative_number(name: str, value: float) -> float:
    """A finite number, zero or above."""
    if not number(name, value) >= 0:
        raise ValueError(f"{name} is {value!r}; expected zero or more")
    return float(value)


def size_number(name: str, value: float) -> float:
    """A finite number other than zero: above it long, below it short."""
    if number(name, value) == 0:
        raise ValueError(f"{name} is {value!r}; expected a number other than zero")
    return float(value)


def floats(name: str, value: ArrayLike) -> Floats:
    """An array of finite numbers."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {value!r}; expected numbers in one shape") from None
    _refuse(name, array, ~np.isfinite(array), "finite numbers")
    return array


def positive(name: str, value: ArrayLike) -> Floats:
    """An array of finite numbers above zero, as prices are."""
    array = floats(name, value)
    _refuse(name, array, array <= 0, "numbers above zero")
    return array


def not_negative(name: str, value: ArrayLike) -> Floats:
    """An array of finite numbers, zero or above."""
    array = floats(name, value)
    _refuse(name, array, array < 0, "zero or more")
    return array


def same_shape(**arrays: Floats) -> tuple[Floats, ...]:
    """The arrays, broadcast against each other."""
    try:
        return tuple(np.broadcast_arrays(*arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"shapes are {shapes}; expected shapes that broadcast") from None


def _refuse(name: str, array: Floats, bad: NDArray[np.bool_], expected: str) -> None:
    if bad.any():
        first = array[bad].flat[0] if array.ndim else array
        raise ValueError(f"{name} has {float(first)!r}; expected {expected}")
