"""Helpers of the TF 1.x tutorials."""
