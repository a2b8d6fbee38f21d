"""SIGKILL at random moments of a run: the next one ends as if nothing had happened."""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import threading
import time
from collections import Counter

from tests.endurance.services import EPOCHS, Services, services, terminal, what_does_not_fit
from tests.standins.s3_front import Fault, Request, S3Front

PHASES = ("loading", "training", "checkpoint", "save")
_LONGEST_S = {"loading": 1.2, "training": 1.5, "checkpoint": 0.03, "save": 0.15}
"""How long after the beginning of its phase a run is killed at the latest."""


def begins(phase: str, request: Request) -> bool:
    """Whether a request to the store is the first of a phase."""
    if phase == "checkpoint":
        return request.method in ("POST", "PUT") and "last.ckpt?" in request.path
    return phase == "save" and request.method == "POST" and ".pt?uploads" in request.path


def kill_one(ready: Services, front: S3Front, name: str, phase: str, moments: random.Random) -> str:
    """Start a run and kill it in a phase; returns how far it came."""
    begun = threading.Event()

    def choose(request: Request) -> Fault | None:
        if begins(phase, request):
            begun.set()
        return None

    ready.choose = choose
    delay_s = moments.uniform(0, _LONGEST_S[phase])
    skipped = moments.randrange(8) if phase == "checkpoint" else 0
    with ready.start(name, front.endpoint) as run:
        if phase == "training":
            run.wait_for("training")
        elif phase != "loading":
            for _ in range(skipped + 1):
                begun.clear()
                while not begun.wait(0.05) and run.process.poll() is None:
                    pass
        time.sleep(delay_s)
        came = "had ended" if run.process.poll() is not None else "killed"
    ready.choose = lambda request: None
    return f"{came} {delay_s * 1000:.0f} ms into {phase}"


def main(num_kills: int, seed: int) -> int:
    """Kill, start again and compare; returns the exit code."""
    moments, problems, killed = random.Random(seed), list[str](), Counter[str]()
    with services() as (ready, front):
        with ready.start("whole") as run:
            assert run.wait().exit_code == 0
        whole = hashlib.sha256(ready.stored()[".pt"]).hexdigest()
        for number in range(num_kills):
            ready.clear()
            phase = PHASES[number % len(PHASES)]
            how = kill_one(ready, front, f"killed-{number}", phase, moments)
            killed[f"{phase}: {how.split(maxsplit=1)[0]}"] += 1
            with ready.start(f"after-{number}") as run:
                ended = run.wait()
            stored = ready.stored()
            wrong = what_does_not_fit(stored)
            if ended.exit_code != 0:
                wrong.append(f"exit code {ended.exit_code}: {ended.last_error_line}")
            if hashlib.sha256(stored.get(".pt", b"")).hexdigest() != whole:
                wrong.append("the model has other bytes")
            resumed = "went on" if "goes on after epoch" in ended.stdout else "began anew or was done"
            print(f"{number + 1:4} {how}; the next {resumed}: {'; '.join(wrong) or 'right'}", flush=True)
            problems += [f"kill {number + 1}: {each}" for each in wrong]
        events = ready.events()
        for number in range(num_kills):
            said = terminal(events[f"after-{number}"])
            if said != ["finished"] or events[f"after-{number}"][-1]["status"] != "finished":
                problems.append(f"kill {number + 1}: the run after it said {said}")
            if len(terminal(events[f"killed-{number}"])) > 1:
                problems.append(f"kill {number + 1}: the killed run said {terminal(events[f'killed-{number}'])}")
    print(f"{num_kills} kills over {EPOCHS} epochs ({dict(killed)}), {len(problems)} problems", *problems, sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    sys.exit(main(chosen.kills, chosen.seed))
