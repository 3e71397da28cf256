"""Every optimizer: the nodes it makes and 20 steps, on a dense and on a sparse problem."""
import numpy as np
from catalog import program

WHY = "twenty steps of roots and quotients accumulate their last bits"
START = np.array([[1.0, -2.0], [0.5, 3.0], [-1.5, 0.25]], np.float32)
CURVES = np.array([[1.0, 0.5], [2.0, 0.1], [0.3, 1.5]], np.float32)
KINDS = {
    "gradient_descent": lambda tf: tf.train.GradientDescentOptimizer(0.1),
    "momentum": lambda tf: tf.train.MomentumOptimizer(0.05, 0.9),
    "nesterov": lambda tf: tf.train.MomentumOptimizer(0.05, 0.9, use_nesterov=True),
    "adagrad": lambda tf: tf.train.AdagradOptimizer(0.5),
    "adagrad_da": lambda tf: tf.train.AdagradDAOptimizer(
        0.5, tf.train.get_or_create_global_step(), l1_regularization_strength=0.01, l2_regularization_strength=0.02),
    "adadelta": lambda tf: tf.train.AdadeltaOptimizer(1.0),
    "adam": lambda tf: tf.train.AdamOptimizer(0.1),
    "rmsprop": lambda tf: tf.train.RMSPropOptimizer(0.05),
    "rmsprop_momentum": lambda tf: tf.train.RMSPropOptimizer(0.05, decay=0.8, momentum=0.5),
    "rmsprop_centered": lambda tf: tf.train.RMSPropOptimizer(0.05, momentum=0.3, centered=True),
    "ftrl": lambda tf: tf.train.FtrlOptimizer(0.5),
    "ftrl_regularized": lambda tf: tf.train.FtrlOptimizer(0.5, l1_regularization_strength=0.01, l2_regularization_strength=0.02),
    "ftrl_shrinkage": lambda tf: tf.train.FtrlOptimizer(0.5, l2_shrinkage_regularization_strength=0.1),
    "proximal_gradient_descent": lambda tf: tf.train.ProximalGradientDescentOptimizer(
        0.1, l1_regularization_strength=0.01, l2_regularization_strength=0.02),
    "proximal_adagrad": lambda tf: tf.train.ProximalAdagradOptimizer(
        0.5, l1_regularization_strength=0.01, l2_regularization_strength=0.02),
}


def trained(tf, optimizer, loss, variable, steps):
    """Variable and slots after each step (the slots only at the end), names of everything made."""
    step = tf.train.get_or_create_global_step()
    train = optimizer.minimize(loss, global_step=step)
    names = optimizer.get_slot_names()
    slots = [optimizer.get_slot(variable, name) for name in names]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        seen = []
        for _ in range(steps):
            session.run(train)
            seen.append(session.run(variable))
        return {"train": [train.name, train.type], "slots": names, "slot_variables": [each.name for each in slots],
                "variables": [each.name for each in tf.global_variables()], "steps": np.array(seen),
                "final_slots": session.run(slots), "more": session.run(list(optimizer.variables()))}


def dense(kind):
    def run(tf):
        v = tf.Variable(START, name="v")
        loss = tf.reduce_sum(tf.square(v - 0.3) * CURVES)
        return trained(tf, KINDS[kind](tf), loss, v, 20)
    run.__name__ = kind + "_dense"
    return run


def sparse(kind):
    def run(tf):
        v = tf.Variable(START, name="v")
        rows = tf.nn.embedding_lookup(v, [0, 2, 0])
        loss = tf.reduce_sum(tf.square(rows - 0.3) * CURVES)
        return trained(tf, KINDS[kind](tf), loss, v, 20)
    run.__name__ = kind + "_sparse"
    return run


for kind in KINDS:
    program(dense(kind), graph=True, rtol=2e-5, atol=2e-6, why=WHY)
for kind in KINDS:
    program(sparse(kind), graph=kind in ("gradient_descent", "momentum", "adam", "adagrad"), rtol=2e-5, atol=2e-6, why=WHY)


