"""The content of metrics.json as a page for people."""

from trainer.artifacts.report.page import render

__all__ = ["render"]
