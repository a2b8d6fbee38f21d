"""Which texts of the settings must not be said by this process."""

from __future__ import annotations

from trainer.process.proxies import proxy_logins
from trainer.process.secrets import keep_secret
from trainer.settings.composition import Composition


def keep_secrets_of(settings: Composition) -> None:
    """Keep secrets out of the log, of sentences and of events: those of the settings and in the addresses of proxies."""
    secrets, logins = settings.secrets(), proxy_logins()
    flat = settings.flat()
    users = [flat[name] for name in flat if name.endswith("_user") and flat[name]]
    users += [secrets["minio_access_key"], *(user for user, _ in logins)]
    keep_secret([*secrets.values(), *(password for _, password in logins)], users)
