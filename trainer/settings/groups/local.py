"""The files that a run writes."""

from trainer.settings.setting import Group, setting


class LocalSettings(Group, heading="local"):
    """The files that a run writes."""

    output_path: str | None = setting(
        None, "The model file to write; metrics.json and report.html go beside it.", "the path of a .pt file"
    )
    save_predictions: bool = setting(False, "Write `predictions.csv.gz` beside the model, to S3 too.", "true or false")
