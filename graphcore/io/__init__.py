"""``tf.io``: files, and files of records."""

# ruff: noqa: F401
from graphcore.io import gfile
from graphcore.summaries.record_files import TFRecordCompressionType, TFRecordOptions, TFRecordWriter, tf_record_iterator
