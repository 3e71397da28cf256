"""Candidate samplers beyond the oracle's numbers: files of weights, sessions, frequencies, bad input."""

import numpy as np
import pytest

import graphcore as tf

WEIGHTS = [1.0, 0.0, 2.5, 4.0]


def run(made, times=1):
    with tf.Session() as session:
        return [session.run(made) for _ in range(times)]


def test_weights_of_a_file_are_those_of_its_last_column(tmp_path):
    path = tmp_path / "words.csv"
    path.write_text("".join(f"word,{number},{weight}\n" for number, weight in enumerate(WEIGHTS)), encoding="utf-8")
    sampler = tf.nn.fixed_unigram_candidate_sampler
    from_file = sampler([[0, 3]], 2, 6, False, 4, vocab_file=str(path), seed=3)
    given = sampler([[0, 3]], 2, 6, False, 4, unigrams=WEIGHTS, seed=3)
    for one, other in zip(*run([from_file, given])[0]):
        np.testing.assert_array_equal(one, other)


def test_a_file_without_numbers_is_refused(tmp_path):
    path = tmp_path / "words.csv"
    path.write_text("word,many\n", encoding="utf-8")
    with pytest.raises(tf.errors.InvalidArgumentError, match="Wrong vocabulary format"):
        run(tf.nn.fixed_unigram_candidate_sampler([[0]], 1, 1, True, 1, vocab_file=str(path)))


def test_weights_have_to_be_as_many_as_classes():
    with pytest.raises(tf.errors.InvalidArgumentError, match="range_max is 5"):
        run(tf.nn.fixed_unigram_candidate_sampler([[0]], 1, 1, True, 5, unigrams=WEIGHTS))


def test_classes_without_weight_cannot_make_up_a_sample():
    with pytest.raises(tf.errors.InvalidArgumentError, match="3 have a weight above 0"):
        run(tf.nn.fixed_unigram_candidate_sampler([[0]], 1, 4, True, 4, unigrams=WEIGHTS))


@pytest.mark.parametrize("name, chances", [
    ("uniform", np.full(6, 1 / 6)), ("log_uniform", np.log(np.arange(2, 8) / np.arange(1, 7)) / np.log(7)),
])
def test_frequencies_are_the_chances(name, chances):
    sampler = getattr(tf.nn, f"{name}_candidate_sampler")
    (classes, true_counts, _), = run(sampler([[0, 1, 2, 3, 4, 5]], 6, 60000, False, 6, seed=1))
    np.testing.assert_allclose(true_counts[0], 60000 * chances, rtol=1e-5)
    np.testing.assert_allclose(np.bincount(classes, minlength=6), 60000 * chances, atol=5 * 60000 ** 0.5)


def test_sessions_without_a_seed_draw_other_classes():
    made = tf.nn.uniform_candidate_sampler([[0]], 1, 8, False, 1 << 40)[0]
    assert run(made)[0].tolist() != run(made)[0].tolist()


def test_what_a_sampler_learned_belongs_to_the_session():
    made = tf.nn.learned_unigram_candidate_sampler([[0, 0]], 2, 2, False, 4, seed=1)[1]
    first, second = (run(made, times=3) for _ in range(2))
    # Class 0 has the weight 1, 3 and 5 of 4, 6 and 8 in all; two are sampled.
    np.testing.assert_allclose([each[0, 0] for each in first], [0.5, 1.0, 1.25])
    np.testing.assert_allclose([each[0, 0] for each in second], [0.5, 1.0, 1.25])


def test_a_learning_sampler_names_a_class_that_there_is_not():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"4, which is not in \[0, 4\)"):
        run(tf.nn.learned_unigram_candidate_sampler([[4]], 1, 2, False, 4))


def test_losses_over_all_classes_are_the_whole_losses():
    random = np.random.RandomState(3)
    weights, inputs = (random.randn(size, 3).astype(np.float32) for size in (5, 2))
    labels = np.array([[1], [4]])
    everything = tf.nn.all_candidate_sampler(labels, 1, 5, True)
    loss = tf.nn.sampled_softmax_loss(weights, tf.zeros([5]), tf.constant(labels), tf.constant(inputs), 5, 5, sampled_values=everything)
    scores = inputs @ weights.T
    expected = np.log(np.exp(scores).sum(axis=1)) - scores[[0, 1], labels[:, 0]]
    np.testing.assert_allclose(run(loss)[0], expected, rtol=1e-5)
