# gnn-trainer: one training run, ended by its exit code. Needs BuildKit (Docker 23 or newer) or buildah.
#
#   docker build -t gnn-trainer .
#   docker build -t gnn-trainer --build-arg TORCH_INDEX_URL=<torch's index of CPU builds> .
#   docker build -t gnn-trainer:spektral --build-arg FRAMEWORK=spektral .
#   docker run --rm --read-only --tmpfs /tmp -v "$PWD/out:/app/out" --user "$(id -u):$(id -g)" --env-file .env gnn-trainer
#
# All stages start from the same image, so the Python that the venv's links point to is in each.
ARG BASE_IMAGE=python:3.11-slim-bookworm


# The libraries.
FROM ${BASE_IMAGE} AS libraries

# Where torch comes from: empty for the ordinary index and the lock, else the index of a CPU or another CUDA build.
ARG TORCH_INDEX_URL=
# What the image can train with beside PyTorch Geometric: spektral, which brings TensorFlow; else nothing more.
ARG FRAMEWORK=pyg
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore

COPY requirements.txt requirements.lock requirements-spektral.lock /build/
COPY .ci/install .ci/trim .ci/sizes.py /build/.ci/
# One step, so that what is taken out again is stored nowhere.
RUN set -eu; \
    python3 -m venv /opt/venv; \
    /build/.ci/install /opt/venv/bin/python "$FRAMEWORK"; \
    /build/.ci/trim /opt/venv; \
    /opt/venv/bin/python /build/.ci/sizes.py


# The root: the base image without what installs, compiles or changes the user, and with a user for the run.
FROM ${BASE_IMAGE} AS root

RUN --mount=type=bind,source=.ci/clean_root,target=/clean_root set -eu; \
    sh /clean_root; \
    echo 'trainer:x:10001:10001::/tmp:/usr/sbin/nologin' >>/etc/passwd; \
    echo 'trainer:x:10001:' >>/etc/group


# The program, compiled here because the run can write nowhere: by content, because copying may change the files' times.
# `out` is there for a volume to be mounted on; a new one takes its owner and mode from it.
FROM root AS app

ARG FRAMEWORK=pyg
COPY main.py /app/main.py
COPY trainer /app/trainer
COPY examples/market_5m /app/examples/market_5m
RUN --mount=type=bind,from=libraries,source=/opt/venv,target=/opt/venv set -eu; \
    /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /app; \
    chmod -R a+rX,go-w /app; \
    mkdir --mode=1777 /app/out; \
    chown 10001:10001 /app/out
USER 10001:10001
# Training with each framework shows that nothing went above that a run needs.
RUN --mount=type=bind,from=libraries,source=/opt/venv,target=/opt/venv \
    --mount=type=bind,source=.ci,target=/ci --mount=type=bind,source=examples,target=/examples \
    HOME=/tmp /opt/venv/bin/python -B /ci/prove.py "$FRAMEWORK" /app /examples


FROM scratch

COPY --from=root / /
COPY --from=libraries /opt/venv /opt/venv
COPY --from=app /app /app

# The home is the only writable folder, in a pod as under `docker run --read-only --tmpfs /tmp`.
ENV PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/tmp \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

WORKDIR /app
USER 10001:10001
STOPSIGNAL SIGTERM
# Without a shell in between, so that SIGTERM reaches the run.
ENTRYPOINT ["/opt/venv/bin/python", "/app/main.py"]

ARG BASE_IMAGE
ARG VERSION=0.2.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="gnn-trainer" \
      org.opencontainers.image.description="Trains a graph neural network on a graph out of ArangoDB, once" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${BASE_IMAGE}"
