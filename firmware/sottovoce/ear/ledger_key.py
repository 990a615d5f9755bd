"""The key that signs the ledger: from systemd's credentials, or made at first use in the state folder.

What a signature proves depends on where the key lies. Whoever can read it can write the ledger anew.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from nacl.signing import SigningKey

from sottovoce.ear.chain import Head, public
from sottovoce.ear.disk import replace
from sottovoce.errors import StateError

NAME = "ledger.key"
"""Of the file, and of the systemd credential."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Where keys may lie."""

    state: Path
    """The state folder."""
    credentials: Path | None
    """systemd's folder of credentials, if it gave one."""

    @property
    def apart(self) -> bool:
        """Whether the key lies outside the state folder."""
        return self.credentials is not None and (self.credentials / NAME).exists()

    def find(self) -> SigningKey | None:
        """Give the key, if this process has one. Raises StateError when it is none."""
        folder = self.credentials if self.credentials and self.apart else self.state
        path = folder / NAME
        try:
            return SigningKey(bytes.fromhex(path.read_text(encoding="ascii").strip()))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateError(f"{path}: {error}", "see that the file is yours") from error
        except ValueError as error:
            raise StateError(f"{path}: no key", "it holds 64 hex digits; put your copy back") from error

    def to_sign(self, head: Head | None) -> SigningKey | None:
        """Give the key to go on with after `head`; made now if nothing was ever signed. Raises StateError.

        None when the key is with another process: the ear has it from systemd, the owner's command not.
        """
        key = self.find()
        signer = head.key if head else ""
        if key is None and not signer:
            key = SigningKey.generate()
            replace(self.state / NAME, bytes(key).hex().encode())
        if key and signer and not self.apart and public(key) != signer:
            return None
        return key


def find_keys(state: Path) -> Keys:
    """Tell where this process finds keys."""
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    return Keys(state, Path(given) if given else None)
