"""Which image a run has: the operator's or the start message's, and what may stand in a message.

Whoever chooses the image gets the Secret that all runs share. So the operator may say with which prefixes a message's image
may begin; what the operator gives by flags is not held to them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from trainer.queue.options import JobOptions
from trainer.registry.frameworks import FRAMEWORKS
from trainer.settings.groups.model import ModelSettings
from trainer.settings.shown import shown

_DEFAULT_FRAMEWORK = str(ModelSettings.model_fields["framework"].default)
_LONGEST = 255
_LAST_PORT = 65535

# The grammar of image references that kubelets read (the OCI distribution's), in parts.
_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9A-Fa-f:]+\])"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}"
_REFERENCE = re.compile(
    rf"(?P<name>(?:(?P<host>{_HOST})(?::(?P<port>[0-9]{{1,5}}))?/)?(?P<path>{_PART}(?:/{_PART})*))"
    rf"(?::{_TAG})?(?:@(?:{_DIGEST}))?"
)
_HEX_ID = re.compile(r"[0-9a-f]{64}")
_PREFIX = re.compile(r"[A-Za-z0-9\[][A-Za-z0-9._:/@\[\]-]*")
_RIGHT = "[registry[:port]/]name[:tag][@sha256:…] of at most 255 characters, the name in lower case, is needed"


def image_of(options: JobOptions, framework: str | None) -> str:
    """The image that the options choose for a message; nothing where they leave it to the message."""
    asked = (framework or _DEFAULT_FRAMEWORK).lower()
    return dict(_images(options)).get(asked, options.image)


def is_image(text: str) -> bool:
    """Whether a kubelet takes a text for the name of an image."""
    found = _REFERENCE.fullmatch(text) if len(text) <= _LONGEST + 300 else None
    if found is None or len(found["name"]) > _LONGEST or _HEX_ID.fullmatch(found["name"]):
        return False
    first, slash, _ = found["path"].partition("/")
    if found["host"] is None and slash and "." in first:
        return False  # a kubelet takes that for the name of a host, which it is not
    return found["port"] is None or 1 <= int(found["port"]) <= _LAST_PORT


def is_allowed(image: str, prefixes: tuple[str, ...]) -> bool:
    """Whether an image begins with one of the prefixes, up to a `/`, the `:` of a tag or the `@` of a digest."""
    return any(_begins_with(image, prefix) for prefix in prefixes)


def _begins_with(image: str, prefix: str) -> bool:
    start, end = (prefix[:-1], prefix[-1]) if prefix[-1] in "/:@" else (prefix, "")
    if not image.startswith(start):
        return False
    rest = image[len(start) :]
    if not rest.startswith(end):
        return False
    # Behind `:` may stand a port, and another port is another registry.
    return not rest or rest[0] in "/@" or (rest[0] == ":" and "/" not in rest)


def problems_of_a_messages_image(image: str, options: JobOptions) -> Iterator[str]:
    """A sentence where a message must not have this image."""
    if not is_image(image):
        yield f"image is {shown(image)}; {_RIGHT}"
    elif options.image_prefix and not is_allowed(image, options.image_prefix):
        allowed = ", ".join(options.image_prefix)
        yield f"image is {shown(image)}, and it should begin with one of --image-prefix (IMAGE_PREFIXES): {allowed}"


def problems_of_images(options: JobOptions) -> Iterator[str]:
    """A sentence for each option about images that cannot be used."""
    if options.image and not is_image(options.image):
        yield f"--image is {shown(options.image)}; {_RIGHT}"
    images = [*dict.fromkeys(_images(options))]
    for framework, image in images:
        given = shown(f"{framework}={image}")
        if not image or framework not in FRAMEWORKS:
            yield f"--image-for is {given}; a framework ({' or '.join(FRAMEWORKS)}), = and its image are needed"
        elif not is_image(image):
            yield f"--image-for is {given}; {_RIGHT}"
    twice = [framework for framework, count in Counter(framework for framework, _ in images).items() if count > 1]
    yield from (f"--image-for has several images for {framework}; one is needed" for framework in twice)
    for prefix in options.image_prefix:
        if not _PREFIX.fullmatch(prefix):
            yield f"--image-prefix is {shown(prefix)}; the beginning of an image's name, such as registry.example/team, is needed"


def _images(options: JobOptions) -> Iterator[tuple[str, str]]:
    for given in options.image_for:
        framework, _, image = given.partition("=")
        yield framework.strip().lower(), image.strip()
