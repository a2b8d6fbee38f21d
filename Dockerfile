# gnn-trainer: one training run, ended by its exit code.
#
#   docker build -t gnn-trainer .
#   docker build -t gnn-trainer --build-arg TORCH_INDEX_URL=<torch's index of CPU builds> .
#   docker build -t gnn-trainer:spektral --build-arg FRAMEWORK=spektral .
#   docker run --rm --read-only --tmpfs /tmp -v "$PWD/out:/tmp/out" --user "$(id -u):$(id -g)" \
#     --env-file .env -e OUTPUT_PATH=/tmp/out/model.pt gnn-trainer
#
# Both stages start from the same image, so the Python that the venv's links point to is in both.
ARG BASE_IMAGE=python:3.11-slim-bookworm


FROM ${BASE_IMAGE} AS builder

# Where torch comes from: empty for the ordinary index and the lock, else the index of a CPU or another CUDA build.
ARG TORCH_INDEX_URL=
# What the image can train with beside PyTorch Geometric: spektral, which brings TensorFlow; else nothing more.
ARG FRAMEWORK=pyg
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore

RUN python3 -m venv /opt/venv

COPY requirements.txt requirements.lock requirements-spektral.lock /build/
COPY .ci/install /build/.ci/install
RUN /build/.ci/install /opt/venv/bin/python "$FRAMEWORK"
# What goes: the compiler behind torch.compile, which no run uses and torch does without (on Windows it always does);
# headers and static libraries; the libraries' own tests; what TensorFlow needs to be compiled against; pip and every
# command but Python.
RUN set -eu; \
    cd /opt/venv/lib/python3*/site-packages; \
    /opt/venv/bin/python -m pip uninstall --quiet --yes triton pip; \
    rm -rf torch/include torch/test torch/share tensorflow/include clang; \
    find . -type d \( -path './nvidia/*/include' -o -name tests \) -prune -exec rm -rf {} +; \
    find . -type f \( -name '*.a' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.lib' \) -delete; \
    find /opt/venv/bin -mindepth 1 ! -name 'python*' -delete; \
    chmod -R a+rX,go-w /opt/venv

COPY main.py /app/main.py
COPY trainer /app/trainer
COPY examples/market_5m /app/examples/market_5m
# Compiled here, because the run can write nowhere; by content, because copying may change the files' times.
# The run of one epoch with each framework shows that nothing went above that a run needs.
RUN set -eu; \
    /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /app/trainer; \
    chmod -R a+rX,go-w /app; \
    cd /app; \
    frameworks=$(/opt/venv/bin/python -c 'from trainer.registry.frameworks import FRAMEWORKS; \
print(*(name for name, row in FRAMEWORKS.items() if row.is_installed))'); \
    case " $frameworks " in *" $FRAMEWORK "*) ;; *) echo "FRAMEWORK=$FRAMEWORK is none of: $frameworks" >&2; exit 1 ;; esac; \
    for framework in $frameworks; do \
        /opt/venv/bin/python /app/main.py --framework "$framework" --graph_path /app/examples/market_5m --graph_name market_5m \
            --epochs 1 --output_path "/tmp/proof/$framework.pt" --log_level WARNING; \
    done; \
    rm -rf /tmp/proof


FROM ${BASE_IMAGE}

# A user without a home or a shell, and no pip: this image runs one program.
RUN set -eu; \
    groupadd --gid 10001 trainer; \
    useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin trainer; \
    rm -rf /usr/bin/pip* /usr/local/bin/pip* /usr/lib/python3*/ensurepip /usr/local/lib/python3*/ensurepip \
        /usr/lib/python3/dist-packages/pip* /usr/local/lib/python3*/site-packages/pip* \
        /usr/local/lib/python3*/site-packages/setuptools* /usr/local/lib/python3*/site-packages/wheel*

COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /app /app

# The home is the only writable folder, in a pod as under `docker run --read-only --tmpfs /tmp`.
ENV PATH=/opt/venv/bin:$PATH \
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
