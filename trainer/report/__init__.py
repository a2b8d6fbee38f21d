"""The content of metrics.json as a page for people."""

from trainer.report.page import render

__all__ = ["render"]
