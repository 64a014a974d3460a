"""Load: benchmarks, storms and (with the surge lab) the load model. Run from a checkout; never installed."""
