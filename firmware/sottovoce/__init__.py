"""Sottovoce: a voice assistant that hears, understands and acts on the Pi itself."""

__version__ = "0.1.0"
