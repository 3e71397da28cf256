"""One step of each optimizer, on arrays: TF's formulas, evaluated in TF's order of operations.

A rule takes what the variable and its slots hold, then the op's other inputs, and gives their new contents as a
tuple.  It never writes into what it was given; augmented assignments only touch arrays the rule made itself.
Every rule works element by element, so that it serves whole variables and single rows alike.

``rule.loop(**options)`` is the same for a compiled loop: numbers computed once, then what becomes of an element.
"""

import numpy as np


def gradient_descent(var, alpha, delta):
    """``var -= alpha * delta``."""
    return (var - delta * alpha,)


gradient_descent.loop = lambda: ({"alpha": "alpha"}, [("var", "var - delta * alpha")])


def momentum(var, accum, lr, grad, momentum, *, use_nesterov=False):
    """``accum = accum * momentum + grad``; ``var -= lr * accum``, with Nesterov ``lr * (grad + momentum * accum)``."""
    accum = accum * momentum
    accum += grad
    if not use_nesterov:
        return var - accum * lr, accum
    step = accum * momentum
    step *= lr
    step += grad * lr
    return var - step, accum


def _momentum_loop(use_nesterov):
    step = "accum * momentum * lr + grad * lr" if use_nesterov else "accum * lr"
    return {"lr": "lr", "momentum": "momentum"}, [("accum", "accum * momentum + grad"), ("var", f"var - ({step})")]


momentum.loop = _momentum_loop


def adagrad(var, accum, lr, grad, *, update_slots=True):
    """``accum += grad²``; ``var -= lr * grad / √accum``."""
    if update_slots:
        accum = accum + grad * grad
    step = grad * lr
    step *= 1 / np.sqrt(accum)  # TF multiplies by rsqrt, here and below
    return var - step, accum


def _adagrad_loop(update_slots):
    moved = [("accum", "accum + grad * grad")] if update_slots else [("accum", "accum")]
    return {"lr": "lr"}, [*moved, ("var", "var - grad * lr * (1 / sqrt(accum))")]


adagrad.loop = _adagrad_loop


def adagrad_da(var, gradient_accumulator, gradient_squared_accumulator, grad, lr, l1, l2, global_step):
    """The closed form of all steps so far, from the sums of the gradients and of their squares."""
    total = gradient_accumulator + grad
    squares = gradient_squared_accumulator + grad * grad
    step = global_step.astype(total.dtype)
    if l1 > 0:
        top = np.sign(total) * np.maximum(np.abs(total) - l1 * step, l1 * 0)
    else:
        top = total
    bottom = np.sqrt(squares)
    bottom += l2 * (step * lr)
    return (lr * -top) / bottom, total, squares


def adadelta(var, accum, accum_update, lr, rho, epsilon, grad):
    """``grad`` scaled by the ratio of the running sizes of updates and gradients."""
    accum = accum * rho
    accum += grad * grad * (1 - rho)
    step = np.sqrt(accum_update + epsilon)
    step *= 1 / np.sqrt(accum + epsilon)
    step *= grad
    accum_update = accum_update * rho
    accum_update += step * step * (1 - rho)
    return var - step * lr, accum, accum_update


def adam(var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad, *, use_nesterov=False):
    """``var -= lr * √(1 - beta2^t) / (1 - beta1^t) * m / (√v + epsilon)`` with ``m``, ``v`` the running moments."""
    alpha = lr * np.sqrt(1 - beta2_power) / (1 - beta1_power)
    mean = grad - m
    mean *= 1 - beta1
    mean += m
    square = grad * grad
    square -= v
    square *= 1 - beta2
    square += v
    step = (grad * (1 - beta1) + mean * beta1) * alpha if use_nesterov else mean * alpha
    root = np.sqrt(square)
    root += epsilon
    step /= root
    return var - step, mean, square


