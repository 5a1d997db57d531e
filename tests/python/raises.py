"""Fails while it is imported."""

table = {}
size = table["size"]
