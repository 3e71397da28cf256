"""Sessions: being the default, closing, callables, configuration, errors, many threads."""

import threading
import weakref

import numpy as np
import pytest

import graphcore as tf
from graphcore.core import flags

PLAIN = tf.ConfigProto(graph_options=tf.GraphOptions(optimizer_options=tf.OptimizerOptions(opt_level=-1)))


@pytest.fixture(params=[None, PLAIN], ids=["compiled", "plain"])
def session(request):
    with tf.Session(config=request.param) as opened:
        yield opened


def add_one():
    x = tf.placeholder(tf.float32, name="x")
    return x, x + 1.0


# ---------------------------------------------------------------- being the default, closing
def test_with_block_makes_session_and_graph_the_default():
    graph = tf.Graph()
    with tf.Session(graph=graph) as session:
        assert tf.get_default_session() is session
        assert tf.get_default_graph() is graph
    assert tf.get_default_session() is None
    assert tf.get_default_graph() is not graph


def test_with_block_closes():
    one = tf.constant(1.0)
    with tf.Session() as session:
        session.run(one)
    with pytest.raises(RuntimeError, match="Attempted to use a closed Session."):
        session.run(one)


def test_with_block_closes_after_an_error():
    one = tf.constant(1.0)
    with pytest.raises(KeyError), tf.Session() as session:
        raise KeyError
    assert tf.get_default_session() is None
    with pytest.raises(RuntimeError, match="closed Session"):
        session.run(one)


def test_with_blocks_of_one_session_do_not_nest():
    with tf.Session() as session, pytest.raises(RuntimeError, match="Session context managers are not re-entrant"), session:
        pass


def test_as_default_nests_and_keeps_the_session_open():
    two = tf.constant(2.0)
    session = tf.Session()
    with session.as_default(), tf.Session().as_default() as inner:
        assert tf.get_default_session() is inner
        with session.as_default():
            assert two.eval() == 2.0
        assert tf.get_default_session() is inner
    assert session.run(two) == 2.0


def test_crossed_as_default_blocks_are_an_error():
    first, second = tf.Session().as_default(), tf.Session().as_default()
    first.__enter__()
    second.__enter__()
    with pytest.raises(AssertionError, match="Nesting violated for default stack of"):
        first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    first = tf.get_default_session()
    assert first is not None
    from graphcore.core.scopes import session_stack

    session_stack.items.clear()


