"""compare: identical DRGs (同病组) across the pooling regions of a province, mix held constant."""
