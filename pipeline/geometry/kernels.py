"""What the compiled kernels share: how they are compiled, and a sine and cosine that the compiler can vectorise."""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
import numba
import numpy as np

# LLVM keeps to 256-bit vectors on processors that have 512-bit ones, from the years when those lowered the clock.
# Propagation takes 16 ns with the wide ones and 25 ns without, so the preference is taken back before anything compiles.
_FEATURES = llvm.get_host_cpu_features()
if _FEATURES.get("avx512f") and numba.config.CPU_FEATURES is None:  # type: ignore[attr-defined]
    numba.config.CPU_FEATURES = f"{_FEATURES.flatten()},-prefer-256-bit"  # type: ignore[attr-defined]

# Whole vectors are worked on, eight numbers at a time; what they read and write has as many places more.
LANES = 8

# A product and a sum may fuse into one rounding; nothing is reordered, so results do not depend on the window.
CONTRACT = {"contract"}


def compiled(function: Any) -> Any:
    """A kernel: compiled at its first call, kept on disk, free of the interpreter's lock, dividing by zero without a stop."""
    return numba.njit(function, cache=True, nogil=True, error_model="numpy", fastmath=CONTRACT)


def leaf(function: Any) -> Any:
    """A kernel that allocates nothing, called from kernels: without the counting of references, which costs more than such a kernel does."""
    return numba.njit(function, cache=True, nogil=True, error_model="numpy", fastmath=CONTRACT, _nrt=False)  # type: ignore[call-overload]


def inlined(function: Any) -> Any:
    """A piece of a kernel, copied into it, so that a loop over it is vectorised."""
    return numba.njit(function, inline="always", error_model="numpy", fastmath=CONTRACT)


# Adding and subtracting it rounds to the nearest integer, in one vector instruction each.
ROUND = 1.5 * 2.0**52
# Pi in three parts (Cody and Waite 1980): the first two have 33 bits, so that their products with integers below 2^20 are exact.
_PI_1 = 3.1415926534682512
_PI_2 = 1.2154201012607932e-10
_PI_3 = 4.044532497591901e-21
_PER_PI = 1 / np.pi


@inlined
def sine_and_cosine(angle_rad):  # type: ignore[no-untyped-def]
    """Sine and cosine of an angle [rad] below 3 million, to 3e-16, without a branch.

    The angle is reduced by multiples of pi to at most pi/2; the polynomials are Chebyshev fits there, good to 1e-18.
    """
    half_turns = (angle_rad * _PER_PI + ROUND) - ROUND
    odd = half_turns - 2.0 * ((half_turns * 0.5 + ROUND) - ROUND)
    sign = 1.0 - 2.0 * odd * odd
    rest = ((angle_rad - half_turns * _PI_1) - half_turns * _PI_2) - half_turns * _PI_3
    z = rest * rest
    sine = -7.643022462141453e-13 + z * 2.721530691642785e-15
    sine = -2.5052106887595812e-08 + z * (1.6058940725155848e-10 + z * sine)
    sine = -0.00019841269841208492 + z * (2.7557319211197846e-06 + z * sine)
    sine = 1.0 + z * (-0.16666666666666666 + z * (0.008333333333333186 + z * sine))
    cosine = 4.7768696699977337e-14 + z * -1.5119581964720968e-16
    cosine = 2.087675566395047e-09 + z * (-1.1470670052983055e-11 + z * cosine)
    cosine = 2.480158730149236e-05 + z * (-2.7557319209618785e-07 + z * cosine)
    cosine = 0.04166666666666666 + z * (-0.001388888888888853 + z * cosine)
    cosine = 1.0 + z * (-0.5 + z * cosine)
    return sign * (rest * sine), sign * cosine


@inlined
def turned_slightly(sine, cosine, angle_rad):  # type: ignore[no-untyped-def]
    """Sine and cosine of an angle that is given by them, plus a small one [rad]: to 1e-16 below 0.03, 1e-12 below 0.1."""
    z = angle_rad * angle_rad
    small_sine = angle_rad * (1.0 - z * (1.0 / 6.0 - z * (1.0 / 120.0 - z * (1.0 / 5_040.0))))
    small_cosine = 1.0 - z * (0.5 - z * (1.0 / 24.0 - z * (1.0 / 720.0 - z * (1.0 / 40_320.0))))
    return sine * small_cosine + cosine * small_sine, cosine * small_cosine - sine * small_sine


@inlined
def turned_a_little(sine, cosine, angle_rad):  # type: ignore[no-untyped-def]
    """As turned_slightly, for angles below 0.003 rad: to 2e-15, 1e-18 below 0.001."""
    z = angle_rad * angle_rad
    small_sine = angle_rad * (1.0 - z * (1.0 / 6.0))
    small_cosine = 1.0 - z * (0.5 - z * (1.0 / 24.0))
    return sine * small_cosine + cosine * small_sine, cosine * small_cosine - sine * small_sine


@inlined
def twice_arc_sine_of_root(w):  # type: ignore[no-untyped-def]
    """2 asin(sqrt(w)) [rad] of 0 <= w <= 1, to 1e-15, without a branch: the angle whose half has the squared sine w.

    By the sine where it is below 1/2, by the cosine where that is, and by the cosine of the whole angle, 1 - 2w, between them; the
    polynomial is a Chebyshev fit of (asin(s)/s - 1)/s^2 for s <= 1/2.
    """
    small, large = w < 0.25, w > 0.75
    cosine = 1.0 - 2.0 * w
    root = np.sqrt(w if small else 1.0 - w)
    s = root if small | large else cosine
    square = s * s
    p = -0.006964602237045962 + square * 0.027985790487638516
    p = 0.010267570516466075 + square * (0.01552053726245976 + square * p)
    p = 0.01733676597723096 + square * (0.014144843371570803 + square * p)
    p = 0.030381916402758776 + square * (0.02237303843497453 + square * p)
    p = 0.07499999999710531 + square * (0.044642857599686774 + square * p)
    sine = s + s * square * (0.16666666666666977 + square * p)  # asin(s)
    return 2.0 * sine if small else np.pi - 2.0 * sine if large else 0.5 * np.pi - sine


# Up to here twice_arc_sine_of_small_root is good.
SMALL = 1.0 / 12.0


@inlined
def twice_arc_sine_of_small_root(w):  # type: ignore[no-untyped-def]
    """2 asin(sqrt(w)) [rad] of 0 <= w <= SMALL, to 1e-16, in two thirds of the time; the polynomial is a Chebyshev fit in w."""
    s = np.sqrt(w)
    p = 0.010911848519878484 + w * 0.013608956553834295
    p = 0.017349986205489686 + w * (0.014020431707226808 + w * p)
    p = 0.030381943122163784 + w * (0.022372240119731095 + w * p)
    p = 0.07499999999996623 + w * (0.04464285715363695 + w * p)
    return 2.0 * (s + s * w * (0.16666666666666669 + w * p))
