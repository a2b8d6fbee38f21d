"""DGL, imported in the one way that writes nothing into the home; all others import it from here.

Its compiled library looks for an OpenMP library by name, and finds the one that torch has loaded: torch comes first, and
both compute on the same threads.
"""

from __future__ import annotations

import os

import torch  # noqa: F401

os.environ["DGLBACKEND"] = "pytorch"  # without it the import writes ~/.dgl/config.json, and says so on standard error

import dgl
from dgl import nn

__all__ = ["dgl", "nn"]
