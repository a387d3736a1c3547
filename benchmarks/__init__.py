"""Benchmarks: `python -m benchmarks` measures the system beside limits in the same run.

`rows/` measures, one module per subject; `reference/` holds the applications that the system is
compared with. `stack` starts the processes that a measurement needs.
"""
