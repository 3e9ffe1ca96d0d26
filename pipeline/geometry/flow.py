"""Maximum flow through a network of arcs, and its fair division among sinks: whole numbers, one thread, no recursion.

Capacities are whole numbers of a small unit (UNITS_PER_GBPS), so that a flow is exact: what enters a node leaves it, and the value of a
maximum flow is that of a minimum cut, to the last unit. The method is Dinic's (E. A. Dinic, Soviet Math. Doklady 11, 1970, 1277-1280):
layers by breadth, counted from the sink, then paths down them until none is left. It goes on from whatever flow there is, so that
capacities may be raised and the flow completed. Of two runs on the same arcs both find the same flow.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.geometry.kernels import compiled, inlined, leaf

# A unit is about 1 kbps: sums of a million Gbps are far below the largest whole number.
UNITS_PER_GBPS = 2.0**20
# The capacity of an arc that does not limit, 270 million Gbps: no flow comes near it, and 30,000 of them still have a sum.
UNLIMITED = 2**48
# Fair filling tells levels apart to this factor.
FINEST = 1.05


class Network(NamedTuple):
    """A network and the flow in it. Arcs out of node k are `start[k]` to `start[k + 1]` - 1, each with one that leads back.

    `start` int64 (node + 1,); `head` int32 (arc,): where it leads; `twin` int32 (arc,): the arc back; `left` int64 (arc,): what it
    could still take [units]; `arc` int32 (given,): the place of each arc that was given.
    """

    start: NDArray[np.int64]
    head: NDArray[np.int32]
    twin: NDArray[np.int32]
    left: NDArray[np.int64]
    arc: NDArray[np.int32]


class Shares(NamedTuple):
    """What a fair filling gave: `served` int64 (sink,) [units], and `short` bool (node,): the sink's side of a minimum cut.

    Whoever is not served in full is on it, with all that could pass on to him what it has.
    """

    served: NDArray[np.int64]
    short: NDArray[np.bool_]


def units(gbps: ArrayLike) -> NDArray[np.int64]:
    """Rates [Gbps] in whole units, to the nearest; what is infinite becomes UNLIMITED. Raises ValueError where one is below 0 or no number."""
    rate = np.asarray(gbps, np.float64)
    if not (rate >= 0).all():
        raise ValueError(f"a capacity or claim of {rate[~(rate >= 0)][0]} Gbps is not a rate: give 0 or more")
    return np.rint(np.minimum(rate * UNITS_PER_GBPS, UNLIMITED)).astype(np.int64)


def gbps(amount: ArrayLike) -> NDArray[np.float64]:
    """Whole units as rates [Gbps], any shape."""
    return np.asarray(amount, np.float64) / UNITS_PER_GBPS


def network(
    nodes: int, tail: NDArray[np.int32], head: NDArray[np.int32], capacity: NDArray[np.int64], back: NDArray[np.int64]
) -> Network:
    """A network without flow.

    nodes: how many. tail, head: where each arc begins and ends, (given,), parallel arcs allowed. capacity: what it takes [units], (given,),
    not below 0. back: what the way back takes beside it [units], (given,): 0 for a one-way arc.
    """
    start = np.zeros(nodes + 1, np.int64)
    count = 2 * len(tail)
    made = Network(start, np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.int64), np.empty(len(tail), np.int32))  # fmt: skip
    _arrange(tail, head, capacity, back, made)
    return made


def augment(of: Network, source: int, sink: int) -> tuple[int, NDArray[np.bool_]]:
    """Complete the flow from `source` to `sink` to a maximum flow, in place, from where it stands.

    Returns what was added [units], and the sink's side of a minimum cut, bool (node,): nodes that could still pass something on to it.
    """
    room = _room(of)
    added = _augment(of, source, sink, *room)
    return int(added), room[0] >= 0


def through(of: Network, capacity: NDArray[np.int64]) -> NDArray[np.int64]:
    """Flow along each given arc [units], (given,): below 0 where it runs back. capacity: as it was given or raised to."""
    return capacity - of.left[of.arc]


def fair(
    of: Network,
    source: int,
    sink: int,
    node: NDArray[np.int32],
    claim: NDArray[np.int64],
    arc: NDArray[np.int32],
    finest: float = FINEST,
) -> Shares:
    """Serve sinks by shares that are as equal as can be, in place: nobody gets more at the cost of one who is served a smaller part.

    node: of each sink, (sink,). claim: what it asks for [units], (sink,). arc: its arc to `sink` in the network, (sink,), with nothing
    left as yet; afterwards what it is short of is left. finest: to which factor levels, the fractions of claims, are told apart.

    Of a set of sinks that can get so much in all the mean level is tried. Where all reach it, it is theirs. Else a minimum cut parts
    those who cannot, from those who can get at least that much whatever the others get; of each part it is known how much it
    can get, so its own mean is tried next, first the poorer one's (N. Megiddo, Mathematical Programming 7, 1974, 97-107: the flow is
    lexicographically optimal). What nobody reaches gets nothing and holds nobody up. An augmented flow never takes from a sink, and the
    last step lets all have what is over, so the whole is a maximum flow.
    """
    room = _room(of)
    served = np.zeros(len(claim), np.int64)
    _fair(of, source, sink, node, claim, arc, finest, served, *room)
    return Shares(served, room[0] >= 0)


def _room(of: Network) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]]:
    """Room for a search: layers of nodes, the arc that each is at, and a queue that is also a path."""
    nodes = len(of.start) - 1
    return np.empty(nodes, np.int32), np.empty(nodes, np.int64), np.empty(nodes + 1, np.int32)


@compiled
def _arrange(tail, head, capacity, back, made):  # type: ignore[no-untyped-def]
    """Fill in a network: arcs of a node stand in the order in which they are given."""
    start, heads, twin, left, arc = made
    for k in range(len(tail)):
        start[tail[k] + 1] += 1
        start[head[k] + 1] += 1
    for node in range(len(start) - 1):
        start[node + 1] += start[node]
    place = start[:-1].copy()
    for k in range(len(tail)):
        one, other = place[tail[k]], place[head[k]]
        place[tail[k]] += 1
        if head[k] == tail[k]:
            other += 1
        place[head[k]] += 1
        heads[one], heads[other] = head[k], tail[k]
        twin[one], twin[other] = other, one
        left[one], left[other] = capacity[k], back[k]
        arc[k] = one


@leaf
def _layers(of, source, sink, depth, at, queue):  # type: ignore[no-untyped-def]
    """Number nodes by their distance to the sink over arcs with room, -1 where there is no way; whether the source is among them.

    Nodes that are no nearer than the source are not looked at once it is found.
    """
    start, head, twin, left, _ = of
    depth[:] = -1
    depth[sink], queue[0] = 0, sink
    first, last = 0, 1
    while first < last:
        node = queue[first]
        first += 1
        if depth[source] >= 0 and depth[node] + 1 >= depth[source]:
            break
        for a in range(start[node], start[node + 1]):
            to = head[a]
            if depth[to] < 0 and left[twin[a]] > 0:
                depth[to], at[to] = depth[node] + 1, start[to]
                queue[last] = to
                last += 1
    return depth[source] >= 0


@leaf
def _paths(of, source, sink, depth, at, path):  # type: ignore[no-untyped-def]
    """Fill paths from layer to layer until none is left; returns what they carry."""
    start, head, twin, left, _ = of
    total, length, node = 0, 0, source
    while True:
        if node == sink:
            amount, narrow = _narrowest(left, path, length)
            for k in range(length):
                left[path[k]] -= amount
                left[twin[path[k]]] += amount
            total += amount
            length, node = narrow, head[twin[path[narrow]]]
        a = at[node]
        while a < start[node + 1] and not (left[a] > 0 and depth[head[a]] == depth[node] - 1):
            a += 1
        at[node] = a
        if a < start[node + 1]:
            path[length] = a
            length += 1
            node = head[a]
        elif length == 0:
            return total
        else:
            length -= 1
            node = head[twin[path[length]]]
            at[node] += 1


@inlined
def _narrowest(left, path, length):  # type: ignore[no-untyped-def]
    """What a path can take, and the place of the first arc that takes no more."""
    amount, narrow = left[path[0]], 0
    for k in range(1, length):
        if left[path[k]] < amount:
            amount, narrow = left[path[k]], k
    return amount, narrow


@leaf
def _augment(of, source, sink, depth, at, queue):  # type: ignore[no-untyped-def]
    total = 0
    while _layers(of, source, sink, depth, at, queue):
        total += _paths(of, source, sink, depth, at, queue)
    return total


@compiled
def _fair(of, source, sink, node, claim, arc, finest, served, depth, at, queue):  # type: ignore[no-untyped-def]
    """Fill in what each sink is served, and leave in `depth` which nodes are on the sink's side of a minimum cut.

    Sets of sinks are stretches of `order`, on a stack: where each begins and ends, the level that all of it can reach, what it can get.
    """
    left, before = of.left, np.empty_like(of.left)
    order, apart = np.empty(len(claim), np.int64), np.empty(len(claim), np.int64)
    begin, end, least, total = np.empty(len(claim) + 2, np.int64), np.empty(len(claim) + 2, np.int64), np.empty(len(claim) + 2), np.empty(len(claim) + 2, np.int64)  # fmt: skip
    count = _reached(of, source, node, claim, depth, queue, order)
    begin[0], end[0], least[0], total[0], top = 0, count, 0.0, _asked(claim, order, 0, count), 1
    while top > 0:
        top -= 1
        one, last, low, most = begin[top], end[top], least[top], total[top]
        if one == last or most <= 0:
            continue
        if low > 0.0:
            _raise(left, arc, claim, served, order, one, last, low)
            _augment(of, source, sink, depth, at, queue)
            _keep(left, arc, claim, served, order, one, last, low)
        asked = _asked(claim, order, one, last)
        level = most / asked
        if low >= 1.0:
            continue
        before[:] = left
        _raise(left, arc, claim, served, order, one, last, level)
        _augment(of, source, sink, depth, at, queue)
        middle, poor = _part(left, node, arc, claim, served, depth, order, apart, one, last, level)
        # Who is parted by the cut can get what is left of the whole, and no more than the claims.
        rich = min(most - poor, _asked(claim, order, middle, last))
        settled = middle == one or level <= finest * low or (middle == last and poor >= most)
        if settled:
            _keep(left, arc, claim, served, order, one, last, level)
        else:
            left[:] = before
        if one < middle < last:
            begin[top], end[top], least[top], total[top] = middle, last, level, rich
            top += 1
        if not settled:
            begin[top], end[top], least[top], total[top] = one, middle, low, poor
            top += 1
    for k in range(len(claim)):
        left[arc[k]] = claim[k] - served[k]
    _augment(of, source, sink, depth, at, queue)
    for k in range(len(claim)):
        served[k] = claim[k] - left[arc[k]]


@leaf
def _reached(of, source, node, claim, depth, queue, order):  # type: ignore[no-untyped-def]
    """Write sinks with a claim that something gets to from the source into `order`; returns how many there are."""
    start, head, _, left, _ = of
    depth[:] = -1
    depth[source], queue[0] = 0, source
    first, last = 0, 1
    while first < last:
        here = queue[first]
        first += 1
        for a in range(start[here], start[here + 1]):
            if left[a] > 0 and depth[head[a]] < 0:
                depth[head[a]] = 0
                queue[last] = head[a]
                last += 1
    count = 0
    for k in range(len(claim)):
        if claim[k] > 0 and depth[node[k]] >= 0:
            order[count] = k
            count += 1
    return count


@leaf
def _asked(claim, order, begin, end):  # type: ignore[no-untyped-def]
    """Sum of the claims of a set."""
    total = 0
    for g in range(begin, end):
        total += claim[order[g]]
    return total


@inlined
def _at_level(claim, level):  # type: ignore[no-untyped-def]
    """A fraction of a claim in whole units."""
    return claim if level >= 1.0 else np.int64(claim * level)


@leaf
def _raise(left, arc, claim, served, order, begin, end, level):  # type: ignore[no-untyped-def]
    """Let a set have up to a level of its claims."""
    for g in range(begin, end):
        k = order[g]
        left[arc[k]] = max(_at_level(claim[k], level) - served[k], 0)


@leaf
def _keep(left, arc, claim, served, order, begin, end, level):  # type: ignore[no-untyped-def]
    """Write down what a set that was raised to a level has got, and let it have no more for now."""
    for g in range(begin, end):
        k = order[g]
        served[k] = max(_at_level(claim[k], level), served[k]) - left[arc[k]]
        left[arc[k]] = 0


@leaf
def _part(left, node, arc, claim, served, depth, order, apart, begin, end, level):  # type: ignore[no-untyped-def]
    """Move those on the sink's side of the cut to the front of a set; returns where the others begin, and what the first ones have got."""
    middle, over, poor = begin, 0, 0
    for g in range(begin, end):
        k = order[g]
        if depth[node[k]] >= 0:
            order[middle] = k
            poor += max(_at_level(claim[k], level), served[k]) - left[arc[k]]
            middle += 1
        else:
            apart[over] = k
            over += 1
    for g in range(over):
        order[middle + g] = apart[g]
    return middle, poor
