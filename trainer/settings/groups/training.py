"""Loss, optimiser, epochs and device."""

from typing import Annotated

from trainer.settings.setting import Group, setting
from trainer.settings.values import choice, matching

LOSSES_BY_TASK = {
    "binary": ("binary_crossentropy", "cross_entropy", "focal"),
    "multiclass": ("cross_entropy", "focal"),
    "regression": ("mse", "mae", "huber"),
}
LOSS_NAMES = ("binary_crossentropy", "cross_entropy", "mse", "mae", "huber", "focal")

LossName = Annotated[str, choice(*LOSS_NAMES, bce="binary_crossentropy", l1="mae")]
TaskName = Annotated[str, choice("auto", *LOSSES_BY_TASK)]
Device = Annotated[str, matching(r"auto|cpu|cuda(:\d+)?", "auto", "cpu", "cuda")]


class TrainingSettings(Group, heading="training"):
    """Loss, optimiser, epochs and device."""

    epochs: int = setting(10, "Number of passes over the training part.", "a whole number of at least 1", ge=1)
    loss_fn: LossName | None = setting(
        None,
        "The loss; `bce` and `l1` are short for binary_crossentropy and mae.",
        "one of " + ", ".join((*LOSS_NAMES, "bce", "l1")),
        shown_default="by task: binary_crossentropy, cross_entropy, mse",
    )
    task: TaskName = setting(
        "auto",
        "The type of task; `auto` infers it from the values of TARGET.",
        "auto, binary, multiclass or regression",
    )
    learning_rate: float = setting(0.01, "Step size of Adam.", "a number above 0, at most 1e30", gt=0, le=1e30)
    weight_decay: float = setting(0.0, "L2 penalty of Adam.", "a number from 0 to 1e30", ge=0, le=1e30)
    seed: int = setting(42, "Seed of all random numbers.", "a whole number from 0 to 4294967295", ge=0, le=2**32 - 1)
    class_weights: Annotated[str, choice("none", "balanced")] = setting(
        "none", "`balanced` weights each class by its inverse frequency in the training part.", "none or balanced"
    )
    patience: int = setting(
        0,
        "Stop after this many epochs without a lower validation loss; 0 turns this off.",
        "a whole number of at least 0",
        ge=0,
    )
    device: Device = setting(
        "auto", "Device to compute on; `auto` uses a GPU if there is one.", "auto, cpu, cuda or cuda:<number>"
    )
