"""What telemetry and checkpoints cost: the same training with and without, in turns.

The fastest of each are compared: whatever else the machine does only adds to a run, and by more than is looked for here.
"""

from __future__ import annotations

import json
import tempfile
import uuid
from pathlib import Path

from benchmarks.graphs import candle_graph
from benchmarks.in_memory import exit_code_of, start_run
from benchmarks.kafka_topics import broker, kafka_flags
from benchmarks.results import is_quick, keep
from benchmarks.side_by_side import shown_time
from trainer.graph.graph import Graph

NEVER = "1e9"


def _train_seconds(graph: Graph, flags: list[str], folder: Path) -> float:
    """The `train` timing of a run; a stored checkpoint is part of it."""
    output = folder / uuid.uuid4().hex / "model.pt"
    flags = [*flags, "--model_type", "GCN", "--output_path", str(output), "--epochs", "30" if is_quick() else "400"]
    code = exit_code_of(start_run(graph, flags, folder / "log"))
    if code:
        raise RuntimeError(f"The run ended with {code}:\n{(folder / 'log').read_text()}")
    timings: dict[str, float] = json.loads((output.parent / "metrics.json").read_text())["timings"]
    return timings["train"]


def main() -> None:
    """Train in turns with and without, and print the row."""
    graph = candle_graph(100_000)
    with tempfile.TemporaryDirectory() as name, broker(Path(name)) as kafka:
        folder = Path(name)
        told: list[float] = []
        silent: list[float] = []
        for turn in range(1 if is_quick() else 6):
            queue_id = f"bench-{uuid.uuid4().hex[:8]}"
            sides = [
                (told, [*kafka_flags(kafka, queue_id), "--checkpoint_every", "5"]),
                (silent, ["--checkpoint_every", NEVER]),
            ]
            for seconds, flags in sides if turn % 2 else reversed(sides):
                seconds.append(_train_seconds(graph, flags, folder))
    more = 100 * (min(told) / min(silent) - 1)
    what = "telemetry to Kafka and a checkpoint every 5 s, training of 100 k vertices, 2 M edges, GCN"
    print(f"{what}\n  with    {shown_time(min(told))}\n  without {shown_time(min(silent))}\n  more    {more:.1f} %")
    times = shown_time(min(told)), shown_time(min(silent))
    keep(what, times[0], peer="without", peers_time=times[1], ratio=f"{more:+.1f} %", target="at most +2 %")


if __name__ == "__main__":
    main()
