"""Real devices and the simulated ones that obey the same laws."""
