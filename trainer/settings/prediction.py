"""The settings of `python -m trainer.predict`: those of a run that apply, and the model to use."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from trainer.settings.checks import check_graph
from trainer.settings.definition import Settings
from trainer.settings.learning_settings import Device
from trainer.settings.page import help_text
from trainer.settings.problem import Problem
from trainer.settings.service_checks import check_arango, check_s3_access
from trainer.settings.setting import setting
from trainer.settings.sources import read_settings
from trainer.settings.values import JoinedNames

_USAGE = """\
usage: python -m trainer.predict --model MODEL --graph_name NAME [--<setting> VALUE ...]

Writes predictions.csv.gz of a trained model for any graph that has the attributes it learned from.
Every setting is a flag, an environment variable of the same name in upper case, or a line of a .env file.
"""
_APPLYING = (
    *("model", "graph_name", "graph_path", "batch_size", "device"),
    *("arango_url", "arango_db", "arango_user", "arango_password", "arango_ca_path"),
    *("minio_endpoint", "minio_access_key", "minio_secret_key", "minio_secure", "minio_region"),
    *("output_path", "log_level", "log_format"),
)


class PredictionSettings(Settings):
    """The checked settings of one prediction."""

    model: str = setting(
        "",
        "prediction",
        "The model file of a run, `s3://bucket/key` for one in the S3 store.",
        "the path of a .pt file, or s3://bucket/key",
        shown_default="required",
    )
    graph_name: JoinedNames = setting(
        "",
        "prediction",
        "The named graph to predict for, or several by comma; in a folder without named graphs, its edge collection.",
        "the name of a graph",
        shown_default="required",
        aliases=("GRAPH_COLLECTION_NAME",),
        several=True,
    )
    graph_path: str | None = setting(
        None, "prediction", "A folder written by `arangodump` to read the graph from.", "a folder"
    )
    batch_size: int = setting(
        0,
        "prediction",
        "Above 0 goes through the graph piece by piece, for one that memory cannot hold at once; the result is the same.",
        "a whole number of at least 0",
        shown_default="that of the training",
        ge=0,
    )
    device: Device = setting(
        "auto", "prediction", "Where to compute; `auto` takes a GPU when there is one.", "auto, cpu or cuda:<number>"
    )
    minio_endpoint: str | None = setting(
        None, "S3", "S3-compatible store of a model at s3://.", "host:port, or with http:// or https://"
    )
    output_path: str | None = setting(
        None,
        "local",
        "The file to write.",
        "the path of a .csv.gz file",
        shown_default="required, but for a model in S3: s3://<bucket>/<queue_id>/predictions/<graph_name>.csv.gz",
    )

    @property
    def is_in_s3(self) -> bool:
        """Whether the model is in the S3 store."""
        return self.model.startswith("s3://")


def load_prediction_settings(
    flags: Sequence[str], environ: Mapping[str, str], env_file: Path = Path(".env")
) -> PredictionSettings:
    """Read and check the settings of a prediction; see `load_settings`.

    Raises:
        SettingsError: with every problem that was found, not only the first.
    """
    return read_settings(PredictionSettings, _APPLYING, _problems, flags, environ, env_file)


def prediction_help() -> str:
    """What `python -m trainer.predict --help` prints."""
    return help_text(_USAGE, PredictionSettings, _APPLYING)


def _problems(settings: PredictionSettings, known_bad: set[str]) -> list[Problem]:
    found = [*_model(settings), *check_graph(settings), *check_arango(settings), *_output(settings)]
    return [problem for problem in found if not known_bad & {problem.name, *problem.also}]


def _model(settings: PredictionSettings) -> Iterator[Problem]:
    bucket, _, key = settings.model.removeprefix("s3://").partition("/")
    if not settings.model:
        yield Problem("MODEL", None, "is not set: name the model file to use")
    elif settings.is_in_s3 and not (bucket and key):
        yield Problem("MODEL", settings.model, "should be s3://bucket/key")
    elif settings.is_in_s3 and not settings.minio_endpoint:
        yield Problem("minio_endpoint", None, "is not set, and MODEL is in an S3 store")
    elif settings.is_in_s3:
        yield from check_s3_access(settings)
    elif not os.path.isfile(settings.model):  # noqa: PTH113 - no error for an endless name
        yield Problem("MODEL", settings.model, "should be the path of a .pt file, and there is none")


def _output(settings: PredictionSettings) -> Iterator[Problem]:
    path = settings.output_path
    if path is None and not settings.is_in_s3:
        yield Problem("output_path", None, "is not set: name the file to write, such as out/predictions.csv.gz")
    elif path is not None and (not path.endswith(".csv.gz") or os.path.isdir(path)):  # noqa: PTH112 - as above
        yield Problem("output_path", path, "should be the path of a .csv.gz file, such as out/predictions.csv.gz")
