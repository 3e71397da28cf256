"""The passes: each before and after, in text; results are the same."""

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags
from graphcore.session.passes import PIPELINE, keeps_shapes, optimized
from graphcore.session.passes.fold import fold
from graphcore.session.passes.merge import merge
from graphcore.session.passes.prune import prune
from graphcore.session.plan import lower, show
from graphcore.session.verify import PlanError, verify


def lines(plan):
    return [line.split("      #")[0] for line in show(plan).splitlines()]


def test_a_broadcast_that_did_not_happen_leaves_no_nodes():
    x = tf.placeholder(tf.float32, [None], name="x")
    y = tf.placeholder(tf.float32, [None], name="y")
    (slope,) = tf.gradients(x * y, x)
    before = lower([slope], [x, y])
    assert any("BroadcastGradientArgs" in line for line in lines(before))
    after = optimized(before, [(3,), (3,)])
    assert not after.nodes  # nor does the product with the seed, which is 1


def test_a_broadcast_that_happened_keeps_its_sum():
    x = tf.placeholder(tf.float32, [None], name="x")
    y = tf.placeholder(tf.float32, [None, None], name="y")
    (slope,) = tf.gradients(x * y, x)
    plan = optimized(lower([slope], [x, y]), [(3,), (2, 3)])
    assert [node.op.op_name for node in plan.nodes] == ["Sum"]


def test_what_depends_on_data_stays():
    x = tf.placeholder(tf.float32, [None])
    chosen = tf.boolean_mask(x, x > 0)
    size = tf.size(chosen)
    with tf.Session() as session:
        for values in ([1, -1, 2], [1, 2, 3], [-1, -2, -3], [1, -1, 2]):
            assert session.run(size, {x: values}) == sum(v > 0 for v in values)


def test_shapes_that_change_from_run_to_run_give_their_own_results():
    x = tf.placeholder(tf.float32, [None, 2])
    w = tf.placeholder(tf.float32, None)
    (slope,) = tf.gradients(tf.reduce_mean(tf.square(x * w)), w)
    with tf.Session() as session:
        for rows in (1, 2, 3, 2, 1, 5, 2, 2):
            data = np.arange(2.0 * rows).reshape(rows, 2)
            for weight in (np.float32(2), np.array([2.0, 2.0])):
                expected = (2 * data * data * weight / data.size).sum(0)
                got = session.run(slope, {x: data, w: weight})
                np.testing.assert_allclose(got, expected if np.ndim(weight) else expected.sum(), rtol=1e-6)


def test_a_variable_that_changes_its_shape_is_not_taken_for_granted():
    v = tf.Variable([1.0, 2.0])
    grow = tf.assign(v, [1.0, 2.0, 3.0], validate_shape=False)
    size = tf.size(v.value() + tf.zeros([1]), out_type=tf.int64)
    with tf.Session() as session:
        session.run(v.initializer)
        assert [session.run(size) for _ in range(4)] == [2] * 4
        session.run(grow)
        assert session.run(v).tolist() == [1.0, 2.0, 3.0]
    assert not keeps_shapes(lower([grow], []))


def test_a_fetched_value_that_was_passed_on_is_a_copy():
    x = tf.placeholder(tf.float32, [None])
    same = tf.reshape(x, tf.shape(x))
    data = np.ones(3, np.float32)
    with tf.Session() as session:
        for _ in range(4):
            result = session.run(same, {x: data})
            assert not np.shares_memory(result, data)


def names(plan):
    return [node.op.op_name for node in plan.nodes]


