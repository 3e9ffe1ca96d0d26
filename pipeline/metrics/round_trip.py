"""Measured round trips between places: pings put on the map, both directions made one, and what is measured between two given places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry.constants import LIGHT_KM_PER_S
from pipeline.geometry.frames import great_circle_km
from pipeline.geometry.region import region_number
from pipeline.source import EXCLUDED_SCHEMA
from pipeline.table import REGION

Numbers = NDArray[np.float64]

# Measured pairs, as all functions here take them, have these columns [deg] and rtt_ms; both directions of a pair may be rows.
ENDS = ("from_latitude_deg", "from_longitude_deg", "to_latitude_deg", "to_longitude_deg")
NEAR_KM = 100.0  # a place measured so near stands for an end
MISPLACED_COUNT = 3  # a server that so many others would reach faster than light does not stand where its list says
AT_ONCE = 4_096  # pairs whose distances to all measured places are held at once
_NAMES = np.array([[f"within_{a}" if a == b else f"{a}_{b}" for b in REGION] for a in REGION])


def placed(pings: pl.DataFrame, servers: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Measured pairs of pings between servers, and what was left out of them (row_number, row_key, reason).

    pings: raw.rtt_wondernetwork. servers: raw.wondernetwork_servers. Left out: servers without a place; servers that at least
    MISPLACED_COUNT others would reach faster than light does in vacuum, the worst first; and other pairs of which that is true. Both
    directions go together. row_number counts what was left out, from 1.
    """
    pinged = set(pings["from_server_id"]) | set(pings["to_server_id"])
    strange = sorted(pinged - set(servers["server_id"]))
    listed = [(f"server {server}", "no place of it is known: its pings are not used") for server in strange]
    frame = pings
    for end in ("from", "to"):
        there = servers.select(pl.all().name.prefix(f"{end}_"))
        frame = frame.join(there, on=f"{end}_server_id", how="inner", maintain_order="left")
    frame = frame.with_columns(pl.Series("least_ms", light_ms(distance_km(frame))))
    for server, name, count in _misplaced(frame):
        told = f"{count} other servers would be reached faster than light: it does not stand where the list says"
        listed.append((f"{name} ({server})", told))
        frame = frame.filter((pl.col("from_server_id") != server) & (pl.col("to_server_id") != server))
    pair = pl.concat_list("from_server_id", "to_server_id").list.sort()
    frame = frame.with_columns(
        pair.alias("pair"), (pl.col("rtt_min_ms") < pl.col("least_ms")).any().over(pair).alias("impossible")
    )
    listed += _impossible(frame.filter("impossible"))
    rows = [(number, *told) for number, told in enumerate(listed, 1)]
    return frame.filter(~pl.col("impossible")).select(*ENDS, "rtt_ms"), pl.DataFrame(
        rows, schema=EXCLUDED_SCHEMA, orient="row"
    )


def _misplaced(frame: pl.DataFrame) -> Iterator[tuple[int, str, int]]:
    """Number, town and count of servers that cannot be where they are said to be, the worst first; each takes its pairs with it."""
    against: dict[int, set[int]] = defaultdict(set)
    names: dict[int, str] = {}
    columns = ("from_server_id", "to_server_id", "from_town", "to_town")
    for one, other, from_town, to_town in (
        frame.filter(pl.col("rtt_min_ms") < pl.col("least_ms")).select(columns).iter_rows()
    ):
        against[one].add(other)
        against[other].add(one)
        names |= {one: from_town, other: to_town}
    while against:
        worst = max(sorted(against), key=lambda server: len(against[server]))
        if len(against[worst]) < MISPLACED_COUNT:
            return
        yield worst, names[worst], len(against[worst])
        for other in against.pop(worst):
            against[other].discard(worst)


