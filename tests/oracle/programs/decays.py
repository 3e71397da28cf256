"""Learning-rate decays over twelve steps."""
import numpy as np
from catalog import program

WHY = "powers and cosines differ in their last bits"


def followed(tf, make, dtype="int32"):
    """The rate at steps 0 to 11."""
    step = tf.placeholder(getattr(tf, dtype), [], name="step")
    rate = make(step)
    rate = rate() if callable(rate) else rate
    with tf.Session() as session:
        return {"rate": str(rate), "rates": np.array([session.run(rate, {step: number}) for number in range(12)])}


def decay(name, make):
    """Register a decay under a name, with its graph."""
    def run(tf):
        return followed(tf, lambda step: make(tf, step))
    run.__name__ = name
    program(run, graph=True, rtol=8e-6, atol=1e-6, why=WHY)


decay("exponential", lambda tf, step: tf.train.exponential_decay(0.1, step, 5, 0.5))
decay("exponential_staircase", lambda tf, step: tf.train.exponential_decay(0.1, step, 5, 0.5, staircase=True))
decay("exponential_named", lambda tf, step: tf.train.exponential_decay(0.1, step, 5, 0.5, name="rate"))
decay("natural_exp", lambda tf, step: tf.train.natural_exp_decay(0.1, step, 5, 0.5))
decay("natural_exp_staircase", lambda tf, step: tf.train.natural_exp_decay(0.1, step, 5, 0.5, staircase=True))
decay("inverse_time", lambda tf, step: tf.train.inverse_time_decay(0.1, step, 5, 0.5))
decay("inverse_time_staircase", lambda tf, step: tf.train.inverse_time_decay(0.1, step, 5, 0.5, staircase=True))
decay("piecewise", lambda tf, step: tf.train.piecewise_constant(step, [3, 7], [1.0, 0.5, 0.1]))
decay("polynomial", lambda tf, step: tf.train.polynomial_decay(0.1, step, 8, 0.01))
decay("polynomial_power", lambda tf, step: tf.train.polynomial_decay(0.1, step, 8, 0.01, power=0.5))
decay("polynomial_cycle", lambda tf, step: tf.train.polynomial_decay(0.1, step, 4, 0.01, power=2.0, cycle=True))
decay("cosine", lambda tf, step: tf.train.cosine_decay(0.1, step, 8))
decay("cosine_alpha", lambda tf, step: tf.train.cosine_decay(0.1, step, 8, alpha=0.2))
decay("cosine_restarts", lambda tf, step: tf.train.cosine_decay_restarts(0.1, step, 3))
decay("cosine_restarts_options", lambda tf, step: tf.train.cosine_decay_restarts(0.1, step, 3, t_mul=1.5, m_mul=0.8, alpha=0.1))
decay("cosine_restarts_constant", lambda tf, step: tf.train.cosine_decay_restarts(0.1, step, 4, t_mul=1.0))
decay("linear_cosine", lambda tf, step: tf.train.linear_cosine_decay(0.1, step, 8))
decay("linear_cosine_options", lambda tf, step: tf.train.linear_cosine_decay(0.1, step, 8, num_periods=2.0, alpha=0.1, beta=0.01))


@program(rtol=8e-6, atol=1e-6, why=WHY)
def noisy_linear_cosine(tf):
    tf.set_random_seed(3)
    return followed(tf, lambda step: tf.train.noisy_linear_cosine_decay(0.1, step, 8))


@program(graph=True, rtol=8e-6, atol=1e-6, why=WHY)
def of_tensors_and_other_dtypes(tf):
    step = tf.placeholder(tf.int64, [], name="step")
    rate = tf.train.exponential_decay(tf.constant(0.1, tf.float64), step, 5, 0.5)
    inner = tf.train.piecewise_constant(step, [tf.constant(3, tf.int64), tf.constant(7, tf.int64)], [1, 2, 3])
    with tf.Session() as session:
        return {"rates": [session.run([rate, inner], {step: number}) for number in (0, 3, 4, 8)], "forms": [str(rate), str(inner)]}


@program(rtol=8e-6, atol=1e-6, why=WHY)
def of_a_variable(tf):
    step = tf.Variable(0, trainable=False)
    rate = tf.train.exponential_decay(1.0, step, 2, 0.5, staircase=True)
    v = tf.Variable(10.0)
    train = tf.train.GradientDescentOptimizer(rate).minimize(v * 1.0, global_step=step)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        seen = []
        for _ in range(5):
            session.run(train)
            seen.append(session.run([v, rate, step]))
        return {"v": seen}
