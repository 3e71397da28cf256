"""Frames, windows and short-time Fourier transforms of signals."""
import numpy as np
from catalog import program, raises

X = np.random.RandomState(61).standard_normal((2, 11)).astype(np.float32)
SUMS = dict(rtol=2e-5, atol=2e-5, why="float32 sums in another order")


def answers(tf, made, feed=None):
    with tf.Session() as session:
        values = session.run(list(made), feed)
    return {"forms": [str(each) for each in made], "values": values}


@program
def frames(tf):
    f, x = tf.signal.frame, tf.constant(X)
    made = [f(x, 4, 2), f(x, 4, 3, pad_end=True), f(x, 3, 3, pad_end=True, pad_value=9, axis=0), f(np.arange(5), 7, 2),
            f(x[:, :, None], 2, 5, axis=1)]
    return answers(tf, made + tf.gradients(made[0] * made[0], x))


@program
def frames_of_unknown_shapes(tf):
    x = tf.placeholder(tf.float32, [None, None])
    return answers(tf, [tf.signal.frame(x, 4, 2), tf.signal.frame(x, 4, 3, pad_end=True)], {x: X})


@program(**SUMS)
def added(tf):
    o, x = tf.signal.overlap_and_add, tf.constant(X)
    made = [o(x, 4), o(x, 11), o(tf.stack([x, x]), 3), o(tf.placeholder_with_default(X, [None, None]), 6)]
    return answers(tf, made + tf.gradients(made[0] * made[0], x))


@program(graph=True, **SUMS)
def windows(tf):
    s, length = tf.signal, tf.placeholder_with_default(5, [])
    return answers(tf, [s.hann_window(6), s.hann_window(5), s.hann_window(6, periodic=False), s.hamming_window(6), s.hann_window(1),
                        s.hamming_window(4, dtype=tf.float64),
                        s.hann_window(length)])


@program(**SUMS)
def spectra(tf):
    s, x = tf.signal, tf.constant(X)
    y = s.stft(x, 4, 2)
    made = [y, s.stft(x, 5, 2, fft_length=8, window_fn=None, pad_end=True), s.stft(x, 3, 3, window_fn=s.hamming_window, name="named"),
            s.inverse_stft(y, 4, 2, window_fn=s.inverse_stft_window_fn(2)), s.inverse_stft(y, 3, 2),
            s.inverse_stft(y, 6, 3, fft_length=4, window_fn=None)]
    return answers(tf, made + tf.gradients(tf.abs(y), x))


@raises("frame_step must be an integer.")
def half_steps(tf):
    tf.signal.overlap_and_add(X, 2.0)


@raises("dtype must be a floating point type.")
def an_integer_window(tf):
    tf.signal.hann_window(4, dtype=tf.int32)


@program(graph=True, **SUMS)
def graphs(tf):
    y = tf.signal.stft(tf.constant(X), 4, 2, pad_end=True)
    return answers(tf, [tf.signal.inverse_stft(y, 4, 2)])


@program(graph=True, rtol=1e-4, atol=2e-5, why="differences of logarithms in float32")
def mel(tf):
    m = tf.signal.linear_to_mel_weight_matrix
    made = [m(4, 9), m(3, 17, tf.constant(16000), 80.0, 7600.0, name="named"), tf.signal.mfccs_from_log_mel_spectrograms(X)]
    return answers(tf, made)


@raises("upper_edge_hertz must not be larger than the Nyquist frequency (sample_rate / 2). Got: 3800.0 for sample_rate: 4000")
def too_high(tf):
    tf.signal.linear_to_mel_weight_matrix(sample_rate=4000)


@raises("lower_edge_hertz 3900.0 >= upper_edge_hertz 3800.0")
def upside_down(tf):
    tf.signal.linear_to_mel_weight_matrix(lower_edge_hertz=3900.0)
