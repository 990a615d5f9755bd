"""Speech models for Vosk: found, fetched, checked, unpacked and put in their place.

Neither the ear nor the courier imports any of this: only the owner's own command does, when asked to.
"""
