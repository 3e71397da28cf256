"""What the recorded programs do not cover: errors, slots, subclasses, and the update ops by themselves."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.core.errors import FailedPreconditionError, InvalidArgumentError
from graphcore.ops import training, training_sparse
from graphcore.ops.clipping import clip_by_value
from graphcore.ops.variable_groups import global_variables_initializer
from graphcore.train.moving_averages import assign_moving_average

OPTIMIZERS = {
    "GradientDescent": lambda: tf.train.GradientDescentOptimizer(0.1),
    "Momentum": lambda: tf.train.MomentumOptimizer(0.1, 0.9),
    "Adagrad": lambda: tf.train.AdagradOptimizer(0.1),
    "AdagradDA": lambda: tf.train.AdagradDAOptimizer(0.1, tf.train.get_or_create_global_step()),
    "Adadelta": lambda: tf.train.AdadeltaOptimizer(1.0),
    "Adam": lambda: tf.train.AdamOptimizer(0.1),
    "RMSProp": lambda: tf.train.RMSPropOptimizer(0.1, centered=True),
    "Ftrl": lambda: tf.train.FtrlOptimizer(0.1),
    "ProximalGradientDescent": lambda: tf.train.ProximalGradientDescentOptimizer(0.1),
    "ProximalAdagrad": lambda: tf.train.ProximalAdagradOptimizer(0.1),
}


def stepped(train, fetches, steps=1):
    """The values of ``fetches`` after some steps from freshly initialised variables."""
    with tf.Session() as session:
        session.run(global_variables_initializer())
        for _ in range(steps):
            session.run(train)
        return session.run(fetches)


# ---------------------------------------------------------------- errors


def test_a_loss_that_depends_on_no_variable():
    v = tf.Variable(1.0, name="v")
    with pytest.raises(ValueError, match="No gradients provided for any variable, check your graph for ops that do not support "
                                         r"gradients, between variables \[.*'v:0' shape=\(\).*\] and loss Tensor\(\"Const"):
        tf.train.GradientDescentOptimizer(0.1).minimize(tf.constant(1.0), var_list=[v])


def test_no_variables():
    with pytest.raises(ValueError, match=r"No variables to optimize\."):
        tf.train.GradientDescentOptimizer(0.1).minimize(tf.constant(1.0))


def test_a_loss_of_integers():
    tf.Variable(1.0)
    with pytest.raises(ValueError, match="Invalid type tf.int32 for loss:0, expected: "):
        tf.train.GradientDescentOptimizer(0.1).minimize(tf.constant(1, name="loss"))


def test_an_unknown_gate():
    v = tf.Variable(1.0)
    with pytest.raises(ValueError, match="gate_gradients must be one of: Optimizer.GATE_NONE"):
        tf.train.GradientDescentOptimizer(0.1).compute_gradients(v * 2.0, gate_gradients=7)


@pytest.mark.parametrize("pairs, error, phrase", [
    (lambda v: [], ValueError, "No variables provided."),
    (lambda v: [(None, v)], ValueError, "No gradients provided for any variable: "),
    (lambda v: [(object(), v)], TypeError, "Gradient must be convertible to a Tensor or IndexedSlices, or None: "),
    (lambda v: [(1.0, "v")], NotImplementedError, "Trying to optimize unsupported type "),
    (lambda v: [(1.0, v.value())], NotImplementedError, "Trying to update a Tensor "),
    (lambda v: [([1.0, 2.0], v)], ValueError, "Shapes must be equal rank, but are 0 and 1 for"),
])
def test_gradients_that_cannot_be_applied(pairs, error, phrase):
    v = tf.Variable(1.0, name="v")
    with pytest.raises(error, match=phrase.replace("(", r"\(")):
        tf.train.GradientDescentOptimizer(0.1).apply_gradients(pairs(v))


def test_constraints_do_not_go_with_gradients_of_rows():
    v = tf.Variable([1.0, 2.0], constraint=lambda x: x)
    rows = tf.IndexedSlices(tf.constant([1.0]), tf.constant([0]))
    with pytest.raises(RuntimeError, match="Cannot use a constraint function on a sparse variable."):
        tf.train.GradientDescentOptimizer(0.1).apply_gradients([(rows, v)])


@pytest.mark.parametrize("make, phrase", [
    (lambda: tf.train.GradientDescentOptimizer(0.1, name=""), "Must specify the optimizer name"),
    (lambda: tf.train.AdagradOptimizer(0.1, initial_accumulator_value=0.0), "initial_accumulator_value must be positive: 0.0"),
    (lambda: tf.train.ProximalAdagradOptimizer(0.1, -1.0), "initial_accumulator_value must be positive: -1.0"),
    (lambda: tf.train.FtrlOptimizer(0.1, learning_rate_power=1.0), "learning_rate_power 1.000000 needs to be negative or zero"),
    (lambda: tf.train.FtrlOptimizer(0.1, l1_regularization_strength=-1.0),
     "l1_regularization_strength -1.000000 needs to be positive or zero"),
])
def test_settings_out_of_range(make, phrase):
    with pytest.raises(ValueError, match=phrase):
        make()


def test_slots_have_to_be_initialised_too():
    v = tf.Variable(1.0, name="v")
    train = tf.train.MomentumOptimizer(0.1, 0.9).minimize(tf.square(v))
    with tf.Session() as session:
        session.run(v.initializer)
        with pytest.raises(FailedPreconditionError, match="Attempting to use uninitialized value v/Momentum"):
            session.run(train)


# ---------------------------------------------------------------- every optimizer


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("use_resource", [False, True])
def test_the_loss_falls(name, use_resource):
    v = tf.Variable([1.0, -2.0], name="v", use_resource=use_resource)
    loss = tf.reduce_sum(tf.square(v - 0.5))
    train = OPTIMIZERS[name]().minimize(loss, global_step=tf.train.get_or_create_global_step())
    assert stepped(train, loss, 5) < stepped(train, loss, 0)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_scalar_stays_an_array(name):
    v = tf.Variable(2.0)
    train = OPTIMIZERS[name]().minimize(tf.square(v))
    value = stepped(train, v, 2)
    assert value.shape == () and value.dtype == np.float32


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_was_fetched_does_not_change_later(name):
    v = tf.Variable([1.0, 2.0])
    train = OPTIMIZERS[name]().minimize(tf.reduce_sum(tf.square(v)))
    with tf.Session() as session:
        session.run(global_variables_initializer())
        fetched = session.run(v)
        session.run(train)
        np.testing.assert_array_equal(fetched, [1.0, 2.0])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_other_floats(dtype):
    dtype = getattr(tf, dtype)
    v = tf.Variable(tf.constant([1.0, -2.0], dtype=dtype))
    train = tf.train.MomentumOptimizer(0.5, 0.5).apply_gradients([(tf.constant([3.0, -4.0], dtype=dtype), v)])
    value = stepped(train, v, 2)
    assert value.dtype == dtype.as_numpy_dtype
    np.testing.assert_array_equal(value.astype("f8"), [-2.75, 3.0])


# ---------------------------------------------------------------- slots and subclasses


def test_slots_of_adam():
    v, w = tf.Variable([1.0, 2.0], name="v"), tf.Variable(3.0, name="w")
    optimizer = tf.train.AdamOptimizer(0.1)
    assert optimizer.get_slot(v, "m") is None and optimizer.get_slot_names() == []
    optimizer.minimize(tf.reduce_sum(v) * w)
    assert optimizer.get_slot_names() == ["m", "v"]
    assert [optimizer.get_slot(v, name).name for name in ("m", "v")] == ["v/Adam:0", "v/Adam_1:0"]
    assert optimizer.get_slot(v, "nothing") is None
    assert [each.name for each in optimizer.variables()] == [
        "beta1_power:0", "beta2_power:0", "v/Adam:0", "v/Adam_1:0", "w/Adam:0", "w/Adam_1:0"]
    assert optimizer.get_slot(v, "m") not in tf.get_collection("trainable_variables")


def test_a_second_step_of_one_optimizer_shares_its_slots():
    v = tf.Variable(1.0, name="v")
    optimizer = tf.train.MomentumOptimizer(0.1, 0.9)
    first, second = optimizer.minimize(tf.square(v)), optimizer.minimize(tf.abs(v))
    assert [first.name, second.name] == ["Momentum", "Momentum_1"]
    assert [each.name for each in optimizer.variables()] == ["v/Momentum:0"]
    assert tf.get_collection("train_op") == [first, second]


class Signs(tf.train.Optimizer):
    """Moves every element by the learning rate against the sign of its gradient, and counts the steps of each variable."""

    def __init__(self, rate, use_locking=False, name="Signs"):
        super().__init__(use_locking, name)
        self._rate = rate

    def _prepare(self):
        self._rate_tensor = tf.convert_to_tensor(self._call_if_callable(self._rate), name="rate")

    def _create_slots(self, var_list):
        for var in var_list:
            self._zeros_slot(var, "steps", self._name)

    def _apply_dense(self, grad, var):
        steps = self.get_slot(var, "steps")
        return tf.group(var.assign_sub(self._rate_tensor * tf.sign(grad)), steps.assign_add(tf.ones_like(steps.value())))


def test_an_optimizer_of_the_users_own():
    v = tf.Variable([1.0, -1.0], name="v")
    optimizer = Signs(0.25)
    train = optimizer.minimize(tf.reduce_sum(tf.square(v)))
    assert train.name == optimizer.get_name() == "Signs"
    value, steps = stepped(train, [v, optimizer.get_slot(v, "steps")], 2)
    np.testing.assert_array_equal(value, [0.5, -0.5])
    np.testing.assert_array_equal(steps, [2.0, 2.0])


def test_what_an_optimizer_of_the_users_own_does_not_define():
    v = tf.Variable([1.0, -1.0], name="v")
    rows = tf.IndexedSlices(tf.constant([1.0]), tf.constant([0]))
    with pytest.raises(NotImplementedError, match=r"Signs .*_apply_sparse\(grad, var\)"):
        Signs(0.1).apply_gradients([(rows, v)])


def test_a_subclass_that_changes_the_gradient():
    class Clipped(tf.train.GradientDescentOptimizer):
        def _apply_dense(self, grad, var):
            return super()._apply_dense(clip_by_value(grad, -1.0, 1.0), var)

    v = tf.Variable([10.0, -0.25])
    train = Clipped(0.5).minimize(tf.reduce_sum(tf.square(v)))
    np.testing.assert_array_equal(stepped(train, v), [9.5, 0.0])


def test_a_constraint_holds_after_every_step():
    v = tf.Variable([1.0, -2.0], constraint=lambda x: clip_by_value(x, -1.0, 1.0))
    train = tf.train.GradientDescentOptimizer(0.1).apply_gradients([([-5.0, 5.0], v)])
    np.testing.assert_array_equal(stepped(train, v, 2), [1.0, -1.0])


# ---------------------------------------------------------------- gradients of rows


def test_repeated_rows_are_summed_first():
    v = tf.Variable([[1.0], [1.0]])
    rows = tf.IndexedSlices(tf.constant([[3.0], [1.0]]), tf.constant([1, 1]), tf.constant([2, 1]))
    optimizer = tf.train.AdagradOptimizer(1.0, initial_accumulator_value=9.0)
    train = optimizer.apply_gradients([(rows, v)])
    value, accumulator = stepped(train, [v, optimizer.get_slot(v, "accumulator")])
    np.testing.assert_allclose(accumulator, [[9.0], [25.0]])
    np.testing.assert_allclose(value, [[1.0], [0.2]], rtol=1e-6)


def sparse_momentum(grad, indices):
    var, accum = tf.Variable([[1.0], [1.0], [1.0]]), tf.Variable([[0.0], [0.0], [0.0]])
    moved = training_sparse.SparseApplyMomentum.build(
        var, accum, 1.0, tf.placeholder_with_default(tf.constant(grad), None), tf.constant(indices), 0.5)
    return stepped(moved, [var, accum])


def test_the_op_moves_a_repeated_row_once_for_each_time():
    value, accum = sparse_momentum([[1.0], [1.0], [4.0]], [0, 0, 2])
    np.testing.assert_array_equal(accum, [[1.5], [0.0], [4.0]])
    np.testing.assert_array_equal(value, [[-1.5], [1.0], [-3.0]])


@pytest.mark.parametrize("grad, indices, phrase", [
    ([[1.0], [1.0]], [0, 3], "Index 3 at offset 1 in indices is out of range"),
    ([[1.0], [1.0]], [-1, 0], "Index -1 at offset 0 in indices is out of range"),
    ([[1.0]], [0, 1], "grad must be the same size as indices in the first dimension"),
    ([[1.0, 2.0]], [0], "var and grad must match in dimension 1"),
])
def test_rows_that_do_not_fit(grad, indices, phrase):
    with pytest.raises(InvalidArgumentError, match=phrase):
        sparse_momentum(grad, indices)


# ---------------------------------------------------------------- the update ops


def test_a_gradient_of_another_shape_is_found_when_it_runs():
    v = tf.Variable([1.0, 2.0])
    step = training.ApplyGradientDescent.build(v, 0.1, tf.placeholder_with_default(tf.constant([1.0, 2.0, 3.0]), None))
    with pytest.raises(InvalidArgumentError, match=r"var and delta do not have the same shape\[2\] \[3\]"):
        stepped(step, v)


def test_a_rate_that_is_no_scalar():
    v = tf.Variable([1.0, 2.0])
    with pytest.raises(ValueError, match=r"Shape must be rank 0 but is rank 1 for .* input shapes: \[2\], \[1\], \[2\]"):
        training.ApplyGradientDescent.build(v, [0.1], [1.0, 2.0])


def test_adagrad_can_leave_its_slot_alone():
    v, accum = tf.Variable([1.0]), tf.Variable([4.0])
    step = training.ApplyAdagrad.build(v, accum, 1.0, [1.0], update_slots=False)
    np.testing.assert_allclose(stepped(step, [v, accum]), [[0.5], [4.0]])


def test_the_output_is_the_variable():
    v = tf.Variable([1.0, 2.0])
    moved = training.ApplyGradientDescent.build(v, 1.0, [1.0, 1.0])
    np.testing.assert_array_equal(stepped([], moved * 10.0), [0.0, 10.0])


# ---------------------------------------------------------------- averages and the global step


def test_averages_of_integers():
    with pytest.raises(TypeError, match="The variables must be half, float, or double: v:0"):
        tf.train.ExponentialMovingAverage(0.9).apply([tf.Variable(1, name="v")])


def test_the_name_of_an_average_before_it_is_made():
    v = tf.Variable(1.0, name="v")
    average = tf.train.ExponentialMovingAverage(0.9, name="Mean")
    assert average.average(v) is None and average.average_name(v) == "v/Mean"


def test_zero_debias():
    v = tf.Variable(0.0)
    moved = assign_moving_average(v, 6.0, 0.5)
    np.testing.assert_allclose([stepped(moved, v, steps) for steps in (1, 2, 3)], [6.0, 6.0, 6.0], rtol=1e-6)


def test_the_global_step():
    assert tf.train.get_global_step() is None
    step = tf.train.create_global_step()
    assert tf.train.get_global_step() is step and tf.train.get_or_create_global_step() is step
    assert step.dtype.base == tf.int64 and step in tf.get_collection("global_step")
    with pytest.raises(ValueError, match='"global_step" already exists.'):
        tf.train.create_global_step()
    v = tf.Variable(1.0)
    train = tf.train.GradientDescentOptimizer(0.1).minimize(tf.square(v), global_step=step)
    with tf.Session() as session:
        session.run(global_variables_initializer())
        session.run(train)
        assert tf.train.global_step(session, step) == 1


@pytest.mark.parametrize("make, phrase", [
    (lambda: tf.Variable(1.0, name="global_step"), 'Existing "global_step" does not have integer type: '),
    (lambda: tf.Variable([1], name="global_step"), 'Existing "global_step" is not scalar: '),
])
def test_what_is_no_global_step(make, phrase):
    make()
    with pytest.raises(TypeError, match=phrase):
        tf.train.get_global_step()
