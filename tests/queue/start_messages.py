"""The start messages and the environment block of the service's own documentation, as they stand there."""

from trainer.queue.command import Start, parse_command

START_1 = """{
  "command": "start",
  "queue_id": "gnn-btcusdt-5m-2024_06_01-abc123",
  "target": "gnn-trainer",
  "symbol": "BTCUSDT",
  "type": "gnn_trainer",
  "graph_name": "btc_graph_5m_2024_06_01",
  "epochs": 10,
  "model_type": "GAT",
  "telemetry_id": "gnn-trainer__abc123",
  "image": "registry.dmz.home/streamforge/gnn-trainer:v0.1.0",
  "timestamp": 1722348000.123
}"""

START_2 = """{
  "command": "start",
  "queue_id": "gnn-train-btcusdt-v3-2024-06-01-abc123",
  "target": "gnn-trainer",
  "graph_name": "btc_graph_5m_2024_06_01",
  "model_type": "GraphSAGE",
  "epochs": 20,
  "features": ["price_change", "volume", "rsi", "vwap"],
  "target": "price_up",
  "loss_fn": "binary_crossentropy",
  "telemetry_id": "gnn-trainer__abc123",
  "image": "registry.dmz.home/streamforge/gnn-trainer:v0.1.0",
  "timestamp": 1722346211.177
}"""

START_3 = """{
  "command": "start",
  "queue_id": "gnn-train-btcusdt-v3-2024-06-01-abc123",
  "target": "gnn-trainer",
  "graph_name": "btc_graph_5m_2024_06_01",
  "model_type": "GraphSAGE",
  "features": ["price_change", "volume", "rsi", "vwap"],
  "target": "price_up",
  "loss_fn": "binary_crossentropy",
  "epochs": 20,
  "image": "registry.dmz.home/streamforge/gnn-trainer:v0.1.0",
  "telemetry_id": "gnn-trainer__abc123",
  "timestamp": 1722346211.177
}"""

STARTS = (START_1, START_2, START_3)

QUEUE_ENV_BLOCK = """QUEUE_ID=gnn-btcusdt-5m-2024_06_01-abc123
SYMBOL=BTCUSDT
TYPE=gnn_trainer
GRAPH_NAME=btc_graph_5m_2024_06_01
EPOCHS=10
MODEL_TYPE=GAT
TELEMETRY_PRODUCER_ID=gnn-trainer__abc123"""


def start_of(message: str) -> Start:
    """Parse a message that is known to be a start message."""
    command = parse_command(message)
    assert isinstance(command, Start)
    return command