def test_the_default_session_is_one_thread_s_own():
    seen = []
    with tf.Session():
        thread = threading.Thread(target=lambda: seen.append(tf.get_default_session()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_closing_twice_is_fine():
    session = tf.Session()
    session.close()
    session.close()


@pytest.mark.parametrize("use", ["run", "partial_run_setup"])
def test_a_closed_session_says_so(use):
    one = tf.constant(1.0)
    session = tf.Session()
    session.close()
    with pytest.raises(RuntimeError, match="Attempted to use a closed Session."):
        getattr(session, use)(one)


def test_devices_of_a_closed_session():
    session = tf.Session()
    session.close()
    with pytest.raises(tf.errors.CancelledError, match="Session has been closed."):
        session.list_devices()


def test_an_empty_graph_is_complained_of_first():
    with pytest.raises(RuntimeError, match="The Session graph is empty.  Add operations to the graph before calling run()."):
        tf.Session().run(3)


def test_reset_closes_sessions():
    one = tf.constant(1.0)
    session = tf.Session()
    session.run(one)
    tf.Session.reset("")
    with pytest.raises(tf.errors.CancelledError, match="Session has been closed."):
        session.run(one)


def test_a_session_nobody_holds_goes_away():
    one = tf.constant(1.0)
    session = tf.Session()
    session.run(one)
    seen = weakref.ref(session)
    del session
    import gc

    gc.collect()
    assert seen() is None


def test_a_session_sees_what_is_added_later(session):
    first = tf.constant(1.0)
    assert session.run(first) == 1.0
    assert session.run(first + 1.0) == 2.0


def test_a_changed_edge_is_seen(session):
    x, y = add_one()
    two = tf.constant(20.0)
    assert session.run(y, {x: 1.0}) == 2.0
    y.op._update_input(1, two)
    assert session.run(y, {x: 1.0}) == 21.0


def test_a_closed_session_makes_no_callable():
    session = tf.Session()
    session.close()
    with pytest.raises(tf.errors.CancelledError, match="Session has been closed."):
        session.make_callable(tf.constant(1.0))


# ---------------------------------------------------------------- interactive sessions
def test_interactive_session_is_the_default_until_closed():
    session = tf.InteractiveSession()
    assert tf.constant(4.0).eval() == 4.0
    assert tf.get_default_session() is session
    session.close()
    session.close()
    assert tf.get_default_session() is None


def test_a_second_interactive_session_warns():
    first = tf.InteractiveSession()
    with pytest.warns(UserWarning, match="An interactive session is already active."):
        second = tf.InteractiveSession()
    first.close()
    assert tf.get_default_session() is second
    second.close()


def test_interactive_session_makes_its_graph_the_default():
    graph = tf.Graph()
    session = tf.InteractiveSession(graph=graph)
    assert tf.get_default_graph() is graph
    session.close()
    assert tf.get_default_graph() is not graph


# ---------------------------------------------------------------- callables
def test_callable_takes_values_in_the_order_of_its_feed_list(session):
    x, y = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    minus = session.make_callable(x - y, [x, y])
    assert minus(5.0, 2.0) == 3.0
    assert minus(5, np.float64(1)) == 4.0


def test_callable_keeps_the_nesting(session):
    x = tf.placeholder(tf.float32)
    both = session.make_callable({"twice": [x * 2.0], "operation": x.op}, [x])
    assert both(3.0) == {"twice": [6.0], "operation": None}


def test_callable_with_a_value_missing():
    x, y = add_one()
    with pytest.raises(tf.errors.InvalidArgumentError, match="You must feed a value for placeholder tensor 'x'"):
        tf.Session().make_callable(y, [x])()


def test_callable_checks_shapes():
    x = tf.placeholder(tf.float32, [2], name="x")
    with pytest.raises(ValueError, match=r"Cannot feed value of shape \(3,\) for Tensor 'x:0', which has shape '\(2,\)'"):
        tf.Session().make_callable(x, [x])([1, 2, 3])


def test_callable_of_a_closed_session():
    x, y = add_one()
    session = tf.Session()
    call = session.make_callable(y, [x])
    session.close()
    with pytest.raises(RuntimeError, match="Attempted to use a closed Session."):
        call(1.0)


def test_callable_with_options():
    x, y = add_one()
    call, metadata = tf.Session().make_callable(y, [x], accept_options=True), tf.RunMetadata()
    assert call(1.0, options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), run_metadata=metadata) == 2.0
    assert len(metadata.step_stats.dev_stats) == 1


def test_callable_wants_a_list():
    x, y = add_one()
    with pytest.raises(TypeError, match="`feed_list` must be a list or tuple."):
        tf.Session().make_callable(y, x)


# ---------------------------------------------------------------- what a session is made with
@pytest.mark.parametrize("config", [3, {}, tf.RunOptions()])
def test_config_has_to_be_one(config):
    with pytest.raises(TypeError, match="config must be a tf.ConfigProto, but got <class"):
        tf.Session(config=config)


def test_graph_has_to_be_one():
    with pytest.raises(TypeError, match="graph must be a tf.Graph, but got <class 'int'>"):
        tf.Session(graph=3)


def test_target_has_to_be_text():
    with pytest.raises(TypeError, match="target must be a string, but got <class 'int'>"):
        tf.Session(3)


def test_target_that_is_not_there():
    with pytest.raises(tf.errors.NotFoundError, match="No session factory registered for the given session options"):
        tf.Session("nowhere")


def test_settings_for_other_hardware_are_accepted():
    config = tf.ConfigProto(
        gpu_options=tf.GPUOptions(allow_growth=True, per_process_gpu_memory_fraction=0.3), use_per_session_threads=True,
        inter_op_parallelism_threads=2, device_count={"GPU": 0}, isolate_session_state=True, allow_soft_placement=True)
    assert tf.Session(config=config).run(tf.constant(1.0)) == 1.0


def blas_threads():
    from threadpoolctl import threadpool_info

    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


@pytest.fixture
def two_blas_threads():
    """Every library starts with two threads, whatever the machine has and the environment says."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(2, user_api="blas"):
        yield


def test_intra_op_threads_limit_blas_during_the_run_only(two_blas_threads):
    before, seen = blas_threads(), []
    watch = tf.py_func(lambda x: seen.append(blas_threads()) or x, [tf.constant(1.0)], tf.float32)
    session = tf.Session(config=tf.ConfigProto(intra_op_parallelism_threads=1))
    session.run(watch)
    session.run(watch)
    tf.Session().run(watch)
    assert seen == [[1] * len(before), [1] * len(before), [2] * len(before)]
    assert blas_threads() == before


def test_only_runs_that_may_take_threads_set_their_number(monkeypatch):
    """Setting it takes longer than a little addition."""
    from graphcore.core.threads import BlasThreads

    entered = []
    monkeypatch.setattr(BlasThreads, "__enter__", lambda self, real=BlasThreads.__enter__: entered.append(1) or real(self))
    x, matrix = tf.placeholder(tf.float32, []), tf.ones([600, 600])
    with flags.jit.set("eager"):
        session = tf.Session(config=tf.ConfigProto(intra_op_parallelism_threads=1))
        for made, is_limited in ((x + 1.0, False), (tf.matmul(matrix * x, matrix), True)):
            session.run(made, {x: 1.0})
            entered.clear()
            session.run(made, {x: 1.0})
            assert bool(entered) is is_limited


@pytest.mark.parametrize("jit", ["off", "lazy"])
def test_the_first_run_is_the_plain_interpreters(jit, monkeypatch):
    """It takes no longer than that: nothing is optimised, written or compiled before it has given its result."""
    from graphcore.session import passes, runs, straightline

    made, interpreted = [], []
    monkeypatch.setattr(passes, "optimized", lambda *given, real=passes.optimized: made.append(1) or real(*given))
    monkeypatch.setattr(straightline, "compile_program", lambda *given, real=straightline.compile_program: made.append(1) or real(*given))
    monkeypatch.setattr(runs, "interpret", lambda *given, real=runs.interpret: interpreted.append(1) or real(*given))
    x, y = add_one()
    with flags.jit.set(jit):
        session = tf.Session()
        assert session.run(y, {x: 1.0}) == 2.0
        assert interpreted == [1] and not made
        assert session.run(y, {x: 2.0}) == 3.0
    assert bool(made) is (jit == "lazy")


def test_plain_configuration_never_compiles(monkeypatch):
    from graphcore.session import straightline

    monkeypatch.setattr(straightline, "compile_program", lambda program: pytest.fail("compiled"))
    x, y = add_one()
    with flags.jit.set("off"):
        sessions = [tf.Session(), tf.Session(config=PLAIN)]
    for session in sessions:
        assert [session.run(y, {x: i}) for i in range(4)] == [1.0, 2.0, 3.0, 4.0]


# ---------------------------------------------------------------- failures
def fails(session, fetch, feed):
    """The error of a run, the second and the third time as well: interpreted, then compiled."""
    seen = []
    for _ in range(3):
        with pytest.raises(tf.errors.OpError) as info:
            session.run(fetch, feed)
        seen.append(info.value)
    assert len({(type(error), str(error)) for error in seen}) == 1
    return seen[0]


def test_a_failure_names_the_operation_and_the_user_s_line(session):
    x = tf.placeholder(tf.float32, name="x")
    bad = tf.add(x, [1.0, 2.0], name="bad")
    error = fails(session, bad, {x: [1.0, 2.0, 3.0]})
    assert isinstance(error, tf.errors.InvalidArgumentError)
    assert error.op is bad.op
    assert "Incompatible shapes: [3] vs. [2]" in error.message
    assert "[[node bad (defined at " in error.message
    assert "test_session.py:" in str(error)


def test_an_unfed_placeholder_says_what_it_wants(session):
    x = tf.placeholder(tf.float64, [None, 2], name="x")
    error = fails(session, x + 1.0, {})
    assert "You must feed a value for placeholder tensor 'x' with dtype double and shape [?,2]" in error.message


def test_a_failed_run_leaves_variables_and_session_usable(session):
    v, x = tf.Variable([1.0, 2.0]), tf.placeholder(tf.float32)
    session.run(v.initializer)
    change = v.assign_add(x)
    fails(session, change, {x: [1.0, 2.0, 3.0]})
    np.testing.assert_array_equal([1.0, 2.0], session.run(v))
    np.testing.assert_array_equal([2.0, 3.0], session.run(change, {x: [1.0, 1.0]}))


def test_an_operation_that_was_done_before_the_failure_stays_done(session):
    v, x = tf.Variable(1.0), tf.placeholder(tf.float32)
    session.run(v.initializer)
    done, bad = v.assign_add(1.0), tf.add(x, [1.0, 2.0])
    with pytest.raises(tf.errors.InvalidArgumentError):
        session.run([done, bad], {x: [1.0, 2.0, 3.0]})
    assert session.run(v) == 2.0


def test_an_uninitialised_variable_is_named(session):
    v = tf.Variable([1.0], name="w")
    error = fails(session, v + 1.0, {})
    assert isinstance(error, tf.errors.FailedPreconditionError)
    assert "Attempting to use uninitialized value w" in error.message


# ---------------------------------------------------------------- threads
def in_threads(count, work):
    """Run ``work(number)`` in that many threads; what they raised."""
    problems = []

    def guarded(number):
        try:
            work(number)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


def test_many_threads_run_one_pure_graph():
    x = tf.placeholder(tf.float32, [3])
    y = (x * 2.0 + 1.0) * x
    session = tf.Session()

    def work(number):
        fed = np.full([3], number, np.float32)
        for _ in range(1000):
            np.testing.assert_array_equal((fed * 2 + 1) * fed, session.run(y, {x: fed}))

    assert in_threads(64, work) == []


def test_many_threads_count_together():
    v = tf.Variable(0, name="counter")
    change = v.assign_add(1).op
    session = tf.Session()
    session.run(v.initializer)
    assert in_threads(64, lambda number: [session.run(change) for _ in range(1000)]) == []
    assert session.run(v) == 64000


def test_threads_make_plans_at_the_same_time():
    x = tf.placeholder(tf.float32)
    sums = [x + float(i) for i in range(50)]
    session = tf.Session()

    def work(number):
        for i, each in enumerate(sums):
            assert session.run(each, {x: number}) == number + i

    assert in_threads(16, work) == []
