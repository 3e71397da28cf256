"""``tf.strings``: text under its TF 1.15 names."""

# ruff: noqa: F401
from graphcore.ops.regular_expressions import regex_full_match, regex_replace
from graphcore.ops.string_hashing import string_to_hash_bucket as to_hash_bucket
from graphcore.ops.string_hashing import string_to_hash_bucket_fast as to_hash_bucket_fast
from graphcore.ops.string_hashing import string_to_hash_bucket_strong as to_hash_bucket_strong
from graphcore.ops.string_joining import reduce_join, unsorted_segment_join
from graphcore.ops.string_joining import string_format as format
from graphcore.ops.string_joining import string_join as join
from graphcore.ops.string_splitting import bytes_split, split
from graphcore.ops.strings import as_string, length, lower, substr, upper
from graphcore.ops.strings import string_strip as strip
from graphcore.ops.strings import string_to_number as to_number
from graphcore.ops.transcoding import unicode_transcode
