"""Compiled kernels: what a fused group of plan nodes becomes."""
