"""TensorFlow and Spektral, imported in the one way that works and says nothing; all others import them from here.

Spektral's layers are those of Keras 2, which TensorFlow loads only if it is told before its import. Without the other
variables the import writes lines of its own to standard error, and sums change their order with the kind of CPU.
"""

from __future__ import annotations

import os

os.environ |= {"TF_USE_LEGACY_KERAS": "1", "TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL": "3"}

import tensorflow as tf
import tf_keras as keras
from spektral import layers

tf.config.set_visible_devices([], "GPU")  # a build for GPUs would take one unasked
tf.config.experimental.enable_op_determinism()

__all__ = ["keras", "layers", "tf"]
