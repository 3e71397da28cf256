"""``tf.contrib``: the embedding projector of ``tf.contrib.tensorboard``; what else TensorFlow has there is not built."""

from importlib import import_module

_HERE = ("tensorboard",)


def __getattr__(name):
    if name in _HERE:
        return import_module(f"graphcore.contrib.{name}")
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    raise AttributeError(f"tf.contrib.{name} is not built; of tf.contrib there is {', '.join(_HERE)}")


def __dir__():
    return sorted({*globals(), *_HERE})
