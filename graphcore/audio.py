"""``tf.audio``: WAV files read and written."""

# ruff: noqa: F401
from graphcore.ops.audio import decode_wav, encode_wav
