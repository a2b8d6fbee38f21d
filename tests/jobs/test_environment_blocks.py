"""The environment blocks of the documentation, as queue-manager would set them."""

from __future__ import annotations

import io

import torch

from tests.jobs.world import World, assert_well_told


def test_the_first_block_runs_to_finished(world: World) -> None:
    """Interpreter and all: events in order on the topic, three artifacts in the bucket, exit code 0."""
    ended = world.run_program()
    assert ended.exit_code == 0, ended.stderr + ended.stdout
    events = world.events()
    assert_well_told(events, "finished")
    assert {"loading", "training"} <= {event["status"] for event in events}
    assert sorted(world.stored()) == [".pt", "/metrics.json", "/report.html"]
    last = events[-1]
    assert last["model_path"] == f"s3://gnn-checkpoints/{world.queue_id}.pt"
    assert last["metrics_path"] == f"s3://gnn-checkpoints/{world.queue_id}/metrics.json"
    assert last["message"].startswith("Обучение завершено. Acc: ")
    assert events[0]["message"] == "Начато обучение GNN на графе btc_graph_5m_2024_06_01"
    assert {event["producer"] for event in events} == {"gnn-trainer__abc123"}
    saved = torch.load(io.BytesIO(world.stored()[".pt"]), weights_only=True)
    assert saved["model"]["type"] == "GAT"


def test_the_second_block_needs_neither_features_nor_symbol(world: World) -> None:
    """Another bucket, no FEATURES, no TARGET, no MODEL_TYPE: the defaults train."""
    world.s3.create_bucket("models")
    left_out = dict.fromkeys(("SYMBOL", "TYPE", "EPOCHS", "MODEL_TYPE"), "")
    ended = world.run(MINIO_BUCKET="models", **left_out)
    assert ended.exit_code == 0, ended.stderr + ended.stdout
    events = world.events()
    assert_well_told(events, "finished")
    assert events[-1]["model_path"] == f"s3://models/{world.queue_id}.pt"
    assert (events[-1]["symbol"], events[-1]["model_type"]) == (None, "GraphSAGE")


def test_the_result_is_that_of_the_folder(world: World) -> None:
    """The same graph out of ArangoDB and out of a folder gives the same weights."""
    from tests.conftest import EXAMPLE

    assert world.run().exit_code == 0
    from_database = world.stored()[".pt"]
    out = world.folder / "folder" / "m.pt"
    ended = world.run(GRAPH_PATH=str(EXAMPLE), GRAPH_NAME="market_5m", OUTPUT_PATH=str(out), RESUME="never")
    assert ended.exit_code == 0, ended.stderr
    states = [torch.load(file, weights_only=True)["state_dict"] for file in (io.BytesIO(from_database), out)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_graph_metadata_holds_one_document_about_a_run(world: World) -> None:
    """With WRITE_GRAPH_METADATA the database holds one document about the queue, also when it is trained twice."""
    for _ in range(2):
        assert world.run(WRITE_GRAPH_METADATA="true", RESUME="never").exit_code == 0
    documents = list(world.arango.databases["streamforge"].collections["graph_metadata"].documents)
    assert len(documents) == 1
    (document,), record = documents, world.metrics()
    same = ("queue_id", "graph_name", "symbol", "status", "task", "created_at", "best_epoch", "stop_reason", "metrics")
    assert {name: document[name] for name in same} == {name: record[name] for name in same}
    assert document["model_path"] == f"s3://gnn-checkpoints/{world.queue_id}.pt"
    assert (document["model_type"], document["target"]) == (record["model"]["type"], record["target"]["name"])
    assert document["features"] == [feature["name"] for feature in record["features"]]
