"""Dropout whose random numbers follow from SEED and the epoch alone: a training that is resumed has no state of them to keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trainer.frameworks.spektral.library import keras, tf

_MAX = 1024
"""More than a model has: two for each of 100 layers."""


class Dropouts:
    """What the dropouts of a model share."""

    def __init__(self, seed: int) -> None:
        """No epoch has begun."""
        self._seed, self._number = seed, 0
        self._state = tf.Variable([seed, 0], dtype=tf.int64, trainable=False)

    def begin(self, epoch: int) -> None:
        """Draw the numbers of an epoch from now on."""
        self._state.assign([self._seed, epoch * _MAX])

    def next_number(self) -> int:
        """A number for one more dropout."""
        self._number += 1
        assert self._number < _MAX
        return self._number

    def seed_of(self, number: int) -> tf.Tensor:
        """Two numbers that no other dropout has, and no other epoch."""
        return self._state + tf.constant([0, number], dtype=tf.int64)


class Dropout(keras.layers.Dropout):  # type: ignore[misc]
    """Keras's dropout with other random numbers."""

    def __init__(self, dropouts: Dropouts, rate: float, **args: Any) -> None:
        """Of the dropouts of a model."""
        super().__init__(rate, **args)
        number = dropouts.next_number()
        # As a function: Keras would take the variable for a weight.
        self._seed: Callable[[], tf.Tensor] = lambda: dropouts.seed_of(number)

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Drop some in training, and scale the others up."""
        if not training or not self.rate:
            return inputs
        return tf.nn.experimental.stateless_dropout(inputs, self.rate, seed=self._seed(), rng_alg="philox")
