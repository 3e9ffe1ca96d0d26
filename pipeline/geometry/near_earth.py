"""SGP4 for near-Earth, nearly circular orbits, many satellites at once, with the turn to Earth-fixed axes in the same pass.

The theory is that of Vallado, Crawford, Hujsak and Kelso 2006 (AIAA 2006-6753), and symbols are the ones of its code.
Satellites stand in blocks of 128, their constants in rows of one array: the inner loop has a fixed length, no branch
and no pointer that could overlap another, so that the compiler turns it into vector instructions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.geometry.constants import (
    EARTH_RAD_PER_S,
    WGS72_J2,
    WGS72_J3,
    WGS72_J4,
    WGS72_MU_KM3_PER_S2,
    WGS72_RADIUS_KM,
)
from pipeline.geometry.kernels import compiled, inlined, sine_and_cosine, turned_a_little, turned_slightly

BLOCK = 128
# Kepler's equation is solved in three steps that never test, and functions of the eccentricity are short series: both hold below it.
MAX_ECCENTRICITY = 0.02
MIN_ECCENTRICITY = -0.001  # where SGP4 itself gives up (error 1)
_MIDDLE_E, _HALF_E = (MAX_ECCENTRICITY + MIN_ECCENTRICITY) / 2, (MAX_ECCENTRICITY - MIN_ECCENTRICITY) / 2
# In Earth radii: below one SGP4 calls a satellite decayed (error 6); above three no orbit of less than 225 minutes goes, but the
# polynomials of drag do, long after the end.
_MIDDLE_R, _HALF_R = 2.0, 1.0
DEEP_SPACE_MIN = 225.0

EPOCH_1949_JD = 2_433_281.5  # 1949-12-31 00:00 UTC, from which SGP4 counts days
_XKE = 60.0 / np.sqrt(WGS72_RADIUS_KM**3 / WGS72_MU_KM3_PER_S2)
_KM_PER_S = WGS72_RADIUS_KM * _XKE / 60.0
_J2 = WGS72_J2
_J3_PER_J2 = WGS72_J3 / WGS72_J2

ROWS = (
    "epoch_jd", "epoch_fraction", "mo", "mdot", "argpo", "argpdot", "nodeo", "nodedot", "nodecf", "no", "ao", "ecco",
    "cc1", "d2", "d3", "d4", "bstar_cc4", "bstar_cc5", "sinmao", "t2cof", "t3cof", "t4cof", "t5cof", "omgcof", "xmcof", "eta",
    "delmo", "aycof", "xlcof", "con41", "x1mth2", "x7thm1", "cosio", "sinio",
)  # fmt: skip
(
    _EPOCH_JD, _EPOCH_FRACTION, _MO, _MDOT, _ARGPO, _ARGPDOT, _NODEO, _NODEDOT, _NODECF, _NO, _AO, _ECCO,
    _CC1, _D2, _D3, _D4, _BSTAR_CC4, _BSTAR_CC5, _SINMAO, _T2COF, _T3COF, _T4COF, _T5COF, _OMGCOF, _XMCOF, _ETA,
    _DELMO, _AYCOF, _XLCOF, _CON41, _X1MTH2, _X7THM1, _COSIO, _SINIO,
) = range(len(ROWS))  # fmt: skip
# Rows of work beside the constants: what one step of the theory leaves to the next, position, velocity, and the extremes that
# tell whether the theory held.
(
    _T, _AM, _EM, _ARGPM, _U, _AXNL, _AYNL, _SINE, _COSINE, _R, _SINU, _COSU, _SINI, _COSI, _NODE,
    _X, _Y, _Z, _OUTWARD, _ONWARD, _VX, _VY, _VZ, _ODD_E, _ODD_R, _SUM,
) = range(len(ROWS), len(ROWS) + 26)  # fmt: skip
_WIDTH = len(ROWS) + 26

Named = dict[str, NDArray[np.float64]]


def constants(given: Named) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """SGP4's constants of all satellites at once, float64 (ROWS, satellite), and which of them this theory is for, (satellite,).

    given: epoch_days [days since 1949-12-31 00:00 UTC], bstar, ecco, argpo, inclo, mo, nodeo [rad], no_kozai [rad/min],
        each (satellite,).

    Left to the full theory: deep space (a period of 225 minutes or more), eccentricities above 0.02, and whatever is
    not a number or describes no orbit.
    """
    with np.errstate(all="ignore"):
        known = {**given, **dict(zip(ROWS[:2], epoch_parts(given["epoch_days"]), strict=True))}
        for step in (_mean_motion, _atmosphere, _secular, _drag):
            known |= step(known)
        rows = np.stack([known[name] for name in ROWS])
        period_min = 2 * np.pi / known["no"]
        fits = (given["ecco"] >= 0) & (given["ecco"] <= MAX_ECCENTRICITY) & (period_min < DEEP_SPACE_MIN)
    return rows, fits & np.isfinite(rows).all(axis=0) & (period_min > 0)


def blocks(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The constants in blocks, (block, row, 128), the last one filled up with its last satellite."""
    count = -(-rows.shape[1] // BLOCK)
    padded = np.pad(rows, ((0, 0), (0, count * BLOCK - rows.shape[1])), mode="edge") if count else rows
    return np.ascontiguousarray(padded.reshape(len(ROWS), count, BLOCK).transpose(1, 0, 2))


def epoch_parts(days: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Julian date of the midnight before an epoch and the fraction of the day since, any shape, as the sgp4 library splits it.

    days: days since 1949-12-31 00:00 UTC, good to 0.3 microseconds. Where they have no digit beyond the eighth, as in a TLE, the
    fraction has eight digits; the library's test for that fails where the product with 1e8 is rounded up or down, which moves
    a satellite by 2 mm, and so does ours.
    """
    days = np.asarray(days, np.float64)
    fraction, whole = np.modf(days)
    of_tle = np.modf(days * 1e8)[0] == 0
    return whole + EPOCH_1949_JD, np.where(of_tle, np.round(fraction * 1e8) / 1e8, fraction)


def _mean_motion(k: Named) -> Named:
    """From Kozai's mean motion to Brouwer's, and what follows from shape and inclination (initl)."""
    omeosq = 1 - k["ecco"] ** 2
    cosio, sinio = np.cos(k["inclo"]), np.sin(k["inclo"])
    cosio2 = cosio**2
    ak = (_XKE / k["no_kozai"]) ** (2 / 3)
    d1 = 0.75 * _J2 * (3 * cosio2 - 1) / (np.sqrt(omeosq) * omeosq)
    delta = d1 / ak**2
    delta = d1 / (ak * (1 - delta**2 - delta * (1 / 3 + 134 * delta**2 / 81))) ** 2
    no = k["no_kozai"] / (1 + delta)
    con42 = 1 - 5 * cosio2
    return {
        "omeosq": omeosq, "cosio": cosio, "sinio": sinio, "no": no, "ao": (_XKE / no) ** (2 / 3), "con42": con42,
        "con41": -con42 - 2 * cosio2, "x1mth2": 1 - cosio2, "x7thm1": 7 * cosio2 - 1,
    }  # fmt: skip


def _atmosphere(k: Named) -> Named:
    """The density function, its height fitted to the perigee, and the drag coefficients C1 to C5."""
    ao, ecco, bstar, no, con41 = k["ao"], k["ecco"], k["bstar"], k["no"], k["con41"]
    perigee_km = (ao * (1 - ecco) - 1) * WGS72_RADIUS_KM
    fit_km = np.where(perigee_km < 98, 20.0, np.where(perigee_km < 156, perigee_km - 78, 78.0))
    sfour = fit_km / WGS72_RADIUS_KM + 1
    tsi = 1 / (ao - sfour)
    eta = ao * ecco * tsi
    etasq, eeta = eta**2, ecco * eta
    psisq = np.abs(1 - etasq)
    coef = ((120 - fit_km) / WGS72_RADIUS_KM) ** 4 * tsi**4
    coef1 = coef / psisq**3.5
    bulge = _J2 * tsi / psisq
    cc2 = (
        coef1
        * no
        * (ao * (1 + 1.5 * etasq + eeta * (4 + etasq)) + 0.375 * bulge * con41 * (8 + 3 * etasq * (8 + etasq)))
    )
    long_way = -3 * con41 * (1 - 2 * eeta + etasq * (1.5 - 0.5 * eeta))
    across = 0.75 * k["x1mth2"] * (2 * etasq - eeta * (1 + etasq)) * np.cos(2 * k["argpo"])
    cc4 = eta * (2 + 0.5 * etasq) + ecco * (0.5 + 2 * etasq) - bulge / ao * (long_way + across)
    round_orbit = ecco <= 1e-4  # below it SGP4 leaves out what would be divided by the eccentricity
    cc3 = np.where(round_orbit, 0.0, -2 * coef * tsi * _J3_PER_J2 * no * k["sinio"] / ecco)
    # Below a perigee of 220 km SGP4 drops the higher terms of drag (isimp).
    full = np.where(perigee_km < 220, 0.0, 1.0)
    return {
        "sfour": sfour, "tsi": tsi, "eta": eta, "cc1": bstar * cc2, "full": full,
        "bstar_cc4": bstar * 2 * no * coef1 * ao * k["omeosq"] * cc4,
        "bstar_cc5": full * bstar * 2 * coef1 * ao * k["omeosq"] * (1 + 2.75 * (etasq + eeta) + eeta * etasq),
        "omgcof": full * bstar * cc3 * np.cos(k["argpo"]),
        "xmcof": full * np.where(round_orbit, 0.0, -(2 / 3) * coef * bstar / eeta),
    }  # fmt: skip


def _secular(k: Named) -> Named:
    """Rates of the mean anomaly, the perigee and the node, and the long-period terms."""
    cosio, cosio2 = k["cosio"], k["cosio"] ** 2
    cosio4 = cosio2**2
    pinvsq = 1 / (k["ao"] * k["omeosq"]) ** 2
    temp1 = 1.5 * _J2 * pinvsq * k["no"]
    temp2 = 0.5 * temp1 * _J2 * pinvsq
    temp3 = -0.46875 * WGS72_J4 * pinvsq**2 * k["no"]
    rteosq = np.sqrt(k["omeosq"])
    xhdot1 = -temp1 * cosio
    polar = np.where(np.abs(cosio + 1) > 1.5e-12, 1 + cosio, 1.5e-12)
    return {
        "mdot": k["no"] + 0.5 * temp1 * rteosq * k["con41"] + 0.0625 * temp2 * rteosq * (13 - 78 * cosio2 + 137 * cosio4),
        "argpdot": -0.5 * temp1 * k["con42"] + 0.0625 * temp2 * (7 - 114 * cosio2 + 395 * cosio4) + temp3 * (3 - 36 * cosio2 + 49 * cosio4),
        "nodedot": xhdot1 + (0.5 * temp2 * (4 - 19 * cosio2) + 2 * temp3 * (3 - 7 * cosio2)) * cosio,
        "nodecf": 3.5 * k["omeosq"] * xhdot1 * k["cc1"],
        "xlcof": -0.25 * _J3_PER_J2 * k["sinio"] * (3 + 5 * cosio) / polar,
        "aycof": -0.5 * _J3_PER_J2 * k["sinio"],
        "delmo": (1 + k["eta"] * np.cos(k["mo"])) ** 3,
        "sinmao": np.sin(k["mo"]),
    }  # fmt: skip


def _drag(k: Named) -> Named:
    """Polynomials of time: D2 to D4 of the semi-major axis, and those of the mean longitude."""
    ao, tsi, sfour, full, cc1 = k["ao"], k["tsi"], k["sfour"], k["full"], k["cc1"]
    d2 = 4 * ao * tsi * cc1**2
    temp = d2 * tsi * cc1 / 3
    d3 = (17 * ao + sfour) * temp
    d4 = 0.5 * temp * ao * tsi * (221 * ao + 31 * sfour) * cc1
    return {
        "d2": full * d2, "d3": full * d3, "d4": full * d4, "t2cof": 1.5 * cc1, "t3cof": full * (d2 + 2 * cc1**2),
        "t4cof": full * 0.25 * (3 * d3 + cc1 * (12 * d2 + 10 * cc1**2)),
        "t5cof": full * 0.2 * (3 * d4 + 12 * cc1 * d3 + 6 * d2**2 + 15 * cc1**2 * (2 * d2 + cc1**2)),
    }  # fmt: skip


# The steps below are loops of their own, each over a whole block. In one loop the chain from the mean anomaly to the position is so
# long that the processor waits for it (14 ns); the short ones of many satellites run beside each other (10 ns).


@inlined
def _mean(q, s, jd, fraction):  # type: ignore[no-untyped-def]
    """Mean elements: minutes from the epoch, axis, eccentricity, argument of perigee, mean argument of latitude."""
    t = (jd - q[_EPOCH_JD, s]) * 1_440.0 + (fraction - q[_EPOCH_FRACTION, s]) * 1_440.0
    t2 = t * t
    t3, t4 = t2 * t, t2 * t2
    xmdf = q[_MO, s] + q[_MDOT, s] * t
    _, cosine = sine_and_cosine(xmdf)
    delm = 1.0 + q[_ETA, s] * cosine
    temp = q[_OMGCOF, s] * t + q[_XMCOF, s] * (delm * delm * delm - q[_DELMO, s])
    argpm = q[_ARGPO, s] + q[_ARGPDOT, s] * t - temp
    sine, _ = sine_and_cosine(xmdf + temp)
    tempa = 1.0 - q[_CC1, s] * t - q[_D2, s] * t2 - q[_D3, s] * t3 - q[_D4, s] * t4
    em = q[_ECCO, s] - q[_BSTAR_CC4, s] * t - q[_BSTAR_CC5, s] * (sine - q[_SINMAO, s])
    templ = q[_T2COF, s] * t2 + q[_T3COF, s] * t3 + t4 * (q[_T4COF, s] + t * q[_T5COF, s])
    # What the perigee loses to `temp` the mean anomaly gains, so the argument of latitude does not know it.
    u = xmdf + q[_ARGPO, s] + q[_ARGPDOT, s] * t + q[_NO, s] * templ
    q[_T, s], q[_AM, s], q[_EM, s], q[_ARGPM, s], q[_U, s] = t, q[_AO, s] * tempa * tempa, em, argpm, u


@inlined
def _long_period(q, s):  # type: ignore[no-untyped-def]
    """Long-period periodics: the vector of the eccentricity, and the argument of latitude that Kepler's equation starts from."""
    raw = q[_EM, s]
    odd = abs(raw - _MIDDLE_E)
    q[_ODD_E, s] = odd if odd > q[_ODD_E, s] else q[_ODD_E, s]
    em = raw if raw > 1e-6 else 1e-6
    sine, cosine = sine_and_cosine(q[_ARGPM, s])
    axnl = em * cosine
    temp = (1.0 + em * em * (1.0 + em * em * (1.0 + em * em))) / q[_AM, s]  # 1 / (am (1 - em^2))
    q[_AXNL, s], q[_AYNL, s] = axnl, em * sine + temp * q[_AYCOF, s]
    q[_U, s] += temp * q[_XLCOF, s] * axnl


@inlined
def _kepler(q, s):  # type: ignore[no-untyped-def]
    """Sine and cosine of the eccentric argument of latitude, by Newton's steps.

    With x = e cos E at most 0.022, 1 + x + x^2 stands for 1 / (1 - x): the steps leave 2e-7, 2e-12 and 4e-14 rad.
    """
    axnl, aynl = q[_AXNL, s], q[_AYNL, s]
    sine, cosine = sine_and_cosine(q[_U, s])
    x = axnl * cosine + aynl * sine
    step = (axnl * sine - aynl * cosine) * (1.0 + x + x * x)
    sine_1, cosine_1 = turned_slightly(sine, cosine, step)
    x = axnl * cosine_1 + aynl * sine_1
    more = (axnl * sine_1 - aynl * cosine_1 - step) * (1.0 + x + x * x)
    sine_2, cosine_2 = turned_a_little(sine_1, cosine_1, more)
    last = axnl * sine_2 - aynl * cosine_2 - step - more
    q[_SINE, s], q[_COSINE, s] = sine_2 + cosine_2 * last, cosine_2 - sine_2 * last


@inlined
def _short_period(q, s, theta):  # type: ignore[no-untyped-def]
    """Short-period periodics: radius, argument of latitude, inclination, node as the Earth sees it; and what velocity needs."""
    axnl, aynl, sine, cosine, am, t = q[_AXNL, s], q[_AYNL, s], q[_SINE, s], q[_COSINE, s], q[_AM, s], q[_T, s]
    ecose, esine = axnl * cosine + aynl * sine, axnl * sine - aynl * cosine
    # Series in the squared eccentricity z, at most 5e-4, for 1 / (1 + sqrt(1 - z)), sqrt(1 - z) and 1 / (1 - z).
    z = axnl * axnl + aynl * aynl
    half = 0.5 + z * (0.125 + z * (0.0625 + z * (0.0390625 + z * 0.02734375)))
    betal = 1.0 - z * half
    temp = (1.0 + z * (1.0 + z * (1.0 + z * (1.0 + z)))) / am
    per_r = 1.0 / (1.0 - ecose)
    tilt = esine * half
    sinu, cosu = per_r * (sine - aynl - axnl * tilt), per_r * (cosine - axnl + aynl * tilt)
    sin2u, cos2u = 2.0 * cosu * sinu, 1.0 - 2.0 * sinu * sinu
    temp1 = 0.5 * _J2 * temp
    temp2 = temp1 * temp
    r = am * (1.0 - ecose) * (1.0 - 1.5 * temp2 * betal * q[_CON41, s]) + 0.5 * temp1 * q[_X1MTH2, s] * cos2u
    odd = abs(r - _MIDDLE_R)
    q[_ODD_R, s] = odd if odd > q[_ODD_R, s] else q[_ODD_R, s]
    q[_SUM, s] += r  # what once is not a number stays none
    q[_R, s] = r * WGS72_RADIUS_KM
    q[_SINU, s], q[_COSU, s] = turned_a_little(sinu, cosu, -0.25 * temp2 * q[_X7THM1, s] * sin2u)
    nodal = 1.5 * temp2 * q[_COSIO, s]
    q[_SINI, s], q[_COSI, s] = turned_a_little(q[_SINIO, s], q[_COSIO, s], nodal * q[_SINIO, s] * cos2u)
    q[_NODE, s] = q[_NODEO, s] + q[_NODEDOT, s] * t + q[_NODECF, s] * (t * t) + nodal * sin2u - theta
    return per_r, esine, betal, temp1, sin2u, cos2u


@inlined
def _rates(q, s, per_r, esine, betal, temp1, sin2u, cos2u):  # type: ignore[no-untyped-def]
    """Velocity along the radius and across it, in units of XKE."""
    am = q[_AM, s]
    root = np.sqrt(am)
    nm = 1.0 / (am * root)
    q[_OUTWARD, s] = esine * per_r / root - nm * temp1 * q[_X1MTH2, s] * sin2u
    q[_ONWARD, s] = betal * per_r / root + nm * temp1 * (q[_X1MTH2, s] * cos2u + 1.5 * q[_CON41, s])


@inlined
def _place(q, s):  # type: ignore[no-untyped-def]
    """The Earth-fixed position [km]."""
    sinn, cosn = sine_and_cosine(q[_NODE, s])
    r_km, sinu, cosu, cosi = q[_R, s], q[_SINU, s], q[_COSU, s], q[_COSI, s]
    q[_X, s] = r_km * (cosn * cosu - sinn * cosi * sinu)
    q[_Y, s] = r_km * (sinn * cosu + cosn * cosi * sinu)
    q[_Z, s] = r_km * (q[_SINI, s] * sinu)


@inlined
def _move(q, s):  # type: ignore[no-untyped-def]
    """Position [km] and velocity [km/s], both Earth-fixed: the axes' own turn is taken off."""
    sinn, cosn = sine_and_cosine(q[_NODE, s])
    r_km, sinu, cosu, sini, cosi = q[_R, s], q[_SINU, s], q[_COSU, s], q[_SINI, s], q[_COSI, s]
    outward, onward = q[_OUTWARD, s], q[_ONWARD, s]
    ux, uy, uz = cosn * cosu - sinn * cosi * sinu, sinn * cosu + cosn * cosi * sinu, sini * sinu
    vx, vy, vz = -cosn * sinu - sinn * cosi * cosu, -sinn * sinu + cosn * cosi * cosu, sini * cosu
    q[_X, s], q[_Y, s], q[_Z, s] = r_km * ux, r_km * uy, r_km * uz
    q[_VX, s] = (outward * ux + onward * vx) * _KM_PER_S + EARTH_RAD_PER_S * r_km * uy
    q[_VY, s] = (outward * uy + onward * vy) * _KM_PER_S - EARTH_RAD_PER_S * r_km * ux
    q[_VZ, s] = (outward * uz + onward * vz) * _KM_PER_S


@inlined
def _solve(q, jd, fraction):  # type: ignore[no-untyped-def]
    """Everything up to Kepler's equation, for the satellites of a block."""
    for s in range(BLOCK):
        _mean(q, s, jd, fraction)
    for s in range(BLOCK):
        _long_period(q, s)
    for s in range(BLOCK):
        _kepler(q, s)


@inlined
def _places(q, jd, fraction, theta):  # type: ignore[no-untyped-def]
    """Positions of a block at a Julian date whose sidereal angle is `theta` [rad]."""
    _solve(q, jd, fraction)
    for s in range(BLOCK):
        _short_period(q, s, theta)
    for s in range(BLOCK):
        _place(q, s)


@inlined
def _moves(q, jd, fraction, theta):  # type: ignore[no-untyped-def]
    """As `_places`, with velocities."""
    _solve(q, jd, fraction)
    for s in range(BLOCK):
        per_r, esine, betal, temp1, sin2u, cos2u = _short_period(q, s, theta)
        _rates(q, s, per_r, esine, betal, temp1, sin2u, cos2u)
    for s in range(BLOCK):
        _move(q, s)


@compiled
def _open_block(q, constants_of_block):  # type: ignore[no-untyped-def]
    q[: constants_of_block.shape[0]] = constants_of_block
    q[_ODD_E], q[_ODD_R], q[_SUM] = 0.0, 0.0, 0.0


@compiled
def _close_block(q, held, low):  # type: ignore[no-untyped-def]
    """Note whether the theory held for every satellite of a block at every instant; what is not a number did not."""
    for s in range(min(BLOCK, len(held) - low)):
        fits = (q[_ODD_E, s] <= _HALF_E) and (q[_ODD_R, s] <= _HALF_R)
        held[low + s] = fits and np.isfinite(q[_SUM, s])


@compiled
def _copy(q, row, column, target):  # type: ignore[no-untyped-def]
    """Write three rows of a block to the columns of its satellites in a target of (3, satellite)."""
    for axis in range(3):
        for s in range(len(column)):
            target[axis, column[s]] = q[row + axis, s]


@compiled
def positions(blocks, column, jd, fraction, theta, r_ecef_km, held):  # type: ignore[no-untyped-def]
    """Fill the columns of r_ecef_km (instant, 3, satellite) [km] and held (near,): whether the theory held at all instants.

    blocks: as `blocks` makes them. column: which satellite each one is, (near,). jd, fraction: Julian date of the day and fractions
    of it, (instant,), theta: their sidereal angles [rad].
    """
    q = np.empty((_WIDTH, BLOCK))
    for block in range(blocks.shape[0]):
        low = block * BLOCK
        _open_block(q, blocks[block])
        for instant in range(len(fraction)):
            _places(q, jd, fraction[instant], theta[instant])
            _copy(q, _X, column[low : low + BLOCK], r_ecef_km[instant])
        _close_block(q, held, low)


@compiled
def states(blocks, column, jd, fraction, theta, r_ecef_km, v_ecef_km_per_s, held):  # type: ignore[no-untyped-def]
    """As `positions`, with Earth-fixed velocities v_ecef_km_per_s (instant, 3, satellite) [km/s] beside them."""
    q = np.empty((_WIDTH, BLOCK))
    for block in range(blocks.shape[0]):
        low = block * BLOCK
        _open_block(q, blocks[block])
        for instant in range(len(fraction)):
            _moves(q, jd, fraction[instant], theta[instant])
            _copy(q, _X, column[low : low + BLOCK], r_ecef_km[instant])
            _copy(q, _VX, column[low : low + BLOCK], v_ecef_km_per_s[instant])
        _close_block(q, held, low)


# Points of a piece of time that positions are interpolated from.
POINTS = 14


@compiled
def between(blocks, column, jd, point_fraction, point_theta, piece, weight, r_ecef_km, held):  # type: ignore[no-untyped-def]
    """As `positions`, but computed at the points of pieces of time and interpolated there.

    point_fraction, point_theta: as fraction and theta, (piece, POINTS). piece: which one each instant lies in, (instant,).
    weight: of its points at each instant, (instant, POINTS).
    """
    q = np.empty((_WIDTH, BLOCK))
    at = np.empty((3, POINTS, BLOCK))
    spare = np.empty(BLOCK)
    for block in range(blocks.shape[0]):
        low = block * BLOCK
        own = column[low : low + BLOCK]
        first = own[0]
        side_by_side = len(own) == BLOCK and own[BLOCK - 1] - first == BLOCK - 1  # columns ascend
        _open_block(q, blocks[block])
        for k in range(len(point_fraction)):
            for point in range(POINTS):
                _places(q, jd, point_fraction[k, point], point_theta[k, point])
                at[:, point] = q[_X : _X + 3]
            for axis in range(3):
                for instant in range(len(piece)):
                    if piece[instant] == k and side_by_side:
                        _interpolate(at, axis, weight, instant, r_ecef_km[instant, axis, first : first + BLOCK])
                    elif piece[instant] == k:
                        _interpolate(at, axis, weight, instant, spare)
                        for s in range(len(own)):
                            r_ecef_km[instant, axis, own[s]] = spare[s]
        _close_block(q, held, low)


@inlined
def _interpolate(at, a, w, k, target):  # type: ignore[no-untyped-def]
    """Write the values of axis `a` at instant `k`, straight to where they belong: a copy of them waits for memory."""
    w0, w1, w2, w3, w4, w5, w6 = w[k, 0], w[k, 1], w[k, 2], w[k, 3], w[k, 4], w[k, 5], w[k, 6]
    w7, w8, w9, w10, w11, w12, w13 = w[k, 7], w[k, 8], w[k, 9], w[k, 10], w[k, 11], w[k, 12], w[k, 13]
    for s in range(BLOCK):
        early = (
            w0 * at[a, 0, s]
            + w1 * at[a, 1, s]
            + w2 * at[a, 2, s]
            + w3 * at[a, 3, s]
            + w4 * at[a, 4, s]
            + w5 * at[a, 5, s]
            + w6 * at[a, 6, s]
        )
        late = (
            w7 * at[a, 7, s]
            + w8 * at[a, 8, s]
            + w9 * at[a, 9, s]
            + w10 * at[a, 10, s]
            + w11 * at[a, 11, s]
            + w12 * at[a, 12, s]
            + w13 * at[a, 13, s]
        )
        target[s] = early + late
