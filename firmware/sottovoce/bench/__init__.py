"""Measurements: accuracy on recordings and the cost of the pipeline."""
