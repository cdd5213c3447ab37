"""Measurements: they inform, and no test depends on them."""
