"""Small public data sets as plain NumPy arrays, and what prepares them for training."""