BEFORE = """
%2 = [0] : int32[1]
%3 = [1] : int32[1]
%4 = [1] : int32[1]
%7 = 2.0 : float32[]
%10 = [0, 1] : int32[2]
%12 = 2.0 : float32[]
%15 = [0, 1] : int32[2]
%0 = Feed(x:0) : float32[?,200]
%1 = Shape(%0) : int32[2]
%5 = StridedSlice(%1, %2, %3, %4) : int32[]
%6 = Cast(%5) : float32[]
%8 = Mul(%0, %7) : float32[?,200]
%9 = Tanh(%8) : float32[?,200]
%11 = Sum(%9, %10) : float32[]
%13 = Mul(%0, %12) : float32[?,200]
%14 = Tanh(%13) : float32[?,200]
%16 = Sum(%14, %15) : float32[]
%17 = AddV2(%11, %16) : float32[]
%18 = RealDiv(%17, %6) : float32[]
return %18
"""
# What each pass takes out of the text (-) and puts in (+).
CHANGES = {
    "fold": """
- %1 = Shape(%0) : int32[2]
- %5 = StridedSlice(%1, %2, %3, %4) : int32[]
- %6 = Cast(%5) : float32[]
+ %1 = [5000,  200] : int32[2]
+ %5 = 5000 : int32[]
+ %6 = 5000.0 : float32[]
""",
    "merge": """
- %4 = [1] : int32[1]
- %12 = 2.0 : float32[]
- %15 = [0, 1] : int32[2]
- %13 = Mul(%0, %12) : float32[?,200]
- %14 = Tanh(%13) : float32[?,200]
- %16 = Sum(%14, %15) : float32[]
- %17 = AddV2(%11, %16) : float32[]
+ %17 = AddV2(%11, %11) : float32[]
""",
    "prune": """
- %2 = [0] : int32[1]
- %3 = [1] : int32[1]
- %1 = [5000,  200] : int32[2]
- %5 = 5000 : int32[]
""",
    "join": "",  # a million elements are too many for a step
    "fuse": """
- %8 = Mul(%0, %7) : float32[?,200]
- %9 = Tanh(%8) : float32[?,200]
- %11 = Sum(%9, %10) : float32[]
+ %11 = Fused(%0) : float32[]
+     %0 = Feed(x:0) : float32[?,200]
+     %8 = Mul(%0, %7) : float32[?,200]
+     %9 = Tanh(%8) : float32[?,200]
+     %11 = Sum(%9, %10) : float32[]
""",
}
JOINED = """
- %8 = Mul(%0, %7) : float32[?,200]
- %9 = Tanh(%8) : float32[?,200]
- %11 = Sum(%9, %10) : float32[]
- %17 = AddV2(%11, %11) : float32[]
- %18 = RealDiv(%17, %6) : float32[]
+ %18 = Joined(%0) : float32[]
+     %0 = Feed(x:0) : float32[?,200]
+     %8 = Mul(%0, %7) : float32[?,200]
+     %9 = Tanh(%8) : float32[?,200]
+     %11 = Sum(%9, %10) : float32[]
+     %17 = AddV2(%11, %11) : float32[]
+     %18 = RealDiv(%17, %6) : float32[]
"""


def changes(before, after):
    return [f"- {line}" for line in before if line not in after] + [f"+ {line}" for line in after if line not in before]


def mean_of_two_sums(rows):
    x = tf.placeholder(tf.float32, [None, 200], name="x")
    count = tf.cast(tf.shape(x)[0], tf.float32)
    total = tf.reduce_sum(tf.tanh(x * 2.0)) + tf.reduce_sum(tf.tanh(x * 2.0))
    return lower([total / count], [x])._replace(shapes=((rows, 200),))


def test_every_pass_before_and_after():
    plan = mean_of_two_sums(5000)
    assert lines(plan) == BEFORE.strip().splitlines()
    assert [step.__name__ for step in PIPELINE] == list(CHANGES)
    for step in PIPELINE:
        after = step(plan)
        assert changes(lines(plan), lines(after)) == CHANGES[step.__name__].strip().splitlines(), step.__name__
        plan = after


def test_little_is_joined():
    plan = mean_of_two_sums(500)
    for step in PIPELINE[:3]:
        plan = step(plan)
    with flags.jit.set("lazy"):
        assert changes(lines(plan), lines(PIPELINE[3](plan))) == JOINED.strip().splitlines()


def test_folding_stops_where_results_are_large():
    assert names(prune(fold(lower([tf.fill([64, 64], 2.0)], [])._replace(shapes=())))) == []
    assert names(prune(fold(lower([tf.fill([64, 65], 2.0)], [])._replace(shapes=())))) == ["Fill"]


def test_merge_computes_equal_nodes_once():
    x = tf.placeholder(tf.float32, [None])
    twice = tf.exp(x + 1.0) * tf.exp(x + 1.0)
    before = lower([twice], [x])
    assert names(before) == ["AddV2", "Exp", "AddV2", "Exp", "Mul"]
    assert names(prune(merge(before))) == ["AddV2", "Exp", "Mul"]


def test_merge_leaves_random_ops_and_reads_on_both_sides_of_a_write():
    v = tf.Variable(1.0)
    noise = tf.random_uniform([2]) + tf.random_uniform([2])
    first = v + 1.0
    with tf.control_dependencies([first]):
        change = tf.assign_add(v, 1.0)
    with tf.control_dependencies([change]):
        second = v + 1.0
    assert names(merge(lower([noise], []))).count("RandomUniform") == 2
    with tf.Session() as session:
        session.run(v.initializer)
        for start in (1.0, 2.0, 3.0, 4.0):
            assert session.run([first, second]) == [start + 1, start + 2]


