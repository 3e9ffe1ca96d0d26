"""Shells and planes learned from one list of elements, for links."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipeline.geometry import links
from pipeline.metrics import mesh
from tests.geometry.test_links import INSTANT, elements_of, pairs, shell, walker


def named(frame: pl.DataFrame, name: str | None = None) -> pl.DataFrame:
    return frame.with_columns(pl.lit(name, pl.String).alias("object_name"))


def test_a_made_shell_is_learned_in_any_order() -> None:
    fleet = walker(24, 22, 7)
    order = np.random.default_rng(0).permutation(528)
    found = links.plus_grid(mesh.learned(named(elements_of(fleet))[order], INSTANT))
    assert {(int(order[a]), int(order[b])) for a, b in pairs(found)} == pairs(links.plus_grid(fleet))


def test_shells_of_different_fleets_and_heights_are_not_linked() -> None:
    one, two = walker(24, 22, 7), walker(20, 20, 3, 43.0, 480.0)
    frame = pl.concat(
        [named(elements_of(f), n) for f, n in ((one, "STARLINK-1"), (two, "MINE"), (one, "KUIPER-00001"))]
    )
    found = mesh.learned(frame, INSTANT)
    assert [len(set(part)) for part in np.split(found.shell, [528, 928])] == [1, 1, 1]
    assert len(set(found.shell)) == 3
    grid = links.plus_grid(found)
    assert set(links.degree(grid)) == {4}
    assert all(found.shell[a] == found.shell[b] for a, b in pairs(grid))


def test_who_keeps_no_place_has_no_links() -> None:
    rng = np.random.default_rng(1)
    fleet = walker(24, 22, 7)
    crowd = shell(np.repeat([0.0, 5.0], 40), rng.uniform(0, 40, 80), np.repeat([0, 1], 40), 53.0, 400.0)
    alone = shell([0.0], [0.0], [0], 53.0, 800.0)
    found = mesh.learned(pl.concat([named(elements_of(f)) for f in (fleet, crowd, alone)]), INSTANT)
    assert (found.shell[:528] >= 0).all()
    assert (found.shell[528:] < 0).all()


def test_few_satellites_and_none_have_no_shell() -> None:
    assert mesh.learned(named(elements_of(walker(1, 3))), INSTANT).shell.tolist() == [-1, -1, -1]
    assert mesh.learned(named(elements_of(walker(1, 3)))[:0], INSTANT).shell.shape == (0,)


def test_an_even_train_on_its_way_is_no_shell_and_a_crowd_within_a_shell_keeps_no_places() -> None:
    fleet = walker(24, 22, 7)
    train = shell(np.zeros(14), np.arange(14) * 2.0, np.zeros(14), 53.0, 380.0)
    crowd = shell(
        np.repeat([0.0, 5.0], 40), np.random.default_rng(1).uniform(0, 300, 80), np.repeat([0, 1], 40), 53.0, 552.5
    )
    found = mesh.learned(pl.concat([named(elements_of(f)) for f in (fleet, train, crowd)]), INSTANT)
    assert [sorted({n >= 0 for n in part}) for part in np.split(found.shell, [528, 542])] == [[True], [False], [False]]
