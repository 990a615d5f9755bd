"""Makes the list of everyday words that the mask lets through: `tools/make-lexicon`."""
