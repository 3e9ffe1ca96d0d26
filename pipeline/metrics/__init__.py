"""Sky and demand to frames: one file per metric, each with TABLE (or TABLES) and compute(...)."""
