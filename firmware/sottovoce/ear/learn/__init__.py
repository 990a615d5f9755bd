"""Teaching a wake word with a handful of spoken examples, on the device alone."""
