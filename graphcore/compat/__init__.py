"""``tf.compat``: bytes and text, and ``tf.compat.v1``, which is graphcore itself (``import graphcore.compat.v1 as tf`` as well)."""

import sys

import graphcore as v1
from graphcore.core.dimension import dimension_value
from graphcore.core.shapes import dimension_at_index
from graphcore.core.text import (
    as_bytes,
    as_str,
    as_str_any,
    as_text,
    bytes_or_text_types,
    complex_types,
    integral_types,
    path_to_str,
    real_types,
)

# For `import graphcore.compat.v1`: there is no such file.
sys.modules[__name__ + ".v1"] = v1
