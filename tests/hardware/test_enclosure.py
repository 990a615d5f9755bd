"""The enclosure: closed solids that fit the Pi, no straight way to a microphone, as fresh as their source."""

import hashlib
import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest

from drawings.stl import FACET, HEAD, open_edges

ENCLOSURE = Path(__file__).parent.parent.parent / "hardware/enclosure"
SOURCE = (ENCLOSURE / "enclosure.scad").read_text()
SOLIDS = sorted(ENCLOSURE.glob("*.stl"))
MIDDLE = np.array([42.5, -28.0])
"""The middle of the lid as it is printed: face down, turned about the x axis (mm)."""


def size(name):
    """A length, or a list of them, from the source (mm)."""
    return json.loads(re.search(rf"^{name} = ([-\d., \[\]]+);", SOURCE, re.MULTILINE).group(1))


def triangles(name):
    """The facets of a solid: (n, 3 corners, 3 coordinates) in mm."""
    stl = (ENCLOSURE / name).read_bytes()
    corners = [np.frombuffer(b"".join(facet), "<f4").reshape(3, 3) for facet in FACET.iter_unpack(stl[HEAD:])]
    return np.array(corners, dtype=float)


def blocked(begin, end, solid):
    """For each line from `begin` to `end` (n, 3): whether it hits a facet. Moeller and Trumbore's test."""
    corner, one, two = solid[:, 0], solid[:, 1] - solid[:, 0], solid[:, 2] - solid[:, 0]
    hit = np.zeros(len(begin), dtype=bool)
    for at, (start, way) in enumerate(zip(begin, end - begin, strict=True)):
        across = np.cross(way, two)
        volume = np.einsum("ij,ij->i", one, across)
        volume[np.abs(volume) < 1e-12] = np.nan  # along the facet: no hit
        off = start - corner
        u = np.einsum("ij,ij->i", off, across) / volume
        turned = np.cross(off, one)
        v = turned @ way / volume
        t = np.einsum("ij,ij->i", turned, two) / volume
        hit[at] = np.any((u >= 0) & (v >= 0) & (u + v <= 1) & (t >= 0) & (t <= 1))
    return hit


def disk(middle, radius, height):
    """Points spread over a disk."""
    rings = [(0.0, 0.0), *((r, angle) for r in (0.5, 0.97) for angle in np.arange(0, 2 * np.pi, np.pi / 5))]
    return np.array(
        [[middle[0] + radius * r * np.cos(a), middle[1] + radius * r * np.sin(a), height] for r, a in rings]
    )


def lines(outer, inner):
    """Every line from a point of one set to a point of the other."""
    return np.repeat(outer, len(inner), axis=0), np.tile(inner, (len(outer), 1))


@pytest.mark.parametrize("solid", SOLIDS, ids=lambda path: path.name)
def test_solids_are_closed(solid):
    """Every edge is shared by exactly two facets: a slicer knows what is inside."""
    assert open_edges(solid.read_bytes()) == 0


def test_a_missing_facet_is_noticed():
    """Without one facet its three edges are open; a cut-off file is refused."""
    stl = (ENCLOSURE / "base.stl").read_bytes()
    facets = (len(stl) - HEAD) // FACET.size
    assert open_edges(stl[:80] + struct.pack("<I", facets - 1) + stl[HEAD + FACET.size :]) == 3
    with pytest.raises(ValueError, match="no binary STL"):
        open_edges(stl[:-1])


@pytest.mark.parametrize("hole", [(3.5, 3.5), (61.5, 3.5), (3.5, 52.5), (61.5, 52.5)])
def test_screws_meet_the_holes_of_the_pi(hole):
    """Around each of the Pi's four holes, 58 x 49 mm apart, there is a screw hole in the base."""
    corners = triangles("base.stl").reshape(-1, 3)
    away = np.hypot(*(corners[:, :2] - hole).T)
    assert np.sum(np.isclose(away, 2.1 / 2, atol=0.01)) > 20


@pytest.mark.parametrize("name", ["base.stl", "lid.stl"])
def test_the_pi_fits(name):
    """The box is as much longer and wider than the Pi as its play and the corners with the screws ask for."""
    corners = triangles(name).reshape(-1, 3)
    room = corners.max(axis=0) - corners.min(axis=0)
    ears = 2 * (size("play") + 2 + size("pillar"))
    assert room[:2] == pytest.approx([85 + ears, 56 + ears], abs=0.05)


@pytest.mark.parametrize("name", ["base.stl", "lid.stl"])
def test_it_lies_flat_when_printed(name):
    """Nothing sticks out of the face it is printed on: the words on the lid are sunk, not raised."""
    corners = triangles(name).reshape(-1, 3)
    lowest = corners[np.isclose(corners[:, 2], corners[:, 2].min(), atol=1e-4)]
    assert lowest[:, 2] == pytest.approx(0, abs=1e-4)
    assert np.ptp(lowest[:, 0]) == pytest.approx(np.ptp(corners[:, 0]), abs=1e-3)


@pytest.mark.parametrize("microphone", size("mics"))
def test_no_straight_line_leads_to_a_microphone(microphone):
    """No beam through a hole in the lid reaches the hole over the microphone: traced in the solid."""
    middle = MIDDLE + np.array([-1, 1]) * microphone
    solid = triangles("lid.stl")
    near = solid[np.all(np.abs(solid.mean(axis=1)[:, :2] - middle) < 60, axis=1)]
    throat = disk(middle, size("throat") / 2, size("wall") + size("chamber") + size("baffle"))
    turns = np.arange(size("ports")) * 2 * np.pi / size("ports")
    holes = [middle + size("ring") * np.array([np.cos(turn), np.sin(turn)]) for turn in turns]
    outer = np.concatenate([disk(hole, size("port") / 2, 0.0) for hole in holes])
    assert blocked(*lines(outer, throat), near).all()
    # The tracer sees an opening where there is one: down a hole to the chamber's floor, and up the throat.
    floor = size("wall") + size("chamber") - 0.1
    assert not blocked(np.array([[*holes[0], -0.1]]), np.array([[*holes[0], floor]]), near).any()
    assert not blocked(np.array([[*middle, 6.0]]), np.array([[*middle, size("wall") + 0.1]]), near).any()


def test_what_is_rendered_is_as_fresh_as_its_source():
    """Whoever changes enclosure.scad renders it anew: make -C hardware enclosure."""
    stamp = dict(reversed(line.split()) for line in (ENCLOSURE / "SHA256SUMS").read_text().splitlines())
    assert set(stamp) == {path.name for path in ENCLOSURE.iterdir()} - {"SHA256SUMS"}
    for name, digest in stamp.items():
        assert hashlib.sha256((ENCLOSURE / name).read_bytes()).hexdigest() == digest, name
