"""Picovoice's package from version 2 on, as to its interface: a key is asked for, and may be refused.

What it hears with is the keyless engine, so that what stands on it can be tested on sound.
"""

import pvporcupine

KEYWORD_PATHS = pvporcupine.KEYWORD_PATHS
GOOD_KEY = "c2VjcmV0+key=="


class PorcupineActivationRefusedError(Exception):
    """As the package's: no builtin above it but Exception, and a text of several lines."""


class _Engine:
    def __init__(self, engine):
        self._engine = engine
        self._process_func = engine.process_func
        self._handle = engine._handle

    def delete(self):
        self._engine.delete()


def create(access_key, library_path=None, model_path=None, device=None, keyword_paths=None,
           keywords=None, sensitivities=None):  # fmt: skip
    """Make an engine, if the key is good."""
    if access_key != GOOD_KEY:
        raise PorcupineActivationRefusedError(f"Initialization failed:\n  [0] refused: {access_key}")
    return _Engine(pvporcupine.create(keywords=keywords, sensitivities=sensitivities))
