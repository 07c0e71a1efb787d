"""Mutations that are not explained as they should be, by what their records lack. What is mended has to leave the list."""

GAPS: dict[str, list[str]] = {}

KNOWN = {name: gap for gap, names in GAPS.items() for name in names}
