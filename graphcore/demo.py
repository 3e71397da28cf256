"""The demonstration: a linear model learns Boston housing prices in a static graph."""
from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

import graphcore as tf
from graphcore.datasets import boston
from graphcore.datasets.prepare import standardize, train_test_split

EPOCHS, LEARNING_RATE = 1500, 0.001
PUBLISHED = (
    ("published with the tutorial, 2018 (*)", 32.59047699, 0.60608959),
    ("TensorFlow 1.15.5, today's data", 32.60248566, 0.60594440),
)


class Model(NamedTuple):
    """The nodes of the graph that training asks for."""

    x: tf.Tensor
    y: tf.Tensor
    loss: tf.Tensor
    r_squared: tf.Tensor
    train: tf.Operation
    train_summary: tf.Tensor
    test_summary: tf.Tensor


class History(NamedTuple):
    """One number for each epoch: the loss on the training part, MSE and R² on the test part."""

    loss: np.ndarray
    mse: np.ndarray
    r_squared: np.ndarray


def main(argv: list[str] | None = None) -> int:
    """Train, compare with the published figures, draw the curves, write event files."""
    arguments = parse(argv)
    arguments.logdir.mkdir(parents=True, exist_ok=True)
    train, test = data()
    with tf.Graph().as_default():
        history = learn(build(train[0].shape[1]), train, test, arguments.epochs, arguments.logdir)
    report(history)
    draw(history, arguments.logdir / "curves.png")
    print(f"\nSee the graph and the curves in TensorBoard:\n    {tensorboard_command(arguments.logdir)}")
    return 0


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="graphcore demo", description=__doc__)
    parser.add_argument("--logdir", type=directory, default=Path("demo_run"), help="where files are written (default: demo_run)")
    parser.add_argument("--epochs", type=positive, default=EPOCHS, help=f"passes over the data (default: {EPOCHS})")
    return parser.parse_args(argv)


def directory(text: str) -> Path:
    """Return the path ``text`` if it is a directory or may become one."""
    path = Path(text)
    if path.exists() and not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is a file, expected a directory")
    return path


def positive(text: str) -> int:
    """Return the whole number above zero that ``text`` spells."""
    number = int(text) if text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number above zero, got {text!r}")
    return number


def data() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return the training part and the test part, each as features and prices."""
    houses = boston.load()
    features = standardize(houses.data.astype(np.float32))
    prices = houses.target.astype(np.float32)[:, np.newaxis]
    x_train, x_test, y_train, y_test = train_test_split(features, prices, test_size=0.2, random_state=123)
    return (x_train, y_train), (x_test, y_test)


def build(inputs: int) -> Model:
    """Build the graph of a linear model with ``inputs`` features and one output."""
    x = tf.placeholder(tf.float32, [None, inputs], name="x")
    y = tf.placeholder(tf.float32, [None, 1], name="y")
    w = tf.Variable(tf.zeros([inputs, 1]), name="w")
    b = tf.Variable(tf.zeros([1]), name="b")
    with tf.name_scope("model"):
        prediction = tf.matmul(x, w) + b
    with tf.name_scope("mse"):
        loss = tf.reduce_mean(tf.square(prediction - y))
    with tf.name_scope("r_squared"):
        total = tf.reduce_sum(tf.square(y - tf.reduce_mean(y)))
        r_squared = 1 - tf.div(tf.reduce_sum(tf.square(y - prediction)), total)
    train = tf.train.GradientDescentOptimizer(LEARNING_RATE).minimize(loss)
    train_summary = tf.summary.scalar("loss_on_training_part", loss)
    test_summary = tf.summary.merge([tf.summary.scalar("mse_on_test_part", loss),
                                     tf.summary.scalar("r_squared_on_test_part", r_squared)])
    return Model(x, y, loss, r_squared, train, train_summary, test_summary)


def learn(model: Model, train, test, epochs: int, logdir: Path) -> History:
    """Run ``epochs`` training steps and write graph and scalars to ``logdir``."""
    history = History(*(np.empty(epochs, np.float32) for _ in range(3)))
    on_train, on_test = ({model.x: x, model.y: y} for x, y in (train, test))
    with tf.Session() as session, tf.summary.FileWriter(str(logdir), session.graph) as writer:
        session.run(tf.global_variables_initializer())
        for epoch in progress(epochs):
            history.loss[epoch], _, summary = session.run([model.loss, model.train, model.train_summary], on_train)
            writer.add_summary(summary, epoch)
            history.mse[epoch], history.r_squared[epoch], summary = session.run(
                [model.loss, model.r_squared, model.test_summary], on_test)
            writer.add_summary(summary, epoch)
    return history


def progress(epochs: int):
    """Return the numbers of the epochs, showing on the screen how far they have come."""
    try:
        from tqdm import tqdm
    except ImportError:
        return plain_progress(epochs)
    return tqdm(range(epochs), desc="training", unit="epoch")


def plain_progress(epochs: int, width: int = 40):
    """Yield the numbers of the epochs behind a bar of plain characters."""
    shown = -1
    for epoch in range(epochs):
        yield epoch
        filled = (epoch + 1) * width // epochs
        if filled != shown:
            shown = filled
            print(f"\rtraining [{'#' * filled:<{width}}] {epoch + 1}/{epochs}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def report(history: History) -> None:
    """Print the figures obtained under those that were published."""
    rows = [*PUBLISHED, ("obtained here", history.mse[-1], history.r_squared[-1])]
    print(f"\nBoston housing, linear model, learning rate {LEARNING_RATE}, {len(history.mse)} epochs; on the test part:\n")
    print(f"  {'':40}{'MSE':>14}{'R2':>14}")
    for name, mse, r_squared in rows:
        print(f"  {name:40}{mse:14.8f}{r_squared:14.8f}")
    if len(history.mse) == EPOCHS:
        print(f"\n  relative difference to TensorFlow 1.15.5: {abs(history.mse[-1] / PUBLISHED[1][1] - 1):.1e}")
    else:
        print(f"\n  The published figures are those after {EPOCHS} epochs.")
    print("  (*) on the data as scikit-learn shipped it then, with one wrong value")


def draw(history: History, path: Path) -> None:
    """Save loss and R² as a picture, if matplotlib is there."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        print(f"\nNo plot: {path.name} is drawn with matplotlib (pip install matplotlib)")
        return
    figure = Figure(figsize=(12, 5), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(history.loss, label="loss on the training part")
    left.plot(history.mse, label="MSE on the test part")
    left.set(title="Error", xlabel="epoch", ylabel="mean squared error", ylim=(0, None))
    left.legend()
    right.plot(history.r_squared, color="tab:green", label="R² on the test part")
    right.set(title="Share of variance explained", xlabel="epoch", ylabel="R²", ylim=(min(-1, history.r_squared[-1]), 1))
    right.legend()
    figure.savefig(path)
    print(f"\nCurves drawn in {path}")


def tensorboard_command(logdir: Path) -> str:
    """Return the line that starts TensorBoard from where the demonstration was started."""
    beside = Path(sys.executable).with_name("tensorboard")
    program = next((path for path in (beside, beside.with_suffix(".exe")) if path.exists()), Path("tensorboard"))
    return f'{shorten(program)} --logdir "{logdir}"'


def shorten(path: Path) -> Path:
    """Return ``path`` as seen from the working directory, if it lies below."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path


if __name__ == "__main__":
    sys.exit(main())
