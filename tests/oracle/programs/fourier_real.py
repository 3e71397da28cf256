"""Fourier and cosine transforms of real tensors, their gradients, and shifts."""
import numpy as np
from catalog import program, raises

RANDOM = np.random.RandomState(51)
X = RANDOM.standard_normal((2, 4, 5)).astype(np.float32)
Z = (RANDOM.standard_normal((2, 4, 3)) + 1j * RANDOM.standard_normal((2, 4, 3))).astype(np.complex64)
SUMS = dict(rtol=2e-5, atol=2e-5, why="float32 sums in another order")


def answers(tf, made, feed=None):
    with tf.Session() as session:
        values = session.run(list(made), feed)
    return {"forms": [str(each) for each in made], "values": values}


@program(graph=True, **SUMS)
def real(tf):
    x = tf.constant(X)
    s = tf.signal
    return answers(tf, [s.rfft(x), s.rfft(x, [4]), s.rfft(x, [7]), s.rfft2d(x), s.rfft2d(x, [3, 6]), s.rfft3d(x),
                        s.rfft3d(x, [1, 5, 5], name="named"),
                        s.rfft(np.zeros([0, 4], np.float32)), tf.spectral.rfft(X[0, 0])])


@program(graph=True, **SUMS)
def inverse(tf):
    z = tf.constant(Z)
    s = tf.signal
    return answers(tf, [s.irfft(z), s.irfft(z, [5]), s.irfft(z, [8]), s.irfft(z, [2]), s.irfft2d(z), s.irfft2d(z, [5, 5]), s.irfft3d(z),
                        s.irfft3d(z, [2, 4, 5])])


@program(**SUMS)
def unknown_shapes(tf):
    x, z = tf.placeholder(tf.float32, [None, 4, None]), tf.placeholder(tf.complex64, [None, None, None])
    length = tf.placeholder(tf.int32, [1])
    made = [tf.signal.rfft(x), tf.signal.rfft(x, length), tf.signal.irfft(z), tf.signal.rfft2d(x), tf.signal.irfft2d(z, [4, 6])]
    return answers(tf, made, {x: X, z: Z, length: [6]})


@program(**SUMS)
def gradients(tf):
    x, z = tf.constant(X), tf.constant(Z)
    made = []
    for y in (tf.signal.rfft(x), tf.signal.rfft(x[..., :4]), tf.signal.rfft2d(x)):
        made += tf.gradients(tf.abs(y), x)
    for y in (tf.signal.irfft(z), tf.signal.irfft(z, [5]), tf.signal.irfft2d(z)):
        made += tf.gradients(y * y, z)
    return answers(tf, made)


@program(graph=True, **SUMS)
def cosines(tf):
    x = tf.constant(X)
    s = tf.signal
    made = [s.dct(x), s.dct(x, 1), s.dct(x, 3), s.dct(x, norm="ortho"), s.dct(x, 3, norm="ortho"), s.idct(x), s.idct(x, norm="ortho"),
            s.idct(x, 1),
            s.dct(x[0], n=3), s.dct(x[0], n=8), tf.spectral.dct(tf.constant(X[0, 0]), name="named")]
    return answers(tf, made + tf.gradients(made[3] * made[3], x))


@program(graph=True)
def shifts(tf):
    x = tf.constant(X)
    return answers(tf, [tf.signal.fftshift(x), tf.signal.ifftshift(x), tf.signal.fftshift(x, axes=1), tf.signal.fftshift(x, axes=[0, 2])])


@raises("Shape (5,) must have rank at least 2")
def a_vector(tf):
    tf.signal.rfft2d(np.ones([5], np.float32))


@raises("Normalization is not supported for the Type-I DCT.")
def an_orthogonal_first(tf):
    tf.signal.dct(tf.constant(X), 1, norm="ortho")


@raises("Only Types I, II and III (I)DCT are supported.")
def a_fourth(tf):
    tf.signal.dct(tf.constant(X), 4)


@raises("axis must be -1. Got: 0")
def other_axes(tf):
    tf.signal.dct(tf.constant(X), axis=0)
