"""Makes Sottovoce's own small Vosk model from synthetic speech: `tools/make-model`."""
