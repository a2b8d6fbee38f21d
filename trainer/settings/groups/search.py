"""What happens in place of one training."""

from trainer.settings.setting import Group, setting


class SearchSettings(Group, heading="search"):
    """What happens in place of one training."""

    dry_run: bool = setting(
        False,
        "Load and prepare the graph, print what would be learned and how large it is, and end: nothing is trained, stored or sent.",
        "true or false",
    )
