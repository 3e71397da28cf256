"""The recorded bytes of TF 1.15's summaries and tensors."""

import json
from pathlib import Path

import ml_dtypes
import numpy as np

PATH = Path(__file__).parents[1] / "oracle" / "golden" / "summaries_bytes.json"


def answers(subject):
    """Return what is recorded under `subject`, a list of dicts."""
    return json.loads(PATH.read_text(encoding="utf-8"))[subject]


def array(recorded):
    """Return a recorded array; strings as an object array of bytes."""
    if recorded["dtype"] == "string":
        result = np.empty(len(recorded["values"]), object)
        result[:] = [each.encode("utf-8" if ord(max(each, default="a")) > 255 else "latin-1") for each in recorded["values"]]
        return result.reshape(recorded["shape"])
    dtype = ml_dtypes.bfloat16 if recorded["dtype"] == "bfloat16" else np.dtype(recorded["dtype"])
    return np.frombuffer(bytes.fromhex(recorded["hex"]), dtype).reshape(recorded["shape"]).copy()
