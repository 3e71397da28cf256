"""``tf.contrib.tensorboard.plugins.projector``: points for TensorBoard's embedding projector."""

import os

from graphcore.core.files import tf_errors

_CONFIG_FILE = "projector_config.pbtxt"
_MESSAGES = ("EmbeddingInfo", "ProjectorConfig", "SpriteMetadata")


def __getattr__(name):
    if name in _MESSAGES:
        from tensorboard.plugins.projector import projector_config_pb2

        return getattr(projector_config_pb2, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_MESSAGES})


def visualize_embeddings(summary_writer, config):
    """Write ``config`` where TensorBoard looks for it: into the directory of a `FileWriter`.

    Each embedding names a file of its points, ``tensor_path``, relative to that directory: a line a point, numbers between tabs.
    ``metadata_path`` is a file of labels, a line each; ``sprite`` a picture with one for each point.

    Args:
      summary_writer: a `tf.summary.FileWriter`.
      config: a `ProjectorConfig`.

    Raises:
      ValueError: the writer has no directory.
      NotImplementedError: an embedding has no ``tensor_path``: its points would be in a checkpoint, and those are not built yet.

    >>> import os, tempfile
    >>> import graphcore as tf
    >>> import numpy as np
    >>> from graphcore.contrib.tensorboard.plugins import projector
    >>> logdir = tempfile.mkdtemp()
    >>> with tf.Session() as session:
    ...     np.savetxt(os.path.join(logdir, "words.tsv"), session.run(tf.eye(3)), delimiter="\\t")
    >>> config = projector.ProjectorConfig()
    >>> embedding = config.embeddings.add(tensor_name="words", tensor_path="words.tsv")
    >>> projector.visualize_embeddings(tf.summary.FileWriter(logdir), config)
    >>> sorted(os.listdir(logdir))
    ['projector_config.pbtxt', 'words.tsv']
    """
    from google.protobuf import text_format

    logdir = summary_writer.get_logdir()
    if logdir is None:
        raise ValueError("Summary writer must have a logdir")
    for embedding in config.embeddings:
        if not embedding.tensor_path:
            raise NotImplementedError(
                f"projector: the points of {embedding.tensor_name!r} would be read from a checkpoint, which is not built yet. Write them "
                "into the writer's directory with numpy.savetxt(path, session.run(variable), delimiter='\\t'), and give its name as "
                "the embedding's tensor_path")
    path = os.path.join(logdir, _CONFIG_FILE)
    with tf_errors(path), open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text_format.MessageToString(config))


__all__ = ["visualize_embeddings"]
