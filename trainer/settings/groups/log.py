"""What the log shows, and the language of events."""

from typing import Annotated, Literal

from trainer.settings.setting import Group, setting
from trainer.settings.values import choice


class LogSettings(Group, heading="local"):
    """What the log shows, and the language of events."""

    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], choice("DEBUG", "INFO", "WARNING", "ERROR")] = (
        setting("INFO", "Lowest level of log lines to show.", "DEBUG, INFO, WARNING or ERROR")
    )
    log_format: Annotated[str, choice("auto", "json", "text")] = setting(
        "auto", "`auto` draws a progress bar on a terminal and writes JSON lines elsewhere.", "auto, json or text"
    )
    message_lang: Annotated[str, choice("ru", "en")] = setting("ru", "Language of the `message` in events.", "ru or en")
