"""The process that hears. It has no network; start reading at `pipeline.py`."""
