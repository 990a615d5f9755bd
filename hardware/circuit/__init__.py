"""Checks the privacy switch: proofs on its netlist, and a simulation made from that netlist."""
