"""What each path of the HTTP API answers, one module per part of the API."""

from .table import Route, find

__all__ = ["Route", "find"]
