"""The demo: the real pair of processes, a real broker, spoken sentences, and a story to watch."""
