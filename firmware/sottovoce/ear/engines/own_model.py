"""Where the Vosk model is that comes with Sottovoce: small, English, the words of a house.

It is made from synthetic voices by `tools/make-model`; what it is good for stands in
`tools/model/README.md`.
"""

from pathlib import Path


def folder() -> Path:
    """Give the model's folder, as libvosk takes it."""
    return Path(__file__).parent / "home-en"
