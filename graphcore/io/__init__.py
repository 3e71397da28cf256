"""``tf.io``: files, and files of records."""

from graphcore.io import gfile
from graphcore.summaries.record_files import TFRecordCompressionType, TFRecordOptions, TFRecordWriter, tf_record_iterator
