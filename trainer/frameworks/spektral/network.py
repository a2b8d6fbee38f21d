"""A model of Spektral's layers: built from its plain form, its weights as torch tensors by name."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from trainer.frameworks.spektral.dropout import Dropout, Dropouts
from trainer.frameworks.spektral.graph import GraphTensors
from trainer.frameworks.spektral.library import keras, layers, tf
from trainer.models.keras_layers import Layer


class Network:
    """A Keras model over the features and the sparse matrix of a graph."""

    def __init__(self, plain: Sequence[Layer], in_channels: int, seed: int) -> None:
        """Fresh weights, and dropouts, out of the seed.

        Args:
            plain: the layers, see `trainer.models.keras_layers`.
            in_channels: width of the features.
            seed: the setting SEED.
        """
        self.dropouts = Dropouts(seed)
        self._model = _build(plain, in_channels, self.dropouts)
        self.variables: list[tf.Variable] = self._model.trainable_variables
        self.names = list(_names(self._model.layers))
        for number, (name, variable) in enumerate(zip(self.names, self.variables, strict=True)):
            variable.assign(_fresh(name, variable.shape, (seed, number)))

    def on(self, graph: GraphTensors, *, training: bool) -> Callable[[], tf.Tensor]:
        """The outputs for a graph, float32 [vertices, outputs], each time anew; compiled at the first call.

        Nothing is differentiated by the graph itself: TensorFlow would do it for every edge.
        """
        x = tf.stop_gradient(graph.x)
        indices, shape = graph.a.indices, graph.a.dense_shape

        def forward() -> tf.Tensor:
            a = tf.SparseTensor(indices, tf.stop_gradient(graph.a.values), shape)
            return self._model([tf.stop_gradient(x), a], training=training)

        compiled: Callable[[], tf.Tensor] = tf.function(forward)
        return compiled

    def weights(self) -> dict[str, Tensor]:
        """A copy of the weights by name."""
        return tensors(self.names, self.variables)

    def load(self, weights: Mapping[str, Tensor]) -> None:
        """Take weights of these names and shapes."""
        assign(self.variables, self.names, weights)

    def weights_file(self) -> bytes:
        """The weights as Keras writes and loads them: the content of a `.weights.h5`."""
        with tempfile.TemporaryDirectory(prefix="gnn-trainer-") as folder:
            path = Path(folder) / "model.weights.h5"
            self._model.save_weights(path)
            return path.read_bytes()


def copied(value: tf.Tensor | tf.Variable) -> Tensor:
    """The same as a tensor of torch that is nobody else's."""
    return torch.from_numpy(value.numpy().copy())


def tensors(names: Sequence[str], variables: Sequence[tf.Variable]) -> dict[str, Tensor]:
    """A copy of variables as tensors by name."""
    return {name: copied(each) for name, each in zip(names, variables, strict=True)}


def assign(variables: Sequence[tf.Variable], names: Sequence[str], values: Mapping[str, Tensor]) -> None:
    """Give variables the values of their names."""
    for name, variable in zip(names, variables, strict=True):
        variable.assign(values[name].numpy())


def _build(plain: Sequence[Layer], in_channels: int, dropouts: Dropouts) -> keras.Model:
    x = keras.Input((in_channels,))
    a = keras.Input((None,), sparse=True)
    vectors = x
    for name, args in plain:
        if name == "Dropout":
            vectors = Dropout(dropouts, **args)(vectors)
        elif name == "Dense":
            vectors = keras.layers.Dense(**args, kernel_initializer="zeros")(vectors)
        else:
            attention = {"attn_kernel_initializer": "zeros"} if name == "GATConv" else {}
            conv = getattr(layers, name)(**args, **attention, kernel_initializer="zeros")
            vectors = conv([vectors, a])
            if attention:  # of the coefficients
                conv.dropout = Dropout(dropouts, args["dropout_rate"])
    return keras.Model([x, a], vectors)


def _names(of: Sequence[keras.layers.Layer]) -> Iterator[str]:
    """`layer/weight` for each weight in order; the second `kernel` of a layer with several is `kernel_1`."""
    for layer in of:
        seen: dict[str, int] = {}
        for variable in layer.trainable_variables:
            name = variable.name.rpartition("/")[2].partition(":")[0]
            count = seen[name] = seen.get(name, -1) + 1
            yield f"{layer.name}/{name}_{count}" if count else f"{layer.name}/{name}"


def _fresh(name: str, shape: tf.TensorShape, seed: tuple[int, int]) -> tf.Tensor:
    """Zeros for a bias, else Glorot and Bengio 2010: what the layers themselves begin with.

    Theirs cannot be repeated: their initialisers have no seeds, and one with a seed gives equal weights of equal shape.
    """
    if "bias" in name:
        return tf.zeros(shape)
    (drawn,) = np.random.SeedSequence(seed).generate_state(1).tolist()
    return keras.initializers.GlorotUniform(seed=drawn)(shape)
