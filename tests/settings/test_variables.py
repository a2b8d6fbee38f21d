"""Variables as docker, Kubernetes and a misspelling deliver them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from tests.conftest import known_variables
from tests.settings.conftest import Load
from tests.settings.test_problems import refusal
from tests.settings.test_service_rules import ARANGO, KAFKA, S3
from trainer.errors import SettingsError
from trainer.settings.definition import Settings
from trainer.settings.prediction import load_prediction_settings


@pytest.mark.parametrize(
    ("quote", "name", "value"),
    [
        ("'", "epochs", "7"),
        ('"', "epochs", "7"),
        ('"', "learning_rate", "0.5"),
        ("'", "model_type", "GCN"),
        ('"', "save_predictions", "true"),
        ("'", "symbol", "BTC USDT"),
        ('"', "target", "price_up"),
        ('"', "features", "rsi, vwap"),
        ("'", "features", '["close price", "b"]'),
        ('"', "queue_id", "q-1"),
    ],
)
def test_quotes_that_docker_leaves_are_left_out(load: Load, quote: str, name: str, value: str) -> None:
    """Whatever the kind of the setting; it is said."""
    plain = load(environ={name.upper(): value})
    quoted = load(environ={name.upper(): f" {quote}{value}{quote} "})
    assert quoted.flat() == plain.flat()
    assert quoted.doubts == (f"The quotes around the value of {name.upper()} are left out.",)


def test_empty_quotes_count_as_not_set(load: Load) -> None:
    """As an empty value does."""
    assert load(environ={"EPOCHS": '""'}, env_file="EPOCHS=5\n").training.epochs == 5


@pytest.mark.parametrize("value", ["'", "it's", "'a' or 'b'", "'a", 'a"'])
def test_quotes_that_enclose_nothing_stay(load: Load, value: str) -> None:
    """They are a part of the value."""
    assert load(environ={"SYMBOL": value}).queue.symbol == value


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({"EPOCHS": "10 # ten"}, "EPOCHS='10 # ten'"),
        ({"MODEL_TYPE": "GCN #default"}, "MODEL_TYPE='GCN #default'"),
        ({"GRAPH_NAME": "g # the graph"}, "GRAPH_NAME='g # the graph'"),
        ({"QUEUE_ID": "# none yet"}, "QUEUE_ID='# none yet'"),
        ({"FEATURES": "rsi,vwap # two"}, "FEATURES='rsi,vwap # two'"),
        ({"SAVE_PREDICTIONS": '"true" # yes'}, "SAVE_PREDICTIONS='\"true\" # yes'"),
        ({"SYMBOL": '"BTC # 1"'}, "SYMBOL='BTC # 1'"),
        (ARANGO | {"ARANGO_URL": "http://a:8529 # hunter2"}, "ARANGO_URL holds a comment"),
    ],
)
def test_a_comment_that_docker_leaves_is_refused(load: Load, environ: Mapping[str, str], variable: str) -> None:
    """In one clause, whatever else would be wrong with the value."""
    sentence = refusal(load, environ=environ)
    assert sentence.startswith(f"{variable.removesuffix(' holds a comment')} holds a comment, as `docker --env-file`")
    assert "hunter2" not in sentence


@pytest.mark.parametrize("value", ["C#", "a#b", "#1", '["close # 2", "b"]'])
def test_what_is_no_comment_stays(load: Load, value: str) -> None:
    """A `#` without a blank before it, or within JSON."""
    assert load(environ={"FEATURES": value}).data.features in ([value], ["close # 2", "b"])


def test_a_comment_in_a_variable_that_is_not_read_does_no_harm(load: Load) -> None:
    """A flag goes before it."""
    assert load("--epochs", "3", environ={"EPOCHS": "10 # ten"}).training.epochs == 3


@pytest.mark.parametrize("name", [row.variable for row in Settings.definitions().values() if row.is_secret])
@pytest.mark.parametrize("value", ['"hunter2"', "'hunter2'", "hunter2 # old", "hunter2 #old"])
def test_a_secret_in_quotes_or_with_a_comment_is_refused(load: Load, name: str, value: str) -> None:
    """It may really have them, so that nothing is cut off, and nothing of it is repeated; a `.env` file gives it as it is."""
    environ = KAFKA | S3 | ARANGO | {"KAFKA_USER": "u", "KAFKA_PASSWORD": "p"}
    sentence = refusal(load, environ=environ | {name: value})
    assert sentence.startswith(f"{name} ")
    assert "as `docker --env-file` passes on" in sentence
    assert "hunter2" not in sentence
    settings = load(environ={**environ, name: ""}, env_file=f"{name}=`\n".replace("`", repr(value)))
    assert settings.secrets()[name.lower()] == value


SERVICE = {
    "MASTER_SERVICE_HOST": "10.0.0.1",
    "MASTER_SERVICE_PORT": "29500",
    "MASTER_SERVICE_PORT_RENDEZVOUS": "29500",
    "MASTER_PORT": "tcp://10.0.0.1:29500",
    "MASTER_PORT_29500_TCP": "tcp://10.0.0.1:29500",
    "MASTER_PORT_29500_TCP_PROTO": "tcp",
    "MASTER_PORT_29500_TCP_PORT": "29500",
    "MASTER_PORT_29500_TCP_ADDR": "10.0.0.1",
}


@pytest.mark.parametrize("service", ["MASTER", "PET_MASTER", "MASTERS", "KAFKA", "ARANGO", "MINIO", "GRAPH", "QUEUE"])
def test_a_service_of_kubernetes_changes_nothing(load: Load, service: str) -> None:
    """A Service called `master` sets MASTER_PORT in every pod of its namespace; a single run stays one, without a word."""
    environ = {name.replace("MASTER", service, 1): value for name, value in SERVICE.items()}
    settings = load(environ=environ)
    assert settings.flat() == load().flat()
    assert settings.doubts == ()


def test_a_place_is_told_from_a_service(load: Load) -> None:
    """Of several ranks MASTER_PORT is missing, although a variable of that name is there; the refusal says why."""
    place = {"RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "first-pod"}
    assert "MASTER_PORT is not set" in refusal(load, environ=SERVICE | place)
    assert load(environ=SERVICE | place | {"MASTER_PORT": "29500"}).ranks.master_port == 29500
    single = load(environ=SERVICE | {"WORLD_SIZE": "1"})
    assert [doubt for doubt in single.doubts if doubt.startswith("MASTER_PORT counts as not set")]


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("EPOCHZ", "EPOCHS"),
        ("EPOCH", "EPOCHS"),
        ("EPCOHS", "EPOCHS"),
        ("MODELTYPE", "MODEL_TYPE"),
        ("MODEL-TYPE", "MODEL_TYPE"),
        ("model_type", "MODEL_TYPE"),
        ("NUM_NEIGHBOURS", "NUM_NEIGHBORS"),
        ("BATCHSIZE", "BATCH_SIZE"),
        ("LEARNIG_RATE", "LEARNING_RATE"),
        ("GRPAH_NAME", "GRAPH_NAME"),
        ("KAFKA_USERNAME", "KAFKA_USER"),
        ("KAFKA_BOOTSTRAP_SERVER", "KAFKA_BOOTSTRAP_SERVERS"),
        ("MASTER_ADDRESS", "MASTER_ADDR"),
        ("ARANGO_URI", "ARANGO_URL"),
        ("MINIO_SECRETKEY", "MINIO_SECRET_KEY"),
        ("SEEDS", "SEED"),
        ("HEAD", "HEADS"),
        ("SPILT", "SPLIT"),
        ("FEATURE", "FEATURES"),
        ("TARGETS", "TARGET"),
    ],
)
def test_a_misspelt_variable_is_said_once(load: Load, variable: str, meant: str) -> None:
    """With the name that was meant; its value may be a secret."""
    settings = load(environ={variable: "hunter2"})
    assert settings.doubts == (f"{variable} is not a setting (did you mean {meant}?).",)
    assert settings.flat() == load().flat()


ELSEWHERE = re.findall(
    r"\w+",
    """
