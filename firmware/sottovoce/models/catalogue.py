"""The published models: which there are, how large, and by what digest they are known."""

from pathlib import Path
from typing import Annotated, Final

import msgspec

from sottovoce.errors import UsageError

_FILE: Final = Path(__file__).parent / "catalogue.toml"

Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Published(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A model that somebody publishes."""

    language: str
    """What it is asked for by, such as "fr"."""
    name: str
    """Its archive is <name>.zip."""
    spoken: str
    """The language's English name."""
    size: int
    """Bytes of the archive."""
    sha256: Digest | None = None
    """Digest of the archive, lower case; None when no source recorded one."""
    sources: tuple[str, ...]
    """Who recorded digest and size: keys of the catalogue's table of sources."""

    @property
    def archive(self) -> str:
        """The archive's file name."""
        return f"{self.name}.zip"


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All published models, and the place they are published at."""

    base: str
    """URL of the folder the archives are in, with a slash at its end."""
    sources: dict[str, str]
    model: tuple[Published, ...]

    def find(self, language: str) -> Published:
        """Give the model of a language. Raises UsageError."""
        for model in self.model:
            if language in {model.language, model.name}:
                return model
        known = ", ".join(model.language for model in self.model)
        raise UsageError(f"no model is known for {language!r}", f"known: {known}")


def load(file: Path = _FILE) -> Catalogue:
    """Read the catalogue that comes with the package."""
    return msgspec.toml.decode(file.read_bytes(), type=Catalogue)
