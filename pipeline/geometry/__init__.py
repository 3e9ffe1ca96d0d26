"""Constants, elements, lattice, propagation, frames, grid and visibility. Pure: opens nothing, knows no clock."""
