"""`tf.contrib.tensorboard.plugins.projector`: the file it writes, and what it refuses; TensorBoard reads it in test_tensorboard.py."""

import pytest
from google.protobuf import text_format

import graphcore as tf
from graphcore.contrib.tensorboard.plugins import projector


def test_config_is_written_as_text(tmp_path):
    config = projector.ProjectorConfig(model_checkpoint_path="somewhere")
    config.embeddings.add(tensor_path="points.tsv", sprite=projector.SpriteMetadata(image_path="a.png", single_image_dim=[3, 4]))
    with tf.summary.FileWriter(str(tmp_path)) as writer:
        tf.contrib.tensorboard.plugins.projector.visualize_embeddings(writer, config)
    file, = tmp_path.iterdir()
    assert file.name == "projector_config.pbtxt"
    assert text_format.Parse(file.read_text(), projector.ProjectorConfig()) == config


def test_points_of_a_checkpoint_are_not_built(tmp_path):
    config = projector.ProjectorConfig(embeddings=[projector.EmbeddingInfo(tensor_name="words:0")])
    refused = pytest.raises(NotImplementedError, match="'words:0' .* checkpoint, .* not built yet")
    with tf.summary.FileWriter(str(tmp_path)) as writer, refused:
        projector.visualize_embeddings(writer, config)
    assert list(tmp_path.iterdir()) == []


def test_no_directory_and_no_such_name():
    class Nowhere:
        def get_logdir(self):
            return None

    with pytest.raises(ValueError, match="Summary writer must have a logdir"):
        projector.visualize_embeddings(Nowhere(), projector.ProjectorConfig())
    with pytest.raises(AttributeError, match="tf.contrib.layers is not built"):
        print(tf.contrib.layers)
    with pytest.raises(AttributeError, match="has no attribute 'Embedding'"):
        print(projector.Embedding)
