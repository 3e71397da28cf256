"""tf.assert_*: the nodes they make and what they say."""
from catalog import program, raises


@program(graph=True)
def nodes_of_assert_equal(tf):
    x = tf.placeholder(tf.float32, [2], name="x")
    with tf.control_dependencies([tf.assert_equal(x, 1.0, message="not one")]):
        y = tf.identity(x)
    return {"y": str(y)}


@program(graph=True)
def nodes_of_every_assert(tf):
    x, n = tf.placeholder(tf.float32, [2], name="x"), tf.placeholder(tf.int32, [None], name="n")
    made = [tf.assert_less(x, 5.0), tf.assert_less_equal(x, 5.0), tf.assert_greater(x, 0.0), tf.assert_greater_equal(x, 0.0),
            tf.assert_positive(x), tf.assert_negative(x), tf.assert_non_negative(x), tf.assert_non_positive(x),
            tf.assert_none_equal(x, 3.0), tf.assert_near(x, 1.0), tf.assert_integer(n), tf.assert_rank(x, 1),
            tf.assert_rank_at_least(x, 1), tf.assert_type(n, tf.int32), tf.assert_scalar(tf.constant(1)), tf.assert_rank_in(x, [0, 1])]
    return {"names": [getattr(each, "name", None) for each in made]}


@program
def true_when_built(tf):
    """Asserts that already hold are no-ops."""
    made = [tf.assert_equal(tf.constant(1), tf.constant(1)), tf.assert_positive(tf.constant([1.0])),
            tf.assert_less(tf.constant(1), tf.constant(2))]
    with tf.Session() as session:
        return {"types": [each.type for each in made], "run": session.run(made)}


def failing(name, phrase, build):
    def run(tf):
        x = tf.placeholder(tf.float32, name="x")
        tf.Session().run(build(tf, x), {x: [1.0, -2.0]})
    run.__name__ = name
    raises(phrase)(run)


failing("positive", "Condition x > 0 did not hold element-wise:", lambda tf, x: tf.assert_positive(x))
failing("negative", "Condition x < 0 did not hold element-wise:", lambda tf, x: tf.assert_negative(x))
failing("non_negative", "Condition x >= 0 did not hold element-wise:", lambda tf, x: tf.assert_non_negative(x))
failing("non_positive", "Condition x <= 0 did not hold element-wise:", lambda tf, x: tf.assert_non_positive(x))
failing("less", "Condition x < y did not hold element-wise:", lambda tf, x: tf.assert_less(x, 0.5))
failing("less_equal", "Condition x <= y did not hold element-wise:", lambda tf, x: tf.assert_less_equal(x, 0.5))
failing("greater", "Condition x > y did not hold element-wise:", lambda tf, x: tf.assert_greater(x, 0.0))
failing("greater_equal", "Condition x >= y did not hold element-wise:", lambda tf, x: tf.assert_greater_equal(x, 0.0))
failing("none_equal", "Condition x != y did not hold element-wise:", lambda tf, x: tf.assert_none_equal(x, 1.0))
failing("with_message", "what I say", lambda tf, x: tf.assert_positive(x, message="what I say"))
failing("with_data", "[my data]", lambda tf, x: tf.assert_positive(x, data=["my data", x]))
failing("near", "x and y not equal to tolerance", lambda tf, x: tf.assert_near(x, 1.0))
failing("rank", "[Tensor x:0 must have rank] [2] [Received shape: ] [2]", lambda tf, x: tf.assert_rank(x, 2))
failing("summarized", "[1 -2]", lambda tf, x: tf.Assert(False, [x], summarize=2))
failing("summarized_less", "[1...]", lambda tf, x: tf.Assert(False, [x], summarize=1))


@raises("must have rank 2.  Received rank 1, shape (2,)")
def rank_when_built(tf):
    tf.assert_rank(tf.constant([1.0, 2.0]), 2)


@raises("must be of type")
def type_when_built(tf):
    tf.assert_type(tf.constant(1.0), tf.int32)


@raises('Expected "x" to be integer type.')
def integer_when_built(tf):
    tf.assert_integer(tf.constant(1.0, name="x"))
