"""A start message chooses only an image that a kubelet takes and that the operator allows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.queue.start_messages import start_of
from trainer.queue.images import is_allowed, is_image
from trainer.queue.manifest import ManifestError, main, render
from trainer.queue.options import PREFIXES_VARIABLE, JobOptions

DIGEST = f"sha256:{'0f' * 32}"


def message(image: str) -> str:
    """A start message with this image."""
    return json.dumps({"command": "start", "queue_id": "q", "graph_name": "g", "image": image})


@pytest.mark.parametrize(
    "image",
    [
        "app",
        "registry.example/team/app:v1.2_3-x",
        "registry.example:5000/app",
        f"registry.example/app:v1@{DIGEST}",
        "[fd00::1]:5000/app",
        "a__b/c---d.e",
        "my_team/app",
        "r/" + "a" * 253,
        "r/" + "a" * 253 + ":" + "t" * 128,
    ],
)
def test_what_kubelets_take_is_an_image(image: str) -> None:
    """By the grammar of image references."""
    assert is_image(image)


@pytest.mark.parametrize(
    "image",
    [
        "",
        "App",
        "registry.example/App",
        "app:",
        "app:-v",
        "app:" + "t" * 129,
        "app@sha256:00",
        f"app@{DIGEST.upper()}",
        "app@md5:" + "0" * 32,
        "http://registry.example/app",
        "a b",
        "app\n",
        "app/../secret",
        "app//x",
        "-app",
        "app_",
        "registry.example:99999/app",
        "my_registry.example/app",
        "0f" * 32,
        "a" * 256,
        "r/" + "a" * 254,
        "$(IMAGE)",
        "докер/app",
    ],
)
def test_what_no_kubelet_takes_is_refused(image: str) -> None:
    """In a message, and in the options that go before it: the pod would wait for ever."""
    assert not is_image(image)
    if image.strip() == image != "":
        with pytest.raises(ManifestError, match=r"^image is .* of at most 255 characters"):
            render(start_of(message(image)))
        with pytest.raises(ManifestError, match=r"^--image is "):
            render(start_of(message("i:1")), JobOptions(image=image))
        with pytest.raises(ManifestError, match=r"^--image-for is "):
            render(start_of(message("i:1")), JobOptions(image_for=(f"pyg={image}",)))


@pytest.mark.parametrize(
    ("image", "allowed"),
    [
        ("registry.example/app", True),
        ("registry.example/app:v1", True),
        (f"registry.example/app@{DIGEST}", True),
        (f"registry.example/app:v1@{DIGEST}", True),
        ("registry.example/app/part:v1", True),
        ("registry.example/app-evil:v1", False),
        ("registry.example/app.evil", False),
        ("registry.example/app_evil", False),
        ("registry.example/ap", False),
        ("registry.example.evil/app", False),
        ("evil/registry.example/app", False),
        ("team.example/any/thing:v1", True),
        ("team.example:5000/any", False),
        ("tags.example/app:v1", True),
        (f"tags.example/app:v1@{DIGEST}", True),
        ("tags.example/app:v1.2", False),
        ("folder.example/team/any:v1", True),
        ("folder.example/team:v1", False),
        ("folder.example/team-evil/any", False),
    ],
)
def test_a_prefix_ends_where_a_part_of_the_name_ends(image: str, allowed: bool) -> None:
    """Up to `/`, the `:` of a tag, or `@`; what stands behind a port is another registry."""
    prefixes = ("registry.example/app", "team.example", "tags.example/app:v1", "folder.example/team/")
    assert is_allowed(image, prefixes) is allowed


def test_a_messages_image_beside_the_list_is_refused() -> None:
    """The sentence names what is allowed."""
    options = JobOptions(image_prefix=("registry.example/app", "team.example"))
    render(start_of(message("team.example/x:1")), options)
    with pytest.raises(ManifestError, match=r"one of --image-prefix \(IMAGE_PREFIXES\): registry.example/app, team.ex"):
        render(start_of(message("registry.example/app-evil:1")), options)


def test_what_the_operator_gives_is_not_held_to_the_list() -> None:
    """The flags are the operator's own word, whatever the message says."""
    for options in (JobOptions(image="other:1"), JobOptions(image_for=("pyg=other:1",))):
        (container,) = render(
            start_of(message("evil:1")),
            JobOptions(image=options.image, image_for=options.image_for, image_prefix=("r",)),
        )["spec"]["template"]["spec"]["containers"]
        assert container["image"] == "other:1"


@pytest.mark.parametrize(
    ("flags", "variable", "code"),
    [
        ((), "", 0),
        ((), "a.example", 2),
        ((), "a.example, r.example/app", 0),
        ((), "a.example\nr.example", 0),
        (("--image-prefix", "r.example"), "a.example", 0),
        (("--image-prefix", "a.example", "--image-prefix", "b.example"), "r.example", 2),
        (("--image", "x:1"), "a.example", 0),
        (("--image-prefix", ""), "", 2),
        (("--image-prefix", "*"), "", 2),
    ],
)
def test_the_list_comes_from_flags_else_from_the_environment(
    flags: tuple[str, ...],
    variable: str,
    code: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Several of either; without any, a warning says that a message may choose what gets the Secret."""
    path = tmp_path / "start.json"
    path.write_text(message("r.example/app:1"))
    monkeypatch.setenv(PREFIXES_VARIABLE, variable)
    assert main([str(path), *flags]) == code
    warned = "its image is not held to a list" in capsys.readouterr().err
    assert warned is (not flags and not variable)
