"""Training: optimizers, learning-rate decays, and what keeps a training run going."""
