"""Simulated hotels: believable events for samples, benchmarks and demonstrations."""
