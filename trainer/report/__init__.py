"""The record of a run as a page for people."""

from trainer.report.page import render

__all__ = ["render"]
