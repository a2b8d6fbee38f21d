"""The settings of `python -m trainer.predict`: the groups of a run that it needs, and those of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from trainer.settings.addresses import is_address, is_host
from trainer.settings.checks import check_graph
from trainer.settings.composition import Composition
from trainer.settings.definition import Settings
from trainer.settings.form_checks import names_a_file
from trainer.settings.groups.arango import ArangoSettings
from trainer.settings.groups.graph import GraphSettings
from trainer.settings.groups.log import LogSettings
from trainer.settings.groups.predictions import PredictionTableSettings
from trainer.settings.groups.s3 import S3Settings
from trainer.settings.groups.training import Device
from trainer.settings.page import help_text
from trainer.settings.plain_text import warning_of, way_to_arango, way_to_store
from trainer.settings.problem import Problem
from trainer.settings.secret_files import rows_of_files
from trainer.settings.service_checks import check_arango, check_s3_access
from trainer.settings.setting import Group, setting
from trainer.settings.sources import read_settings
from trainer.settings.values import JoinedNames

_USAGE = """\
usage: python -m trainer.predict --model MODEL --graph_name NAME [--<setting> VALUE ...]

Writes predictions.csv.gz of a trained model for any graph that has the attributes it learned from.
Every setting is a flag, an environment variable of the same name in upper case, or a line of a .env file.
"""

_LONGEST_NAME = 240
"""Bytes: many stores keep a part of a key as the name of a file, for which `.metrics.json` is added."""


class TrainedModelSettings(Group, heading="prediction"):
    """The model, and how it computes."""

    model: str = setting(
        "",
        "The model file of a run, `s3://bucket/key` for one in the S3 store.",
        "the path of a .pt file, or s3://bucket/key",
        shown_default="required",
    )
    batch_size: int = setting(
        0,
        "If above 0, the graph is processed in pieces, for graphs that do not fit into memory; the result is the same.",
        "a whole number of at least 0",
        shown_default="that of the training",
        ge=0,
    )
    device: Device = setting(
        "auto", "Device to compute on; `auto` uses a GPU if there is one.", "auto, cpu or cuda:<number>"
    )

    @property
    def is_in_s3(self) -> bool:
        """Whether the model is in the S3 store."""
        return self.model.startswith("s3://")


class PredictedGraphSettings(GraphSettings, heading="prediction", listed_after="model"):
    """The graph to predict for."""

    graph_name: JoinedNames = setting(
        "",
        "The named graph to predict for, or several by comma; in a folder without named graphs, its edge collection.",
        "the name of a graph",
        shown_default="required; a folder with one graph needs none",
        aliases=("GRAPH_COLLECTION_NAME",),
        several=True,
    )


class ModelStoreSettings(S3Settings, heading="S3"):
    """The S3-compatible store of the model."""

    minio_endpoint: str | None = setting(
        None, "S3-compatible store of a model at s3://.", "host:port, or with http:// or https://"
    )


class OutputSettings(Group, heading="local"):
    """The file to write."""

    output_path: str | None = setting(
        None,
        "The file to write.",
        "the path of a .csv.gz file",
        shown_default="required, but for a model in S3: s3://<bucket>/<queue_id>/predictions/<graph_name>.csv.gz",
    )


class PredictionSettings(Composition):
    """The checked settings of one prediction."""

    not_read = frozenset({"write_graph_metadata", "minio_bucket", "message_lang"})
    known_elsewhere = Settings.known_elsewhere | {
        *(name for row in Settings.definitions().values() for name in (row.variable, *row.aliases)),
        *(row.variable for row in rows_of_files(Settings.definitions().values())),
    }

    prediction: TrainedModelSettings
    graph: PredictedGraphSettings
    arango: ArangoSettings
    s3: ModelStoreSettings
    output: OutputSettings
    predictions: PredictionTableSettings
    log: LogSettings


def load_prediction_settings(
    flags: Sequence[str],
    environ: Mapping[str, str],
    env_file: Path = Path(".env"),
    only_graph: Callable[[str], str] = lambda graph_path: "",
) -> PredictionSettings:
    """Read and check the settings of a prediction; see `load_settings`.

    Raises:
        SettingsError: with every problem, not only the first.
    """
    settings = read_settings(PredictionSettings, _problems, flags, environ, env_file)
    ways = [] if settings.graph.graph_path else way_to_arango(settings.arango)
    ways += way_to_store(settings.s3) if settings.prediction.is_in_s3 else []
    settings = settings.with_doubts([*settings.doubts, *warning_of(ways)])
    return settings.model_copy(update={"graph": settings.graph.named(only_graph)})


def flaw_of_key(graph_name: str) -> str | None:
    """Why a graph's name cannot name the key of its table, which must not lead out of the run that the model is of."""
    elsewhere = "set OUTPUT_PATH to write a file instead"
    if graph_name and not names_a_file(graph_name):
        return f"should be a printable text that can name a key in the S3 store; {elsewhere}"
    if len(graph_name.encode()) > _LONGEST_NAME:
        return f"should have at most {_LONGEST_NAME} bytes to name a key in the S3 store; {elsewhere}"
    return None


def prediction_help() -> str:
    """What `python -m trainer.predict --help` prints."""
    return help_text(_USAGE, PredictionSettings)


def _problems(settings: PredictionSettings, known_bad: set[str]) -> list[Problem]:
    graph, arango = settings.graph, settings.arango
    problems = [*_model(settings), *check_graph(graph, arango), *check_arango(graph, arango), *_output(settings)]
    return [problem for problem in problems if not known_bad & {problem.name, *problem.also}]


def _model(settings: PredictionSettings) -> Iterator[Problem]:
    model, is_in_s3 = settings.prediction.model, settings.prediction.is_in_s3
    bucket, _, key = model.removeprefix("s3://").partition("/")
    if not model:
        yield Problem("model", None, "is not set: name the model file to use")
    elif is_in_s3 and not (is_host(bucket) and key):
        yield Problem(
            "model", None, "should be s3://bucket/key; the store and the keys to it have settings of their own"
        )
    elif is_in_s3 and not settings.s3.minio_endpoint:
        yield Problem("minio_endpoint", None, "is not set, and MODEL is in an S3 store")
    elif is_in_s3:
        yield from check_s3_access(settings.s3)
    elif not is_in_s3 and is_address(model):
        yield Problem("model", None, "should be the path of a .pt file, or s3://bucket/key for one in the S3 store")
    elif not os.path.isfile(model):  # noqa: PTH113 - no error for an endless name
        yield Problem("model", model, "should be the path of a .pt file, and there is none")


def _output(settings: PredictionSettings) -> Iterator[Problem]:
    path = settings.output.output_path
    if path is None and not settings.prediction.is_in_s3:
        yield Problem("output_path", None, "is not set: name the file to write, such as out/predictions.csv.gz")
    elif path is not None and is_address(path):
        yield Problem("output_path", None, "should be the path of a .csv.gz file and holds an address")
    elif path is None:
        flaw = flaw_of_key(settings.graph.graph_name)
        if flaw is not None:
            yield Problem("graph_name", settings.graph.graph_name, flaw)
    elif not path.endswith(".csv.gz") or os.path.isdir(path):  # noqa: PTH112 - as above
        yield Problem("output_path", path, "should be the path of a .csv.gz file, such as out/predictions.csv.gz")
