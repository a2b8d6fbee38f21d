"""From the stop command to the end of the process, with the model stored, at random moments of a training."""

from __future__ import annotations

import json
import multiprocessing
import random
import tempfile
import time
import uuid
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.graphs import candle_graph
from benchmarks.in_memory import exit_code_of, start_run
from benchmarks.kafka_topics import Listener, broker, kafka_flags, stop
from benchmarks.results import is_quick, keep
from benchmarks.side_by_side import shown_time
from tests.standins.endpoints import KafkaEndpoint

LATEST_S = 5.0


def _stop_in_training(kafka: KafkaEndpoint, queue_id: str, delay_s: float, told: Connection) -> None:
    """In a process of its own, so that the one that forks runs has no Kafka client."""
    listener = Listener(kafka)
    listener.wait_for(queue_id, "training")
    time.sleep(delay_s)
    told.send(time.monotonic())
    stop(kafka, queue_id)
    listener.close()


def main() -> None:
    """Stop some runs and print the row."""
    num_vertices, repeats = (100_000, 2) if is_quick() else (1_000_000, 20)
    graph = candle_graph(num_vertices)
    what = f"stop command to exit, {num_vertices:,} vertices, {graph.num_edges:,} edges, GCN"
    rng, seconds = random.Random(3), []
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name, broker(Path(name)) as kafka:
        address = KafkaEndpoint(kafka.bootstrap_servers)
        for _ in range(repeats):
            queue_id = f"bench-{uuid.uuid4().hex[:8]}"
            output = Path(name) / queue_id / "model.pt"
            heard, told = spawn.Pipe(duplex=False)
            stopper = spawn.Process(target=_stop_in_training, args=(address, queue_id, rng.uniform(0, LATEST_S), told))
            stopper.start()
            flags = ["--model_type", "GCN", "--epochs", "100000", "--output_path", str(output)]
            child = start_run(graph, [*flags, *kafka_flags(kafka, queue_id)], Path(name) / "log")
            code = exit_code_of(child)
            ended = time.monotonic()
            if code or json.loads((output.parent / "metrics.json").read_text())["status"] != "interrupted":
                raise RuntimeError(f"The run ended with {code}:\n{(Path(name) / 'log').read_text()}")
            seconds.append(ended - heard.recv())
            stopper.join()
    seconds.sort()
    p95 = seconds[min(len(seconds) - 1, round(0.95 * len(seconds)))]
    shown = f"median {shown_time(seconds[len(seconds) // 2])}, p95 {shown_time(p95)} of {len(seconds)}"
    print(f"{what}\n  ours    {shown} (target p95 under 3 s)")
    keep(what, shown, target="p95 under 3 s")


if __name__ == "__main__":
    main()
