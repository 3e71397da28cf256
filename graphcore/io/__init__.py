"""``tf.io``: files, and files of records."""

from graphcore.io import gfile
from graphcore.ops.example_features import (
    FixedLenFeature,
    FixedLenSequenceFeature,
    SparseFeature,
    VarLenFeature,
    parse_example,
    parse_single_example,
)
from graphcore.ops.image_codecs import (
    decode_and_crop_jpeg,
    decode_bmp,
    decode_gif,
    decode_jpeg,
    decode_png,
    encode_jpeg,
    extract_jpeg_shape,
)
from graphcore.ops.image_decoding import decode_image, is_jpeg
from graphcore.ops.parsing import decode_csv, decode_raw
from graphcore.ops.strings import decode_base64, encode_base64
from graphcore.summaries.record_files import TFRecordCompressionType, TFRecordOptions, TFRecordWriter, tf_record_iterator