PATH HOME USER LOGNAME SHELL TERM LANG LC_ALL PWD OLDPWD SHLVL EDITOR PAGER MAIL HOSTNAME HOSTTYPE OSTYPE MACHTYPE TZ DISPLAY
COLUMNS LINES CDPATH CPATH MANPATH INFOPATH GOPATH FPATH MODULEPATH MODE TMPDIR TEMP DEBUG VERSION NAME NAMESPACE POD_NAME
POD_NAMESPACE POD_IP NODE_NAME SERVICE_ACCOUNT KUBERNETES_SERVICE_HOST KUBERNETES_PORT KUBERNETES_PORT_443_TCP_ADDR
VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV PYTHONPATH PYTHONUNBUFFERED PYTHONHASHSEED PIP_INDEX_URL LD_LIBRARY_PATH
CUDA_VISIBLE_DEVICES CUDA_HOME NVIDIA_VISIBLE_DEVICES NVIDIA_DRIVER_CAPABILITIES NCCL_DEBUG OMP_NUM_THREADS MKL_NUM_THREADS
OPENBLAS_NUM_THREADS TORCH_HOME HF_HOME LOCAL_RANK LOCAL_WORLD_SIZE GROUP_RANK ROLE_RANK NODE_RANK PET_NPROC_PER_NODE
SLURM_JOB_ID SLURM_PROCID SLURM_NTASKS OMPI_COMM_WORLD_RANK OMPI_COMM_WORLD_SIZE PMI_RANK JOB_NAME JOB_ID TASK_ID TASK_ROLE
CI CI_JOB_ID GITHUB_ACTIONS GITHUB_TOKEN GITLAB_CI RUNNER_OS BUILD_ID BUILD_NUMBER BRANCH_NAME TAGS STAGE REGION
AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION AWS_DEFAULT_REGION MINIO_ROOT_USER MINIO_ROOT_PASSWORD
KAFKA_HEAP_OPTS KAFKA_OPTS KAFKA_HOME KAFKA_CFG_NODE_ID ARANGO_ROOT_PASSWORD ARANGO_NO_AUTH ARANGO_STORAGE_ENGINE
LOG_DIR LOG_FILE LOG_PATH DB_NAME DB_USER DATABASE_URL REDIS_URL SECRET_KEY ACCESS_TOKEN HTTP_PROXY https_proxy NO_PROXY
SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS SSH_AUTH_SOCK
GRAPHVIZ_DOT GRAPH_TYPE BATCH_ID MASTER_HOST WORLD TYPES_PATH RESUME_FROM TARGET_ARCH TARGETPLATFORM TARGETARCH
THREAD_COUNT SYMBOLS_PATH SPLIT_SIZE SEED_NODES TEST_MODE VAL RATIO TIME_ZONE DEVICE_ID DEVICE_NAME
""",
)


def test_variables_of_other_programs_are_no_misspelt_settings(load: Load) -> None:
    """An environment is full of them: of shells, clusters, CI, compilers, and the services around."""
    assert not known_variables() & {*ELSEWHERE}
    assert load(environ=dict.fromkeys(ELSEWHERE, "1")).doubts == ()


def test_a_misspelt_variable_explains_what_is_missing(load: Load) -> None:
    """The refusal names it behind the setting that is not set."""
    sentence = refusal(load, environ={"GRAPH_NAME": "", "GRAPH_PATH": "", "ARANGO_URL": "http://a:1", "GRAPHNAME": "g"})
    assert sentence == "GRAPH_NAME is not set: name the graph; GRAPHNAME is not a setting (did you mean GRAPH_NAME?)."


def test_a_prediction_knows_the_variables_of_a_run() -> None:
    """Both are started with one environment, so that the settings of the other are no strangers."""
    environ = dict.fromkeys(known_variables(), "") | {
        "EPOCHS": "5",
        "QUEUE_ID": "q",
        "KAFKA_USER": "u",
        "MODELS": "m.pt",
    }
    with pytest.raises(SettingsError) as refused:
        load_prediction_settings((), environ)
    assert str(refused.value).endswith("; MODELS is not a setting (did you mean MODEL?).")
    assert "KAFKA" not in str(refused.value)


@pytest.mark.parametrize(
    ("flag", "meant"),
    [
        ("--epoch", "--epochs"),
        ("--model-typ", "--model_type"),
        ("--num_neighbours=3", "--num_neighbors"),
        ("--kafka_pasword=hunter2", "--kafka_password"),
        ("--learningrate", "--learning_rate"),
        ("--Epochs", "--epochs"),
        ("-epochs", "--epochs"),
    ],
)
def test_a_misspelt_flag_is_told_its_name(load: Load, flag: str, meant: str) -> None:
    """Without its value."""
    sentence = refusal(load, flag)
    assert f"is not a setting (did you mean {meant}?); --help lists them all" in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize("flag", ["--verbose", "--nonsense", "-v"])
def test_a_flag_that_is_like_none_has_no_suggestion(load: Load, flag: str) -> None:
    """A guess would mislead."""
    assert refusal(load, flag) == f"{flag} is not a setting; --help lists them all."


def test_the_rest_of_a_secret_is_not_repeated(load: Load) -> None:
    """A password with a blank that lost its quotes is two words to the shell."""
    sentence = refusal(load, "--arango_password", "correct", "hunter2", "--epochs", "3")
    assert sentence == "a word without a flag is not a setting; --help lists them all."


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("MODEL_TYPE", "GraphSage2", "GraphSAGE"),
        ("MODEL_TYPE", "graph-sage", "GraphSAGE"),
        ("MODEL_TYPE", "GATv3", "GATv2"),
        ("LOSS_FN", "binary_crossentrpy", "binary_crossentropy"),
        ("LOSS_FN", "crossentropy", "cross_entropy"),
        ("TASK", "multi-class", "multiclass"),
        ("SPLIT", "tempral", "temporal"),
        ("DEVICE", "coda", "cuda"),
        ("FRAMEWORK", "pygg", "pyg"),
        ("SCALING", "standart", "standard"),
        ("CLASS_WEIGHTS", "balance", "balanced"),
        ("LOG_LEVEL", "WARN", "WARNING"),
        ("KAFKA_SASL_MECHANISM", "SCRAM-SHA512", "SCRAM-SHA-512"),
        ("S3_CHECKSUM", "alway", "always"),
    ],
)
def test_a_misspelt_choice_is_told_the_one_that_was_meant(load: Load, name: str, value: str, meant: str) -> None:
    """Behind all that are allowed."""
    assert refusal(load, environ={name: value}).endswith(f" (did you mean {meant}?).")


@pytest.mark.parametrize(("name", "value"), [("MODEL_TYPE", "Transformer"), ("LOSS_FN", "hinge"), ("SPLIT", "k-fold")])
def test_a_choice_that_is_like_none_has_no_suggestion(load: Load, name: str, value: str) -> None:
    """A guess would mislead."""
    assert "did you mean" not in refusal(load, environ={name: value})