def _impossible(frame: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """Key and reason of each pair that is faster than light, by its faster direction."""
    fastest = frame.sort("rtt_min_ms", "from_server_id").unique("pair", keep="first", maintain_order=True).sort("pair")
    for one, other, rtt_ms, least_ms in fastest.select("from_town", "to_town", "rtt_min_ms", "least_ms").iter_rows():
        told = f"{rtt_ms:g} ms is below the {least_ms:.2f} ms of light in vacuum: a place or the ping is wrong"
        yield f"{one} to {other}", told


def both_ways(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs of two places, each once and in order: ENDS, distance_km, region_pair, and rtt_ms, the smaller of the medians of both directions."""
    one, other = ENDS[:2], ENDS[2:]
    turned = (pl.col(one[0]) > pl.col(other[0])) | (
        (pl.col(one[0]) == pl.col(other[0])) & (pl.col(one[1]) > pl.col(other[1]))
    )
    swapped = zip(ENDS, (*other, *one), strict=True)
    ordered = pairs.select(
        *(pl.when(turned).then(pl.col(there)).otherwise(pl.col(here)).alias(here) for here, there in swapped),
        turned.alias("turned"),
        "rtt_ms",
    )
    medians = ordered.group_by(*ENDS, "turned").agg(pl.col("rtt_ms").median())
    both = medians.group_by(*ENDS).agg(pl.col("rtt_ms").min()).sort(ENDS)
    both = both.with_columns(pl.Series("distance_km", distance_km(both))).filter(pl.col("distance_km") > 0)
    names = region_pair(*(both[name].to_numpy() for name in ENDS))
    return both.with_columns(pl.Series("region_pair", names.tolist(), pl.String))


def measured(
    pairs: pl.DataFrame,
    from_latitude_deg: Numbers,
    from_longitude_deg: Numbers,
    to_latitude_deg: Numbers,
    to_longitude_deg: Numbers,
) -> Numbers:
    """Measured round trips [ms], (n,), between places [deg], (n,) each; not a number where none is.

    pairs: measured pairs. Of the measured places within NEAR_KM of both ends those two count that are nearest, by the sum of both distances,
    and were measured; the smaller of the medians of their two directions. Ends whose nearest place is the same one are one town, between
    whose ends nothing was measured.
    """
    both = both_ways(pairs)
    places, number = np.unique(both.select(ENDS).to_numpy().reshape(-1, 2), axis=0, return_inverse=True)
    one, other = number.reshape(-1, 2).T
    rtt_ms = np.full((len(places), len(places)), np.nan)
    rtt_ms[one, other] = rtt_ms[other, one] = both["rtt_ms"].to_numpy()
    result = np.full(len(from_latitude_deg), np.nan)
    for first in range(0, len(result) if len(places) else 0, AT_ONCE):
        part = slice(first, first + AT_ONCE)
        sent = _near_km(places, from_latitude_deg[part], from_longitude_deg[part])
        answered = _near_km(places, to_latitude_deg[part], to_longitude_deg[part])
        for k in np.flatnonzero(np.isfinite(sent).any(axis=1) & np.isfinite(answered).any(axis=1)):
            result[first + k] = _nearest_ms(sent[k], answered[k], rtt_ms)
    return result


def _near_km(places: Numbers, latitude_deg: Numbers, longitude_deg: Numbers) -> Numbers:
    """Distances [km], (n, places), of points [deg], (n,), from the places [deg], (places, 2), infinite beyond NEAR_KM."""
    away_km = great_circle_km(latitude_deg[:, None], longitude_deg[:, None], places[:, 0], places[:, 1])
    return np.where(away_km <= NEAR_KM, away_km, np.inf)


def _nearest_ms(sent_km: Numbers, answered_km: Numbers, rtt_ms: Numbers) -> float:
    """Round trip [ms] of the two nearest places that were measured; distances [km], (places,), of both ends, rtt_ms (places, places)."""
    if sent_km.argmin() == answered_km.argmin():
        return np.nan
    here, there = np.flatnonzero(np.isfinite(sent_km)), np.flatnonzero(np.isfinite(answered_km))
    found_ms = rtt_ms[np.ix_(here, there)]
    away_km = np.where(np.isfinite(found_ms), sent_km[here][:, None] + answered_km[there], np.inf)
    nearest = int(away_km.argmin())
    return float(found_ms.flat[nearest]) if np.isfinite(away_km.flat[nearest]) else np.nan


def region_pair(
    from_latitude_deg: Numbers, from_longitude_deg: Numbers, to_latitude_deg: Numbers, to_longitude_deg: Numbers
) -> NDArray[np.str_]:
    """Names, (n,), of the regions of both ends [deg], (n,) each, as in REGION_PAIR; the direction does not matter."""
    one = region_number(from_latitude_deg, from_longitude_deg)
    other = region_number(to_latitude_deg, to_longitude_deg)
    return np.asarray(_NAMES[np.minimum(one, other), np.maximum(one, other)])


def distance_km(pairs: pl.DataFrame) -> Numbers:
    """Great circles [km], (n,), between the two ends of pairs."""
    return great_circle_km(*(pairs[name].to_numpy() for name in ENDS))


def light_ms(distance_km: Numbers) -> Numbers:
    """Round trips [ms], (n,), of light in vacuum along great circles of these lengths [km], (n,): nothing is faster."""
    return 2e3 / LIGHT_KM_PER_S * distance_km
