"""Rows to digest, and digest to text, HTML and pictures."""
