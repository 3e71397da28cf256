"""``tf.python_io``: files of records."""

# ruff: noqa: F401
from graphcore.summaries.record_files import TFRecordCompressionType, TFRecordOptions, TFRecordWriter, tf_record_iterator
