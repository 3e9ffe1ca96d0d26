"""What the peers read: the synthetic sample, instants, positions and grids, as files that need no package of ours."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry import certificate, lattice
from pipeline.geometry.allocation import Lids, Runs
from pipeline.geometry.frames import point_ecef_km, sidereal_angle_rad, up_ecef
from pipeline.geometry.grid import rings
from pipeline.geometry.propagation import Instants
from pipeline.io.peers.worker import World, satrecs

# What SGP4 starts from, in the order that heyoka wants it.
ELEMENTS = ("no_kozai", "ecco", "inclo", "nodeo", "argpo", "mo", "bstar", "jdsatepoch", "jdsatepochF")
WORDS = {"OBJECT_NAME", "OBJECT_ID", "EPOCH", "CLASSIFICATION_TYPE"}


def write_catalog(folder: Path, content: bytes) -> None:
    """The catalog as OMM CSV and JSON, and as an array of elements in SGP4's units, (9, satellite)."""
    text = content.decode()
    (folder / "catalog.csv").write_text(text, newline="")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    records = [{name: v if name in WORDS else float(v) for name, v in row.items()} for row in rows]
    for record in records:
        record |= {
            name: int(record[name]) for name in ("NORAD_CAT_ID", "EPHEMERIS_TYPE", "ELEMENT_SET_NO", "REV_AT_EPOCH")
        }
    (folder / "catalog.json").write_text(json.dumps(records))
    found = satrecs(text)
    np.save(folder / "elements.npy", np.array([[getattr(s, name) for s in found] for name in ELEMENTS]))


def write_instants(folder: Path, instants: Instants) -> None:
    """Julian date, fraction and sidereal angle [rad] of each instant, (instant, 3)."""
    jd = np.full(len(instants.fraction), instants.julian_date)
    np.save(
        folder / "instants.npy", np.column_stack([jd, instants.fraction, sidereal_angle_rad(jd, instants.fraction)])
    )


def write_positions(folder: Path, r_ecef_km: NDArray[np.float64]) -> None:
    """Earth-fixed positions of one instant [km], (satellite, 3)."""
    np.save(folder / "r_ecef_km.npy", np.ascontiguousarray(r_ecef_km))


def write_grid(folder: Path, order: int) -> None:
    """Centres of the cells in ring order, (cell, 3): points [km], normals, and directions from the Earth's centre."""
    grid = rings(order)
    ring = np.repeat(np.arange(grid.cell_count.size), grid.cell_count)
    place = np.arange(ring.size) - grid.first[ring]
    longitude_deg = grid.longitude_start_deg[ring] + place * (360.0 / grid.cell_count[ring])
    points_km = point_ecef_km(grid.latitude_deg[ring], longitude_deg)
    np.save(folder / f"points_km_{order}.npy", points_km)
    np.save(folder / f"up_{order}.npy", up_ecef(grid.latitude_deg[ring], longitude_deg))
    np.save(folder / f"directions_{order}.npy", points_km / np.linalg.norm(points_km, axis=1)[:, None])


def write_places(folder: Path, latitude_deg: NDArray[np.float64], plane: NDArray[np.int64]) -> None:
    """Arguments of latitude and planes of a shell's satellites, (satellite,), and how many places are tried."""
    for name, value in (("latitude_deg", latitude_deg), ("plane", plane), ("most_slots", np.array(lattice.MOST_SLOTS))):
        np.save(folder / f"{name}.npy", value)


def write_world(folder: Path, world: World) -> None:
    """A network at one instant, as World.read reads it."""
    write_positions(folder, world.r_km)
    for name in ("neighbour", "sources", "cells", "goal"):
        np.save(folder / f"{name}.npy", getattr(world, name))


def write_graph(
    folder: Path, tail: NDArray[np.int64], head: NDArray[np.int64], km: NDArray[np.float64], nodes: int
) -> None:
    """A graph by its edges, (edge,): where each starts and ends, and its length [km]; and how many nodes there are."""
    for name, value in (("tail", tail), ("head", head), ("km", km), ("nodes", np.array(nodes))):
        np.save(folder / f"{name}.npy", value)


def write_program(folder: Path, runs: Runs, lids: Lids) -> None:
    """A program of cells, satellites and groups, as worker.Program reads it; cells that nobody can serve claim nothing."""
    graph, claim = certificate.graph(runs, lids), np.where(certificate.reached(runs, lids), lids.claim, 0.0)
    lid = np.concatenate([claim, np.full(graph.sightings, np.inf), lids.satellite, lids.group])
    for name, value in (("tail", graph.tail), ("head", graph.head), ("lid", lid)):
        np.save(folder / f"flow_{name}.npy", value)
