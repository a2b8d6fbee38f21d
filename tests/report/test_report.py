"""The report: what a person reads in it, and that nothing in metrics.json can keep it from appearing."""

import copy
import json
import math
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.artifacts import runs
from trainer.report import render

SAMPLES = [runs.binary, runs.multiclass, runs.regression, runs.interrupted]
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """A page taken apart: its elements, its text, and whether every element was closed in order."""

    def __init__(self, html: str) -> None:
        """Parse a page."""
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Hold that the innermost open element is the one that ends."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect the text outside the style sheet."""
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        """All words of the page with single blanks."""
        return " ".join("".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


def headline(run: dict[str, Any]) -> str:
    """Return the words of the headline of a run's report."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", render(run), re.DOTALL)
    assert found
    return re.sub(r"<[^>]+>", "", found[1])


def small(build: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return a sample run short enough to be drawn some hundred times."""
    run = build()
    run["history"] = run["history"][:4]
    if run["curves"]["roc"]:
        run["curves"]["roc"] |= {key: run["curves"]["roc"][key][::60] for key in ("fpr", "tpr")}
    axis = run["split"]["time_axis"]
    run["split"]["time_axis"] = {key: values[36 : 46 + (key == "edges")] for key, values in axis.items()}
    curves = run["curves"]["predicted_vs_true"]
    if curves:
        run["curves"]["predicted_vs_true"] = curves | {key: curves[key][:9] for key in ("true", "predicted")}
    return run


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value below a JSON value; of a list, those of its first item."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else list(enumerate(value))[:1] if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def replaced(run: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """Return a copy of a run with another value at a path."""
    changed = copy.deepcopy(run)
    holder: Any = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


@pytest.mark.parametrize("build", SAMPLES)
def test_is_well_formed(build: Callable[[], dict[str, Any]]) -> None:
    """Every element is closed in order, and the page is one document."""
    page = Page(render(build()))
    assert page.open == []
    assert len(page.all("h1")) == 1


@pytest.mark.parametrize("build", SAMPLES)
def test_loads_nothing(build: Callable[[], dict[str, Any]]) -> None:
    """Nothing is fetched: no address in the page, and a policy that forbids every request."""
    html = render(build())
    page = Page(html)
    assert "://" not in html
    assert "url(" not in html.replace("url(#", "")
    assert not page.all("script")
    assert {attributes.get("href") for attributes in page.all("link")} == {"data:,"}
    policy = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


@pytest.mark.parametrize("build", SAMPLES)
def test_drawings_have_a_name(build: Callable[[], dict[str, Any]]) -> None:
    """Each drawing is an image whose title and description exist."""
    page = Page(render(build()))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert page.all("svg")
    for svg in page.all("svg"):
        assert svg["role"] == "img"
        assert set((svg["aria-labelledby"] or "").split()) <= set(ids)


def test_headline_says_that_the_model_is_better() -> None:
    """The gap to the best baseline is that of the printed numbers."""
    assert headline(runs.binary()) == "Test accuracy 0.61, 0.09 above the linear model without the graph."


def test_headline_says_that_the_model_is_worse() -> None:
    """A higher error than the baseline's is called worse in plain words."""
    assert headline(runs.regression()) == (
        "Test mean absolute error 0.0113, 0.0004 higher (worse) than the linear model without the graph: "
        "the model does not beat its baseline."
    )


def test_headline_takes_the_best_baseline() -> None:
    """A model between two baselines is measured against the better one."""
    run = runs.binary()
    run["baselines"]["majority_class"]["test"]["accuracy"] = 0.7
    said, _, judged = headline(run).partition(": ")
    assert said == "Test accuracy 0.61, 0.09 below always guessing the largest class"
    assert judged == "the model does not beat its baseline."


def test_headline_says_that_the_model_is_the_same() -> None:
    """Equal numbers are no success."""
    run = runs.binary()
    run["metrics"]["test"] = run["baselines"]["linear"]["test"]
    assert headline(run).startswith("Test accuracy 0.52, the same as the linear model without the graph: the model")


def test_headline_shows_a_small_gap() -> None:
    """A gap below the usual two decimals gets more of them."""
    run = runs.binary()
    run["metrics"]["test"]["accuracy"], run["baselines"]["linear"]["test"]["accuracy"] = 0.6114, 0.6101
    assert headline(run) == "Test accuracy 0.611, 0.001 above the linear model without the graph."


def test_a_gap_within_chance_is_called_so() -> None:
    """Ten vertices prove nothing."""
    run = runs.binary()
    run["metrics"]["test"]["num"] = 10
    assert "With 10 test vertices, a gap below about 0.43 can be chance." in Page(render(run)).text
    assert "can be chance" not in render(runs.binary())


def test_headline_without_a_test_part() -> None:
    """Validation stands in for a missing test part, and the page says why that flatters."""
    run = runs.binary()
    run["metrics"]["test"] = None
    assert headline(run) == "Validation accuracy 0.62, 0.10 above always guessing the largest class."
    assert "There is no test part" in render(run)


def test_headline_without_baselines() -> None:
    """A number without a baseline is not praised."""
    run = runs.binary() | {"baselines": None}
    assert headline(run) == "Test accuracy 0.61, with no baseline to compare it with."


def test_interrupted_before_the_first_epoch() -> None:
    """A run without any number says so, and still shows the data."""
    run = runs.interrupted()
    text = Page(render(run)).text
    assert headline(run) == "No result: the run was interrupted before its first evaluation."
    assert "Interrupted stopped by SIGTERM, 0 of 100 epochs" in text
    assert "there are no learning curves" in text
    assert "Class balance" in text


def test_names_are_escaped() -> None:
    """Markup in any string of the metrics is text in the page."""
    evil = "<script>alert('ж')</script>\"&"

    def poison(value: Any) -> Any:
        if isinstance(value, dict):
            return {f"{key}": poison(item) for key, item in value.items()}
        if isinstance(value, list):
            return [poison(item) for item in value]
        return f"{evil}{value}" if isinstance(value, str) else value

    run = poison(runs.multiclass()) | {"task": "multiclass"}
    run["graph"]["edge_collections"][evil] = {"edges": 1}
    run["settings"][evil] = evil
    page = Page(render(run))
    assert not page.all("script")
    assert page.open == []
    assert evil in page.text


def test_warnings_are_shown() -> None:
    """Each warning is a line of the box; without warnings there is no box."""
    run = runs.binary()
    for warning in run["graph"]["warnings"]:
        assert warning in Page(render(run)).text
    assert not Page(render(runs.multiclass())).all("aside")


@pytest.mark.parametrize(
    ("build", "charts"),
    [
        (runs.binary, ["loss", "accuracy", "confusion", "roc", "sizes", "balance", "time"]),
        (runs.multiclass, ["loss", "accuracy", "confusion", "sizes", "balance"]),
        (runs.regression, ["loss", "error", "r2", "scatter", "errors", "sizes", "time"]),
        (runs.interrupted, ["sizes", "balance", "time"]),
        (runs.heterogeneous, ["loss", "accuracy", "confusion", "roc", "sizes", "balance", "time", "schema"]),
    ],
)
def test_charts_of_a_task(build: Callable[[], dict[str, Any]], charts: list[str]) -> None:
    """A run is drawn with the charts that its task and split have."""
    drawn = [(svg["aria-labelledby"] or "").split("-")[0] for svg in Page(render(build())).all("svg")]
    assert drawn == charts


def test_best_epoch_is_marked() -> None:
    """The best epoch is named in both learning curves."""
    assert render(runs.binary()).count(">best epoch 39<") == 2


def test_confusion_matrix_shows_counts_and_shares() -> None:
    """A cell says how many vertices of a class went where."""
    text = Page(render(runs.binary())).text
    assert "0 → 1: 239 (38 % of 0)" in text
    assert "752 of 1,232 test vertices are on the diagonal." in text


def test_confusion_matrix_falls_back_to_validation() -> None:
    """Without a test part the matrix of the validation part is drawn."""
    run = runs.binary()
    run["metrics"]["test"] = None
    assert "Confusion matrix, validation" in Page(render(run)).text


def test_many_classes_become_a_table() -> None:
    """A matrix that no one could read is replaced by a table by class."""
    matrix = [[5 if true == guess else 1 for guess in range(40)] for true in range(40)]
    run = runs.multiclass() | {"classes": [f"class {index}" for index in range(40)]}
    run["metrics"]["test"] = runs.scores(matrix, 1.0)
    html = render(run)
    assert "confusion-title" not in html
    assert "class 39" in Page(html).text


def test_time_axis_prints_dates() -> None:
    """Milliseconds since 1970 are shown as dates, and the embargo as a length of time."""
    text = Page(render(runs.binary())).text
    assert "From 2024-01-01 00:00 to 2024-12-26 00:00: Training, Validation, Test, Embargo." in text
    assert "Embargo3 d" in text


def test_time_axis_of_plain_numbers() -> None:
    """Ordinal time stays a number."""
    run = runs.binary()
    run["split"] |= {"time_unit": "ordinal", "embargo": 5, "boundaries": {"train_end": 42}}
    run["split"]["time_axis"]["edges"] = list(range(61))
    text = Page(render(run)).text
    assert "From 0 to 60: Training" in text
    assert "Training ends42" in text


def test_facts_of_the_graph_are_shown() -> None:
    """Dangling edges, self-loops, duplicates, missing values and isolated vertices are in the tables."""
    text = Page(render(runs.binary())).text
    assert "correlated_withcandles → candles42,565174230" in text
    assert "volume3124 %" in text
    assert "Isolated vertices: 3." in text


def test_features_are_shown() -> None:
    """A feature has its kind, its columns, what was missing, what stood in, its mean and scale."""
    assert "volumenumber1312 (4 %)812.5 + indicator951.2402.9" in Page(render(runs.binary())).text


def test_secrets_are_hidden() -> None:
    """A setting that sounds like a secret is never printed, even if it was handed in."""
    run = runs.binary()
    run["settings"] |= {"MINIO_SECRET_KEY": "hunter2", "ARANGO_PASSWORD": "hunter2"}
    assert "hunter2" not in render(run)


@pytest.mark.parametrize("build", [runs.binary, runs.regression, runs.heterogeneous])
def test_any_value_may_be_null_or_absent(build: Callable[[], dict[str, Any]]) -> None:
    """Each single value of metrics.json can be null and the page is still whole."""
    run = small(build)
    paths = list(places(run))
    assert len(paths) > 150
    for path in paths:
        assert Page(render(replaced(run, path, None))).open == [], path


@pytest.mark.parametrize("value", [1e308, -1e308, 5e-324, 10**400, math.inf, math.nan, 0, -1])
def test_any_number_may_be_wild(value: float) -> None:
    """Numbers beyond all measure neither stop the page nor leak into a drawing as nan."""
    for build in (runs.binary, runs.regression, runs.heterogeneous):
        run = small(build)
        wild = json.loads(json.dumps(run))

        def spoil(item: Any) -> Any:
            if isinstance(item, dict):
                return {key: spoil(inner) for key, inner in item.items()}
            if isinstance(item, list):
                return [spoil(inner) for inner in item[:1]] + item[1:]
            return value if isinstance(item, int | float) and not isinstance(item, bool) else item

        html = render(spoil(wild) | {"settings": {}})
        assert Page(html).open == []
        assert not re.search(r'="[^"]*\b(nan|inf)\b', html)


def test_types_are_shown() -> None:
    """A type has its collections, its time, its vertices and its features; the target is marked."""
    text = Page(render(runs.heterogeneous())).text
    assert (
        "candles_5m (target)candles_btcusdt_5m, candles_ethusdt_5m, candles_solusdt_5m and 5 morets8,6404 in 5" in text
    )
    assert "levels_srlevels_sr–412none" in text
    assert "GCN between two types works on both vertex sets joined to one." in text


def test_relations_are_shown() -> None:
    """A relation has its ends, where it comes from, what came out of the future, what was dropped, and its weights."""
    text = Page(render(runs.heterogeneous())).text
    assert "traded_inheatmap_trades_1h → candles_5mtraded_in9,0001,204 (12 %)1,204–" in text
    assert "rev_candle_to_levellevels_sr → candles_5mreverse of candle_to_level, added25,120" in text
    assert "0 to 1.000, mean 0.410" in text


def test_leaks_of_one_relation_are_shown() -> None:
    """A graph of one type has the table of relations only when there is something to say in it."""
    run = runs.binary()
    relation = runs.heterogeneous()["graph"]["relations"][0]
    run["graph"] |= {"types": runs.heterogeneous()["graph"]["types"][2:], "relations": [relation]}
    assert "Out of the future" not in render(run)
    run["graph"]["relations"] = [relation | {"from_future": 7}]
    assert "Out of the future" in render(run)
    assert "schema-title" not in render(run)


def test_several_graphs_are_shown() -> None:
    """Each graph has its vertices and how they fell to the parts."""
    text = Page(render(runs.heterogeneous())).text
    assert "btc_graph_5m_2024_06_022,8802,0008800" in text


def test_features_have_their_type_where_there_are_several() -> None:
    """Missing values are counted among the vertices of the feature's own type."""
    text = Page(render(runs.heterogeneous())).text
    assert "base_volumeheatmap_trades_1hnumber190 (1 %)" in text


def test_nothing_at_all() -> None:
    """Empty metrics make a page that says so."""
    assert headline({}) == "No result: no part was evaluated."


def test_losses_far_apart_get_a_logarithmic_scale() -> None:
    """A loss that falls by orders of magnitude is drawn on a logarithmic scale, another is not."""
    assert "Logarithmic scale." in render(runs.regression())
    assert "Logarithmic scale." not in render(runs.binary())


def test_a_long_run_stays_small() -> None:
    """A thousand epochs fit into 300 kB, and a single spike among them is still drawn."""
    run = runs.binary(1000)
    run["history"][617]["val_loss"] = 1.9
    html = render(run)
    assert len(html.encode()) < 300_000
    lowest = min(
        float(point.split(",")[1])
        for line in re.findall(r'<polyline points="([^"]+)" class="curve stroke-val"', html)[:1]
        for point in line.split()
    )
    assert lowest < 40


def test_a_gap_in_the_history_breaks_the_curve() -> None:
    """An epoch without a value is not bridged by a line."""
    run = runs.binary()
    whole = render(run).count('class="curve stroke-val"')
    run["history"][20]["val_loss"] = None
    assert render(run).count('class="curve stroke-val"') == whole + 1
