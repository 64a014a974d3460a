"""Benchmarks: each module is run by itself (`python -m loadtests.bench.<name>`) or all by `make bench`. Figures are medians with their range."""