def test_merged_fetches_are_separate_arrays():
    x = tf.placeholder(tf.float32, [2])
    one, other = x + 1.0, x + 1.0
    with tf.Session() as session:
        for _ in range(4):
            a, b = session.run([one, other], {x: [1, 2]})
            a[0] = 99
            assert b.tolist() == [2, 3]


def test_prune_leaves_what_has_an_effect():
    v = tf.Variable(0.0)
    x = tf.placeholder(tf.float32, [])
    plan = lower([v.assign_add(x).op, tf.shape(x)], [x])
    assert "AssignAdd" in names(prune(fold(plan._replace(shapes=((),)))))
    assert "Shape" not in names(prune(fold(plan._replace(shapes=((),)))))


def test_verify_tells_what_is_wrong():
    x = tf.placeholder(tf.float32, [2])
    plan = lower([tf.exp(x)], [x])
    verify(plan, "lower")
    with pytest.raises(PlanError, match="which nothing has made yet"):
        verify(plan._replace(feeds=()), "a pass")
    with pytest.raises(PlanError, match="never made"):
        verify(plan._replace(nodes=()), "a pass")
    with pytest.raises(PlanError, match="again"):
        verify(plan._replace(nodes=plan.nodes * 2), "a pass")


def test_every_pass_is_verified_when_asked():
    x = tf.placeholder(tf.float32, [None])
    (slope,) = tf.gradients(tf.reduce_mean(tf.square(x - 1.0)), x)
    with flags.verify.set(True):
        assert names(optimized(lower([slope], [x]), ((3,),)))


def test_explain_shows_the_plan_before_and_after():
    x = tf.placeholder(tf.float32, [None], name="x")
    with tf.Session() as session:
        text = session.explain(tf.size(x) + 1, {x: [1.0, 2.0, 3.0]})
    before, after = text.split("for x:0 (3,)")
    assert "Size" in before and "AddV2" in before
    assert "Size" not in after and "= 4 : int32[]" in after


def test_a_sum_over_axes_of_size_one_is_a_change_of_shape():
    x = tf.placeholder(tf.float32, [None, 1])
    total = tf.reduce_sum(x, axis=1) * 2.0
    assert names(optimized(lower([total], [x]), ((3, 1),))) == ["Reshaped", "Mul"]
    with tf.Session() as session:
        for _ in range(3):
            assert session.run(total, {x: [[1.0], [-0.0], [np.nan]]}).tolist()[:2] == [2.0, 0.0]


def test_reshapes_of_reshapes_go_back_to_the_first():
    x = tf.placeholder(tf.float32, [None])
    y = tf.reshape(tf.reshape(tf.expand_dims(x, 0), [-1, 1]), tf.shape(x))
    data = np.arange(3, dtype=np.float32)
    assert names(optimized(lower([y + 1.0], [x]), ((3,),))) == ["AddV2"]
    with tf.Session() as session:
        for _ in range(3):
            result = session.run(y, {x: data})
            assert result.tolist() == [0, 1, 2] and not np.shares_memory(result, data)


def test_what_is_there_to_fail_fails_in_every_run():
    x = tf.placeholder(tf.float32, [None])
    with tf.control_dependencies([tf.check_numerics(x, "bad")]):
        y = tf.constant(1.0) + 0.0
    size = tf.size(tf.check_numerics(x, "bad"))
    tf.Variable([1.0, 2.0])
    all_initialized = tf.assert_variables_initialized()
    with tf.Session() as session:
        for fetch in (y, size):
            for _ in range(4):
                session.run(fetch, {x: [1.0]})
            with pytest.raises(tf.errors.InvalidArgumentError, match="bad"):
                session.run(fetch, {x: [np.nan]})
        for _ in range(4):
            with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized"):
                session.run(all_initialized)


def test_a_reshape_to_a_fed_shape_checks_it_in_every_run():
    shape = tf.placeholder(tf.int32, [1])
    flat = tf.reshape(tf.constant([[1.0, 2.0], [3.0, 4.0]]), shape)
    with tf.Session() as session:
        for _ in range(4):
            assert session.run(flat, {shape: [4]}).shape == (4,)
            with pytest.raises(tf.errors.InvalidArgumentError, match="requested shape has 3"):
                session.run(flat, {shape: [3]})


def test_folded_strings_keep_every_byte():
    joined = tf.summary.scalar("a", 0.0)
    with tf.Session() as session:
        assert len({session.run(joined) for _ in range(4)}) == 1