def _adam_loop(use_nesterov):
    step = "(grad * rate1 + m * beta1) * alpha" if use_nesterov else "m * alpha"
    numbers = {"alpha": "lr * sqrt(1 - beta2_power) / (1 - beta1_power)", "rate1": "1 - beta1", "rate2": "1 - beta2",
               "beta1": "beta1", "epsilon": "epsilon"}
    return numbers, [("m", "(grad - m) * rate1 + m"), ("v", "(grad * grad - v) * rate2 + v"),
                     ("var", f"var - {step} / (sqrt(v) + epsilon)")]


adam.loop = _adam_loop


def adamax(var, m, v, beta1_power, lr, beta1, beta2, epsilon, grad):
    """`adam` with the largest gradient so far in place of the second moment."""
    mean = m + (grad - m) * (1 - beta1)
    largest = np.maximum(beta2 * v, np.abs(grad))
    return var - lr / (1 - beta1_power) * (mean / (largest + epsilon)), mean, largest


def rms_prop(var, ms, mom, lr, rho, momentum, epsilon, grad):
    """``mom = momentum * mom + lr * grad / √(mean square + epsilon)``; ``var -= mom``."""
    square = grad * grad
    square -= ms
    square *= 1 - rho
    square += ms
    step = grad * lr
    step /= np.sqrt(square + epsilon)
    step += mom * momentum
    return var - step, square, step


rms_prop.loop = lambda: (
    {"lr": "lr", "rate": "1 - rho", "momentum": "momentum", "epsilon": "epsilon"},
    [("ms", "(grad * grad - ms) * rate + ms"), ("mom", "grad * lr / sqrt(ms + epsilon) + mom * momentum"), ("var", "var - mom")])


def centered_rms_prop(var, mg, ms, mom, lr, rho, momentum, epsilon, grad):
    """`rms_prop` with the variance of the gradient in place of its mean square."""
    square = grad * grad
    square -= ms
    square *= 1 - rho
    square += ms
    mean = grad - mg
    mean *= 1 - rho
    mean += mg
    step = grad * lr
    step /= np.sqrt((square - mean * mean) + epsilon)
    step += mom * momentum
    return var - step, mean, square, step


def ftrl(var, accum, linear, grad, lr, l1, l2, lr_power):
    """Follow the regularised leader."""
    return _ftrl(var, accum, linear, grad, grad, lr, l1, l2, lr_power)


def ftrl_v2(var, accum, linear, grad, lr, l1, l2, l2_shrinkage, lr_power):
    """`ftrl` with an L2 penalty on the size of the variable too."""
    return _ftrl(var, accum, linear, grad, grad + 2 * l2_shrinkage * var, lr, l1, l2, lr_power)


def _ftrl(var, accum, linear, grad, shrunk, lr, l1, l2, lr_power):
    squares = accum + grad * grad
    if lr_power == -0.5:
        old, new = np.sqrt(accum), np.sqrt(squares)
    else:
        old, new = np.power(accum, -lr_power), np.power(squares, -lr_power)
    linear = linear + (shrunk - (new - old) / lr * var)
    quadratic = new / lr
    quadratic += 2 * l2
    shrink = l1 * np.sign(linear)
    shrink -= linear
    shrink /= quadratic
    return np.where(np.abs(linear) > l1, shrink, shrink * 0), squares, linear


def proximal_gradient_descent(var, alpha, l1, l2, delta):
    """A step of gradient descent, then shrinkage towards zero."""
    return (_shrunk(var - delta * alpha, alpha, l1, l2),)


def proximal_adagrad(var, accum, lr, l1, l2, grad):
    """A step of `adagrad`, then shrinkage towards zero."""
    accum = accum + grad * grad
    rate = 1 / np.sqrt(accum)
    rate *= lr
    return _shrunk(var - grad * rate, rate, l1, l2), accum


def _shrunk(moved, rate, l1, l2):
    if l1 > 0:
        return np.sign(moved) * np.maximum(np.abs(moved) - rate * l1, l1 * 0) / (1 + rate * l2)
    return moved / (1 + rate * l2)
