"""What several pods of one run need to find and reach each other, and to be on different nodes."""

from __future__ import annotations

from typing import Any

from trainer.queue.fields import number
from trainer.queue.metadata import INSTANCE_LABEL, metadata_of
from trainer.queue.names import service_name
from trainer.queue.order import Order

MASTER_PORT = 29500
"""Where rank 0 listens; pods have addresses of their own, so that no two runs meet there."""
START_TIMEOUT_S = 600
"""One node has the image, another fetches gigabytes or is about to be started: not until then is a pod that does not come missed."""
_HOST = "kubernetes.io/hostname"


def place_variables(pods: int, address: str) -> dict[str, str]:
    """What every pod of a run is told alike; its rank comes from the index of the Job.

    Args:
        pods: how many there are; one needs no other.
        address: of the pod with index 0.
    """
    if pods == 1:
        return {}
    return {"WORLD_SIZE": str(pods), "MASTER_ADDR": address, "MASTER_PORT": str(MASTER_PORT)}


def patience_variables(order: Order) -> dict[str, str]:
    """What each of several pods is told unless the message says otherwise: how long it waits at the start for the others."""
    if order.pods == 1:
        return {}
    rank_timeout_s = number(order.start.other.values.get("rank_timeout")) or 0
    return {"RANK_START_TIMEOUT": f"{max(START_TIMEOUT_S, rank_timeout_s):g}"}


def service_of(order: Order) -> str:
    """The name of the headless Service under which the pods of a Job are found."""
    return order.options.service or service_name(order.queue_id, order.start.timestamp)


def headless_service(order: Order, name: str) -> dict[str, Any]:
    """Return the Service that gives each pod of the Job of this name a name in DNS; it balances nothing.

    The pods need each other before they are ready, so addresses are published at once.
    """
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata_of(order, name, service_of(order)),
        "spec": {"clusterIP": "None", "publishNotReadyAddresses": True, "selector": _pods_of(name)},
    }


def network_policy(order: Order, name: str) -> dict[str, Any]:
    """Return the NetworkPolicy that lets the pods of one run reach each other on every port.

    Gloo opens a port for each connection, so none can be named. Of outgoing traffic it speaks only where the namespace
    denies that anyway: elsewhere it would cut the pods off from the services.
    """
    peers = [{"podSelector": {"matchLabels": _pods_of(name)}}]
    both = order.options.network_policy == "both"
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata_of(order, name),
        "spec": {
            "podSelector": {"matchLabels": _pods_of(name)},
            "policyTypes": ["Ingress", "Egress"] if both else ["Ingress"],
            "ingress": [{"from": peers}],
            **({"egress": [{"to": peers}]} if both else {}),
        },
    }


def spread(name: str, wanted: str) -> dict[str, Any]:
    """Part of a pod's `spec`: whether the pods of one run go to different nodes.

    Args:
        name: of the run's Job, JobSet or TrainJob.
        wanted: one of `SPREADS`.
    """
    selector = {"matchLabels": _pods_of(name)}
    if wanted == "prefer":
        evenly = {"maxSkew": 1, "topologyKey": _HOST, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": selector}
        return {"topologySpreadConstraints": [evenly]}
    if wanted == "require":
        apart = [{"topologyKey": _HOST, "labelSelector": selector}]
        return {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": apart}}}
    return {}


def _pods_of(name: str) -> dict[str, str]:
    return {INSTANCE_LABEL: name}
