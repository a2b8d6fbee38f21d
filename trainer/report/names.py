"""What the parts, measures and baselines of a run are called in the report."""

from trainer.record import Part, Task

PARTS: dict[Part, str] = {"train": "Training", "val": "Validation", "test": "Test"}
COUNTS: dict[str, str] = {
    "train": "Training",
    "val": "Validation",
    "test": "Test",
    "embargo": "Embargo",
    "unlabelled": "No label",
    "unassigned": "In no part",
}
_CLASS_MEASURES = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "f1_macro": "F1, macro",
    "roc_auc": "ROC AUC",
    "average_precision": "Average precision",
    "loss": "Loss",
}
MEASURES: dict[Task, dict[str, str]] = {
    "binary": _CLASS_MEASURES,
    "multiclass": _CLASS_MEASURES,
    "regression": {"loss": "Loss", "mae": "MAE", "rmse": "RMSE", "r2": "R²"},
}
LOWER_IS_BETTER = {"loss", "mae", "rmse"}
