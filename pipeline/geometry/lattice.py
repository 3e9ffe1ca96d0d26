"""Planes and slots read from positions alone: how a shell is laid out, and whether its satellites keep their places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PLANE_GAP_DEG = 0.5  # planes that are closer than this in node cannot be told apart
MOST_SLOTS = 130  # per plane; the densest plane seen has 62
MOST_PLACES_PER_SATELLITE = 4  # of the fullest plane: a finer lattice fits a few satellites by chance
SIMPLEST = 0.95  # of two lattices that fit alike the one with fewer places is taken
REGULAR = 0.6  # below this the nodes, or the phases between planes, follow no pattern


@dataclass(frozen=True)
class Slots:
    """Whether satellites keep places of equal distance within their planes.

    `count` is the number of such places around a plane, `coherence` the mean over all pairs of satellites of one plane
    of cos(count x difference in argument of latitude): 1 where each is in its place, 0 where they are anywhere.
    `pair_count` is how many pairs that rests on; chance alone scatters the coherence by 1/sqrt(2 pair_count).
    """

    count: int
    coherence: float
    pair_count: int


def planes(node_deg: NDArray[np.float64], gap_deg: float = PLANE_GAP_DEG) -> NDArray[np.int64]:
    """Plane of each satellite, int64 (n,), numbered by rising node: nodes further apart than `gap_deg` are of two planes.

    `node_deg` are right ascensions of the ascending node at one instant [deg], shape (n,).
    """
    count = len(node_deg)
    order = np.argsort(node_deg, kind="stable")
    ordered = node_deg[order]
    wide = np.diff(ordered) > gap_deg
    labels = np.empty(count, np.int64)
    labels[order] = np.concatenate(([0], np.cumsum(wide))) if count else []
    if count and labels.max() and ordered[0] + 360.0 - ordered[-1] <= gap_deg:
        labels[labels == labels.max()] = 0  # the plane that lies across 0 degrees
    return labels


def slots(latitude_argument_deg: NDArray[np.float64], plane: NDArray[np.int64]) -> Slots:
    """Places per plane that fit the satellites best, from arguments of latitude [deg] and planes, both of shape (n,).

    The coherence of a lattice of S places is sum over planes of (|sum exp(i S u)|^2 - k) / sum of k (k - 1), k being the
    satellites of a plane: the power that is left when every satellite's match with itself is taken away. A train
    of satellites that fly close together matches every coarse lattice, so only a rise above the worst coarser one counts.
    """
    sizes = np.bincount(plane) if len(plane) else np.zeros(1, np.int64)
    pair_count = int((sizes * (sizes - 1)).sum()) // 2
    if not pair_count:
        return Slots(0, 0.0, 0)
    step = np.exp(1j * np.radians(latitude_argument_deg))
    turned, power = np.ones_like(step), np.zeros(MOST_SLOTS + 1)
    for number in range(1, MOST_SLOTS + 1):
        turned = turned * step
        sums = np.bincount(plane, turned.real) ** 2 + np.bincount(plane, turned.imag) ** 2
        power[number] = (sums.sum() - len(plane)) / (2 * pair_count)
    most = max(MOST_PLACES_PER_SATELLITE * int(sizes.max()), 2)
    power = power[: most + 1]
    best = int(np.flatnonzero(power[2:] >= min(SIMPLEST * power[2:].max(), power[2:].max()))[0]) + 2
    rise = float(power[best] - max(0.0, power[1:best].min()))
    return Slots(best, min(rise, 1.0), pair_count)  # sums of sines end a little above 1


def slot_numbers(latitude_argument_deg: NDArray[np.float64], plane: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Place of each satellite in its plane, 0 to `count` - 1, int64 (n,), from the phase that the plane has in common."""
    turned = np.exp(1j * count * np.radians(latitude_argument_deg))
    sums = np.bincount(plane, turned.real) + 1j * np.bincount(plane, turned.imag)
    phase_deg = np.degrees(np.angle(sums))[plane] / count
    return np.rint((latitude_argument_deg - phase_deg) * count / 360.0).astype(np.int64) % count


def plane_spacing(node_deg: NDArray[np.float64], most: int = 360) -> int | None:
    """How many evenly spaced planes around the equator the nodes [deg] fit, filled or not; None where they fit none."""
    fit = np.abs(np.exp(1j * np.radians(np.outer(np.arange(2, most + 1), node_deg))).mean(axis=1))
    best = int(np.flatnonzero(fit >= SIMPLEST * fit.max())[0])
    return best + 2 if fit[best] >= REGULAR and best + 2 < most else None


def phasing(
    node_deg: NDArray[np.float64], latitude_argument_deg: NDArray[np.float64], plane_count: int, slot_count: int
) -> int | None:
    """Walker's F of a lattice of `plane_count` x `slot_count` places; None where neighbouring planes keep no phase.

    From one plane to the next eastern one the satellites are F x 360 / (plane_count x slot_count) degrees ahead
    (J.G. Walker, Satellite constellations, J. Brit. Interplanet. Soc. 37, 1984).
    """
    at = np.rint((node_deg - _offset_deg(node_deg, plane_count)) * plane_count / 360.0) % plane_count
    turned = np.exp(1j * slot_count * np.radians(latitude_argument_deg))
    shifts = np.exp(-2j * np.pi * np.outer(np.arange(plane_count), np.arange(plane_count)) / plane_count)
    per_plane = np.bincount(at.astype(np.int64), turned.real, plane_count) + 1j * np.bincount(
        at.astype(np.int64), turned.imag, plane_count
    )
    fit = np.abs(shifts @ per_plane) / len(node_deg)
    best = int(fit.argmax())
    return best if fit[best] >= REGULAR else None


def _offset_deg(node_deg: NDArray[np.float64], plane_count: int) -> float:
    mean = np.exp(1j * plane_count * np.radians(node_deg)).mean()
    return float(np.degrees(np.angle(mean))) / plane_count