@program(graph=True, rtol=2e-5, atol=2e-6, why=WHY)
def adam_of_two_variables(tf):
    v, w = tf.Variable([1.0, 2.0], name="v"), tf.Variable(3.0, name="w")
    loss = tf.reduce_sum(tf.square(v * w - 1.0))
    return trained(tf, tf.train.AdamOptimizer(0.1, name="Mine"), loss, v, 5)


@program(graph=True, rtol=2e-5, atol=2e-6, why=WHY)
def adam_of_a_resource_variable(tf):
    v = tf.Variable([1.0, 2.0], name="v", use_resource=True)
    return trained(tf, tf.train.AdamOptimizer(0.1), tf.reduce_sum(tf.square(v - 0.5)), v, 5)


@program(graph=True, rtol=2e-5, atol=2e-6, why=WHY)
def momentum_in_scopes(tf):
    with tf.variable_scope("model"):
        v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
    with tf.name_scope("training"):
        return trained(tf, tf.train.MomentumOptimizer(0.1, 0.9), tf.reduce_sum(tf.square(v)), v, 5)


@program(graph=True, rtol=2e-5, atol=2e-6, why=WHY)
def two_optimizers(tf):
    v, w = tf.Variable([1.0, 2.0], name="v"), tf.Variable(3.0, name="w")
    loss = tf.reduce_sum(tf.square(v) * w)
    first = tf.train.GradientDescentOptimizer(0.1).minimize(loss, var_list=[v])
    second = tf.train.GradientDescentOptimizer(0.1).minimize(loss, var_list=[w], name="second")
    third = tf.train.AdamOptimizer(0.1).minimize(loss)
    fourth = tf.train.AdamOptimizer(0.1).minimize(loss)
    return {"names": [first.name, second.name, third.name, fourth.name],
            "variables": [each.name for each in tf.global_variables()]}


@program(graph=True, rtol=2e-5, atol=2e-6, why=WHY)
def options_of_minimize(tf):
    v = tf.Variable([1.0, 2.0], name="v")
    rate = tf.placeholder_with_default(0.1, [])
    loss = tf.reduce_sum(tf.square(v))
    optimizer = tf.train.GradientDescentOptimizer(rate, use_locking=True, name="Descent")
    train = optimizer.minimize(loss, gate_gradients=tf.train.Optimizer.GATE_GRAPH, colocate_gradients_with_ops=True,
                               grad_loss=tf.constant(2.0))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(train)
        return {"v": session.run(v), "name": [train.name, optimizer.get_name()]}


@program(graph=True, rtol=2e-5, atol=2e-6, why=WHY)
def moving_average(tf):
    v, w = tf.Variable(1.0, name="v"), tf.Variable([2.0, 3.0], name="w")
    average = tf.train.ExponentialMovingAverage(0.9)
    keep = average.apply([v, w])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        seen = []
        for _ in range(3):
            session.run([v.assign_add(1.0), w.assign_add([1.0, -1.0])])
            session.run(keep)
            seen.append(session.run([average.average(v), average.average(w)]))
    return {"seen": seen, "names": [average.average_name(v), average.average(w).name, keep.name],
            "restore": sorted(average.variables_to_restore())}


@program(graph=True, rtol=2e-5, atol=2e-6, why=WHY)
def moving_average_with_steps_and_tensors(tf):
    step = tf.Variable(0, trainable=False, name="step")
    v = tf.Variable(1.0, name="v")
    t = tf.square(v, name="t")
    average = tf.train.ExponentialMovingAverage(0.99, step, zero_debias=False, name="Mine")
    keep = average.apply([v, t])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        seen = []
        for _ in range(3):
            session.run([v.assign_add(1.0), step.assign_add(1)])
            session.run(keep)
            seen.append(session.run([average.average(v), average.average(t)]))
    return {"seen": seen, "names": [average.average(v).name, average.average(t).name]}
