"""Settings are groups in code and one flat list for everybody else."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.conftest import make_settings
from trainer.settings.composition import Composition
from trainer.settings.definition import Settings
from trainer.settings.prediction import PredictionSettings


@pytest.mark.parametrize("composition", [Settings, PredictionSettings])
def test_a_name_is_in_one_group_only(composition: type[Composition]) -> None:
    """A flag cannot mean two settings, and none is lost between groups and page."""
    groups = [group.annotation for group in composition.model_fields.values()]
    names = [name for group in groups if group is not None for name in group.model_fields]
    assert sorted(names) == sorted([*composition.definitions(), *composition.not_read])


def test_an_unknown_name_is_refused() -> None:
    """A misspelt name is no setting of any group."""
    with pytest.raises(ValidationError, match="epoch\n"):
        make_settings(epoch=3)


def test_groups_are_frozen() -> None:
    """A room cannot change the settings of another."""
    with pytest.raises(ValidationError, match="frozen"):
        make_settings().training.epochs = 3  # type: ignore[misc]


def test_flat_values_have_the_order_of_the_page_and_no_secrets() -> None:
    """`metrics.json` lists every setting as the documentation does."""
    flat = make_settings(kafka_password="top-secret").flat()
    assert list(flat) == list(Settings.definitions())
    assert "top-secret" not in str(flat)


def test_what_is_learned_depends_on_neither_services_nor_checkpoints() -> None:
    """The same training on another machine is the same training."""
    learning = make_settings().learning()
    assert {"features", "seed", "split", "batch_size", "dropout"} <= learning.keys()
    assert not {"arango_url", "output_path", "resume", "checkpoint_every", "queue_id", "log_level"} & learning.keys()
