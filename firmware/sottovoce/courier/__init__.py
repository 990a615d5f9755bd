"""The process that has the network. It cannot hear."""
