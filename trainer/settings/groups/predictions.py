"""The form of the table of predictions."""

from trainer.settings.setting import Group, setting


class PredictionTableSettings(Group, heading="local"):
    """The form of the table of predictions."""

    spreadsheet_safe: bool = setting(
        False,
        "Put an apostrophe before each text in `predictions.csv.gz` that a spreadsheet would take for a formula, such as "
        "`=HYPERLINK(…)`; programs read the table as it is without it.",
        "true or false",
    )
