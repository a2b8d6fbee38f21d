"""Whether a run ends before its training."""

from trainer.settings.setting import Group, setting


class DryRunSettings(Group, heading="dry run"):
    """Whether a run ends before its training."""

    dry_run: bool = setting(
        False,
        "Load and prepare the graph, print on standard output what would be learned from it and how much memory that needs, "
        "and end: nothing is trained, stored or sent, and no place for artifacts is needed.",
        "true or false",
    )
