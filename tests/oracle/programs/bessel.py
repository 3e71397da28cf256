"""Modified Bessel functions and their gradients."""
import numpy as np
from catalog import program, raises

VALUES = [-800, -20, -2.5, -1e-9, 0, 1e-9, .5, 7.9, 8.1, 60, np.inf, np.nan]
NAMES = ("bessel_i0e", "bessel_i1e", "bessel_i0", "bessel_i1")


def answers(tf, dtype, values=VALUES):
    found = {}
    for name in NAMES:
        x = tf.constant(np.array(values, dtype))
        y = getattr(tf.math, name)(x)
        found[name] = [y] + tf.gradients(y, x)
    with tf.Session() as session:
        return {"forms": {name: [str(each) for each in made] for name, made in found.items()}, "values": session.run(found)}


@program(graph=True, rtol=1e-11, atol=1e-12, why="rounding of large arguments")
def doubles(tf):
    return answers(tf, np.float64)


@program(rtol=2e-5, atol=2e-6, why="TF's series has short coefficients")
def floats(tf):
    return answers(tf, np.float32)


@program(rtol=4e-3, atol=2e-3, why="float16")
def halves(tf):
    return answers(tf, np.float16, [-3.0, 0.25, 2.0])


@program
def nothing(tf):
    with tf.Session() as session:
        return {name: session.run(getattr(tf.math, name)(np.zeros([0, 3]))) for name in NAMES}


@raises("Value passed to parameter 'x' has DataType int32 not in list of allowed values")
def integers(tf):
    tf.math.bessel_i0e([1])
