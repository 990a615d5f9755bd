"""Draws the wiring picture, and checks what is rendered: small scripts behind `make -C hardware`."""
