"""One adapter a file: wake word, speech-to-text and text-to-speech engines."""
