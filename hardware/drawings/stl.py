"""Whether a binary STL file is closed: every edge shared by exactly two facets, once in each direction.

usage: python3 -m drawings.stl FILE...        says nothing and ends with 0 when all are closed
"""

import struct
import sys
from collections import Counter
from pathlib import Path
from typing import Final

HEAD: Final = 84
"""Bytes before the first facet: 80 of header, 4 of count."""
FACET: Final = struct.Struct("<12x 12s 12s 12s 2x")
"""A normal, three corners (kept as bytes: equal bytes are one corner), two spare bytes."""


def open_edges(stl: bytes) -> int:
    """How many edges of the solid are not matched by one edge of a neighbour. Raises ValueError."""
    (facets,) = struct.unpack_from("<I", stl, 80)
    if not facets or len(stl) != HEAD + facets * FACET.size:
        raise ValueError(f"no binary STL of {facets} facets: {len(stl)} bytes")
    edges: Counter[tuple[bytes, bytes]] = Counter()
    for a, b, c in FACET.iter_unpack(stl[HEAD:]):
        if len({a, b, c}) == 3:  # noqa: PLR2004  a triangle; a flattened one has no area and no edge to match
            edges.update(((a, b), (b, c), (c, a)))
    return sum(count != 1 or edges[end, begin] != 1 for (begin, end), count in edges.items())


def main(names: list[str]) -> int:
    """Tell of each file that is not closed."""
    bad = {name: left for name in names if (left := open_edges(Path(name).read_bytes()))}
    for name, left in bad.items():
        sys.stderr.write(f"{name}: not closed, {left} edges without their one neighbour\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
