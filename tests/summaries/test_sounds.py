"""Sounds in summaries, read back with Python's `wave`. TF's own bytes are in tests/oracle."""

import io
import wave

import numpy as np
import pytest

import graphcore as tf
from graphcore.ops.kernels.wave_files import encoded
from graphcore.summaries.media import AudioSummaryV2
from graphcore.summaries.sounds import audio_summary


def test_wave_reads_what_was_written():
    sound = np.random.default_rng(2).uniform(-1, 1, (50, 2)).astype(np.float32)
    with wave.open(io.BytesIO(encoded(sound, 44100.0))) as file:
        assert file.getparams()[:4] == (2, 2, 44100, 50)
        frames = np.frombuffer(file.readframes(50), "<i2").reshape(50, 2)
    np.testing.assert_allclose(frames / 2.0 ** 15, sound, atol=2.0 ** -16)


def test_what_is_too_loud_is_cut_off():
    with wave.open(io.BytesIO(encoded(np.array([[3.0], [-3.0], [np.nan], [-np.inf]], np.float32), 8000.0))) as file:
        assert np.frombuffer(file.readframes(4), "<i2").tolist() == [32767, -32768, 0, -32768]


def test_one_channel_needs_no_axis():
    sounds = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)
    assert audio_summary(b"a", sounds, 8.0, 3) == audio_summary(b"a", sounds[:, :, None], 8.0, 3)


def test_bytes_a_second_wrap_around():
    assert encoded(np.zeros((1, 65535), np.float32), 40000.0)[28:34] == (40000 * 65535 * 2 % 2 ** 32).to_bytes(4, "little") + b"\xfe\xff"


@pytest.mark.parametrize(("tag", "rate", "text"), [(["a", "b"], 1.0, r"Tag must be a scalar: sound got a tag of shape \[2\]"),
                                                   ("a", [1.0, 2.0], r"sample_rate must be a scalar, got shape \[2\]"),
                                                   ("a", float("nan"), "sample_rate must be > 0")])
def test_refused(tag, rate, text):
    summary = AudioSummaryV2.build(tag, tf.zeros([1, 2]), rate, name="sound")
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match=text):
        session.run(summary)