def test_what_only_a_control_dependency_keeps_goes_where_it_cannot_fail():
    x, w = tf.placeholder(tf.float32, [5, 3]), tf.Variable(tf.zeros([3, 2]))
    loss = tf.reduce_sum(tf.matmul(x, w))  # its gradient in x is made, and tied to the one in w, but nobody wants it
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    kept = [node.op.op_name for node in prune(fold(lower([train], [x])._replace(shapes=((5, 3),)))).nodes]
    assert kept.count("MatMul") == 1
    product = tf.matmul(x, w).op  # asked for by name, as programs do that measure it
    assert "MatMul" in [node.op.op_name for node in prune(fold(lower([product], [x])._replace(shapes=((5, 3),)))).nodes]
    with tf.control_dependencies([tf.gather(x, [7])]):
        after = tf.identity(x)
    assert "GatherV2" in [node.op.op_name for node in prune(fold(lower([after], [x])._replace(shapes=((5, 3),)))).nodes]


def test_the_places_of_what_was_concatenated_are_known_before_the_run():
    """ShapeN, ConcatOffset and the bounds of the gradient's slices follow from the fed shapes."""
    x, y = tf.placeholder(tf.float32, [None, None]), tf.placeholder(tf.float32, [None, None])
    gradients = tf.gradients(tf.concat([x, y], 1) ** 2.0, [x, y])
    feeds = {x: np.ones((2, 3)), y: np.full((2, 5), 2.0)}
    before = lower(gradients, list(feeds))
    assert {"ShapeN", "ConcatOffset"} <= {node.op.op_name for node in before.nodes}
    assert not {"ShapeN", "ConcatOffset"} & {node.op.op_name for node in optimized(before, [(2, 3), (2, 5)]).nodes}
    with tf.Session() as session:
        for _ in range(3):
            of_x, of_y = session.run(gradients, feeds)
            assert (of_x == 2).all() and of_x.shape == (2, 3) and (of_y == 4).all() and of_y.shape == (2, 5)


SPECIAL = [0.0, -0.0, 1.5, -2.0, np.inf, -np.inf, np.nan, 1e-42, -3e38]
RULES = {
    "x * 1": lambda x: 1 * x * 1, "x / 1": lambda x: x / 1, "x - 0": lambda x: x - 0, "x + -0.0": lambda x: x + -0.0,
    "-(-x)": lambda x: tf.negative(tf.negative(x)), "x ** 1": lambda x: x ** 1, "x * ones": lambda x: x * tf.ones([9]),
}


@pytest.mark.parametrize("name", RULES)
def test_what_leaves_every_value_as_it_is_goes(name):
    x = tf.placeholder(tf.float32, [None])
    made = RULES[name](x)
    before = lower([made], [x])
    assert before.nodes and not optimized(before, [(9,)]).nodes
    data = np.array(SPECIAL, np.float32)
    with flags.jit.set("eager"), tf.Session() as session:
        found = session.run(made, {x: data})
        np.testing.assert_array_equal(found.view(np.uint32), data.view(np.uint32))
        found[:] = 7  # the user's own
        assert data[2] == 1.5


@pytest.mark.parametrize("build", [lambda x: x + 0.0, lambda x: 0.0 - x, lambda x: x * -1.0, lambda x: 1.0 / x, lambda x: x - -0.0,
                                   lambda x: x * tf.ones([2, 9]), lambda x: tf.cast(x, tf.complex64) * (1 + 0j)])
def test_what_changes_some_value_stays(build):
    """0.0 + -0.0 is 0.0; what is broadcast has another shape; an infinity times 1 + 0j has a NaN in it."""
    x = tf.placeholder(tf.float32, [None])
    made, data = build(x), np.array(SPECIAL, np.float32)
    with flags.jit.set("eager"), tf.Session() as session:
        found = session.run(made, {x: data})
    with flags.jit.set("off"), tf.Session() as session:
        expected = session.run(made, {x: data})
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.signbit(found.real)[~np.isnan(found.real)], np.signbit(expected.real)[~np.isnan(expected.real)])


def test_integers_and_truth_values_too():
    x, flag = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.bool, [None])
    made = [0 + x * 1 - 0, tf.negative(tf.negative(x)), tf.logical_not(tf.logical_not(flag))]
    assert not optimized(lower(made, [x, flag]), [(3,), (2,)]).nodes
    lowest = np.iinfo(np.int32).min
    with flags.jit.set("eager"), tf.Session() as session:
        numbers, twice, flags_ = session.run(made, {x: [1, -2, lowest], flag: [True, False]})
    assert numbers.tolist() == twice.tolist() == [1, -2, lowest] and flags_.tolist() == [True, False]
