"""The rules of update_rules.py that TF evaluates in another order when they move single rows.

The results differ in the last bits only; those count where a program is compared with a run of TF.
"""

import numpy as np


def momentum(var, accum, lr, grad, momentum, *, use_nesterov=False):
    """``accum = accum * momentum + grad``; ``var -= lr * accum``, with Nesterov ``lr * (grad + momentum * accum)``."""
    accum = accum * momentum
    accum += grad
    return var - (grad * lr + accum * (momentum * lr) if use_nesterov else accum * lr), accum


def adagrad_da(var, gradient_accumulator, gradient_squared_accumulator, grad, lr, l1, l2, global_step):
    """The closed form of all steps so far, from the sums of the gradients and of their squares."""
    total = gradient_accumulator + grad
    squares = gradient_squared_accumulator + grad * grad
    step = global_step.astype(total.dtype)
    mean = total / step
    if l1 > 0:
        mean = np.sign(total) * np.maximum(np.abs(mean) - l1, l1 * 0)
    return -mean / (np.sqrt(squares) / (step * lr) + l2), total, squares


def rms_prop(var, ms, mom, lr, rho, momentum, epsilon, grad):
    """``mom = momentum * mom + lr * grad / √(mean square + epsilon)``; ``var -= mom``."""
    square = ms * rho
    square += grad * grad * (1 - rho)
    step = _scaled(grad, square + epsilon, lr)
    step += mom * momentum
    return var - step, square, step


def centered_rms_prop(var, mg, ms, mom, lr, rho, momentum, epsilon, grad):
    """`rms_prop` with the variance of the gradient in place of its mean square."""
    square = ms * rho
    square += grad * grad * (1 - rho)
    mean = mg * rho
    mean += grad * (1 - rho)
    step = _scaled(grad, (square + epsilon) - mean * mean, lr)
    step += mom * momentum
    return var - step, mean, square, step


def _scaled(grad, square, lr):
    step = 1 / np.sqrt(square)
    step *= lr
    step *= grad
    return step
