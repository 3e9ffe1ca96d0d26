"""Files to frames: one reader per file format of orbital elements, and what they have in common."""
