"""Skytrunk: how far low-Earth-orbit networks can serve as the backbone of AI, measured every day."""

__version__ = "0.7.0"
