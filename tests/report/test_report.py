"""The report: what a person reads in it, whatever the numbers and names of the run."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.report.changes import replaced
from trainer.record import ClassCounts, ClassMeasures, Epoch, RunRecord, VertexCollection, WithoutIncoming
from trainer.report import render
from trainer.report.facts import model_rows

SAMPLES = ("binary", "multiclass", "regression", "heterogeneous", "interrupted")
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
        """Return the attributes of every element with a tag."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> RunRecord:
    """Each of the records."""
    record: RunRecord = request.getfixturevalue(request.param)
    return record


def text_of(run: RunRecord) -> str:
    """The words of a run's report."""
    return Page(render(run)).text


def headline(run: RunRecord) -> str:
    """The words of its headline."""
    match = re.search(r"<h1[^>]*>(.*?)</h1>", render(run), re.DOTALL)
    assert match
    return re.sub(r"<[^>]+>", "", match[1])


def with_accuracies(run: RunRecord, ours: float, linear: float, others: float = 0.1) -> RunRecord:
    """The run with these accuracies in its test part."""
    run = replaced(run, "metrics.test.accuracy", ours)
    for name in run.baselines or {}:
        run = replaced(run, f"baselines.{name}.test.accuracy", linear if name == "linear" else others)
    return run


def without(run: RunRecord, part: str) -> RunRecord:
    """The run with no vertices in a part."""
    for name in run.baselines or {}:
        run = replaced(run, f"baselines.{name}.{part}", None)
    return replaced(run, f"metrics.{part}", None)


def with_losses(run: RunRecord, loss: Callable[[int], float | None], epochs: int = 12) -> RunRecord:
    """The run with a history of these losses, of training and validation alike."""
    history = [
        Epoch(epoch=epoch, loss=loss(epoch), val_loss=loss(epoch), accuracy=0.5) for epoch in range(1, epochs + 1)
    ]
    return replaced(run, "history", history)


def test_is_well_formed(sample: RunRecord) -> None:
    """Every element is closed in order, and the page is one document."""
    page = Page(render(sample))
    assert page.open == []
    assert len(page.all("h1")) == 1


def test_loads_nothing(sample: RunRecord) -> None:
    """Nothing is fetched: no address in the page, and a policy that forbids every request."""
    html = render(sample)
    page = Page(html)
    assert "://" not in html
    assert "url(" not in html.replace("url(#", "")
    assert not page.all("script")
    assert {attributes.get("href") for attributes in page.all("link")} == {"data:,"}
    policy = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


def test_drawings_have_a_name(sample: RunRecord) -> None:
    """Each drawing is an image whose title and description exist."""
    page = Page(render(sample))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert page.all("svg")
    for svg in page.all("svg"):
        assert svg["role"] == "img"
        assert set((svg["aria-labelledby"] or "").split()) <= set(ids)


def test_headline_is_the_verdict(sample: RunRecord) -> None:
    """The same sentence as everywhere, the gap in it emphasised, and what to keep in mind below it."""
    if sample.verdict is None:
        return
    assert headline(sample) == sample.verdict
    assert sample.comparison is not None
    assert f"<em>{sample.comparison.gap}</em>" in render(sample)
    for note in sample.verdict_notes:
        assert note in text_of(sample)


@pytest.mark.parametrize(
    ("model", "baseline", "tone"), [(0.7, 0.6, "good"), (0.6, 0.7, "bad"), (0.6, 0.6, "even")], ids=str
)
def test_headline_has_a_tone(binary: RunRecord, model: float, baseline: float, tone: str) -> None:
    """Whether the graph helped is seen before it is read."""
    assert binary.comparison is not None
    comparison = binary.comparison.model_copy(update={"model": model, "baseline_value": baseline})
    run = replaced(replaced(binary, "comparison", comparison), "beats_baseline", model > baseline)
    assert f'<h1 class="{tone}">' in render(run)


def test_headline_without_a_baseline(binary: RunRecord) -> None:
    """A number that nothing stands beside is neither praised nor blamed."""
    sentence = "Test accuracy 0.62, with no baseline to compare it with."
    nothing = {"verdict": sentence, "comparison": None, "beats_baseline": None, "baselines": None}
    run = binary.model_copy(update=nothing)
    assert headline(run) == sentence
    assert '<h1 class="none">' in render(run)


def test_an_interrupted_run(interrupted: RunRecord) -> None:
    """Its status, what stopped it and how far it came; there is no verdict over what was cut short."""
    run = replaced(interrupted, "metrics.test.accuracy", 0.61)
    assert headline(run) == "Test Accuracy 0.610 after 12 of 100 epochs, without a verdict."
    assert "Interrupted stopped by SIGTERM, 12 of 100 epochs" in text_of(run)


def test_names_are_escaped(heterogeneous: RunRecord) -> None:
    """Markup in any text that is not ours is text in the page."""
    evil = "<script>alert('ж')</script>\"&"
    ours = {
        "status",
        "task",
        "kind",
        "created_at",
        "method",
        "measure",
        "chosen_on",
        "time_unit",
        "boundaries",
        "part",
        "role",
        "sha256",
        "artifacts",
    }

    def poison(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: item if name in ours else poison(item) for name, item in value.items()}
        if isinstance(value, list):
            return [poison(item) for item in value]
        return f"{evil}{value}" if isinstance(value, str) else value

    run = RunRecord.model_validate(poison(heterogeneous.plain()))
    collection = VertexCollection(vertices=1, attributes=[evil])
    run = replaced(run, "graph.vertex_collections", run.graph.vertex_collections | {evil: collection})
    run = replaced(run, "settings", run.settings | {evil: evil})
    page = Page(render(run))
    assert not page.all("script")
    assert page.open == []
    assert evil in page.text


def test_warnings_are_shown(binary: RunRecord) -> None:
    """Each warning is a line of the box; without warnings there is no box."""
    assert binary.graph.warnings
    for warning in binary.graph.warnings:
        assert warning in text_of(binary)
    assert not Page(render(replaced(binary, "graph.warnings", []))).all("aside")


@pytest.mark.parametrize(
    ("sample", "charts"),
    [
        ("binary", ["loss", "accuracy", "confusion", "roc", "sizes", "balance", "time"]),
        ("multiclass", ["loss", "accuracy", "confusion", "sizes", "balance"]),
        ("regression", ["loss", "error", "r2", "scatter", "errors", "sizes", "time"]),
        ("heterogeneous", ["loss", "accuracy", "confusion", "roc", "sizes", "balance", "schema"]),
    ],
    indirect=["sample"],
)
def test_charts_of_a_task(sample: RunRecord, charts: list[str]) -> None:
    """A run is drawn with the charts that its task and split have."""
    drawn = [(svg["aria-labelledby"] or "").split("-")[0] for svg in Page(render(sample)).all("svg")]
    assert drawn == charts


def test_the_model_stands_among_its_baselines(binary: RunRecord) -> None:
    """Every part has the measures of the model and of the baselines, the best of a column in bold."""
    html = render(with_accuracies(binary, ours=0.614, linear=0.519))
    assert "Test <small>29 vertices</small>" in html
    assert "<strong>0.614</strong>" in html
    for name in ("Accuracy", "F1, macro", "Loss", "Linear, without graph", "Largest class"):
        assert f">{name}<" in html


def test_how_baselines_learned_is_said(binary: RunRecord) -> None:
    """What was chosen, what was reduced to end in time, and what was left out."""
    run = replaced(replaced(binary, "baselines.linear.strength", 1000.0), "baselines.linear.standardised", True)
    run = replaced(run, "baselines.linear.reduced", ["50 of 300 columns", "strength chosen with 900 of the rows"])
    run = replaced(run, "baselines_left_out", {"gradient_boosting": "Gradient boosting: no time was left for it."})
    text = text_of(run)
    assert (
        "Linear, without graph: strength 1,000; standardised inputs: yes; "
        "reduced to end in time: 50 of 300 columns; strength chosen with 900 of the rows."
    ) in text
    assert "Gradient boosting: no time was left for it." in text


@pytest.mark.parametrize("label", ["fraud", True])
def test_positive_class_is_named(binary: RunRecord, multiclass: RunRecord, label: Any) -> None:
    """In the line below the title, and where average precision is compared; not where there are more classes than two."""
    text = text_of(replaced(binary, "positive_class", label))
    shown = "true" if label is True else label
    assert f"positive class {shown}" in text
    assert f"Average precision, class {shown}" in text
    assert "positive class" not in text_of(multiclass)


def test_framework_and_its_versions_are_named(binary: RunRecord) -> None:
    """In the table of the model, and each of its libraries in that of the environment."""
    packages = {"tensorflow-cpu": "2.21.0", "spektral": "1.3.1"}
    run = replaced(replaced(binary, "environment.framework", "spektral"), "environment.framework_packages", packages)
    assert model_rows(run)[0] == ("framework", "spektral")
    page = render(run)
    for name, value in {"framework": "spektral", **packages}.items():
        assert re.search(rf"<dt>{name}</dt>\s*<dd>{value}</dd>", page), f"{name} is not on the page"
    assert "framework_packages" not in page


def test_truth_values_are_named_as_in_json(binary: RunRecord) -> None:
    """`true`, not Python's `True`, in the matrix too."""
    counts = {part: {"false": 10, "true": 5} for part in ("train", "val", "test")}
    of_booleans = replaced(binary, "classes", [False, True])
    html = render(replaced(of_booleans, "split.class_counts", ClassCounts(**counts)))
    assert "true → false" in html
    assert "True →" not in html


def test_best_epoch_is_marked(binary: RunRecord) -> None:
    """The best epoch is named in both learning curves."""
    assert render(replaced(binary, "best_epoch", 7)).count(">best epoch 7<") == 2


def test_confusion_matrix_shows_counts_and_shares(binary: RunRecord) -> None:
    """A cell says how many vertices of a class went where."""
    text = text_of(replaced(binary, "metrics.test.confusion_matrix", [[391, 239], [241, 361]]))
    assert "0 → 1: 239 (38 % of 0)" in text
    assert "752 of 1,232 test vertices are on the diagonal." in text


def test_confusion_matrix_falls_back_to_validation(binary: RunRecord) -> None:
    """Without a test part the matrix of the validation part is drawn."""
    assert "Confusion matrix, validation" in text_of(without(binary, "test"))


def test_classes_have_a_table(multiclass: RunRecord) -> None:
    """Precision, recall, F1 and size of a class, where no ROC curve stands beside the matrix."""
    text = text_of(replaced(multiclass, "metrics.test.confusion_matrix", [[6, 2, 0], [1, 9, 0], [1, 0, 4]]))
    assert "bear0.7500.7500.7508" in text
    assert "flat1.0000.8000.8895" in text


def test_many_classes_become_a_table(multiclass: RunRecord) -> None:
    """A matrix that no one could read is replaced by a table by class, and small classes share a segment."""
    classes = [f"class {index}" for index in range(40)]
    matrix = [[5 if true == predicted else 1 for predicted in range(40)] for true in range(40)]
    run = replaced(replaced(multiclass, "classes", classes), "metrics.test.confusion_matrix", matrix)
    for part in ("train", "val", "test"):
        run = replaced(run, f"split.class_counts.{part}", dict.fromkeys(classes, 3))
    html = render(run)
    assert "confusion-title" not in html
    assert "class 39" in Page(html).text
    assert "32 other classes" in Page(html).text


def test_time_axis_prints_dates(binary: RunRecord) -> None:
    """Milliseconds since 1970 are shown as dates, and the embargo as a length of time."""
    text = text_of(binary)
    assert "From 2024-01-01 00:00 to 2024-02-18 18:00: Training, Validation, Test, Embargo." in text
    assert "Embargo3 d" in text
    assert "Training starts2024-01-01 00:00" in text


def test_time_axis_of_plain_numbers(binary: RunRecord) -> None:
    """Ordinal time stays a number."""
    ordinal = {"time_unit": "ordinal", "embargo": 5.0, "boundaries": {"train_end": 42.0}}
    run = binary.model_copy(update={"split": binary.split.model_copy(update=ordinal)})
    text = text_of(replaced(run, "split.time_axis.edges", [float(edge) for edge in range(61)]))
    assert "From 0 to 60: Training" in text
    assert "Training ends42" in text


def test_facts_of_the_graph_are_shown(binary: RunRecord) -> None:
    """Dangling edges, self-loops, duplicates, missing values and isolated vertices are in the tables."""
    text = text_of(binary)
    assert "correlated_withcandles → candles106325" in text
    assert "volume2010 %" in text
    assert "Isolated vertices: 2." in text
    told = text_of(replaced(binary, "graph.without_incoming", WithoutIncoming(labelled=12, train=9)))
    assert "Labelled vertices without an incoming edge from another vertex: 12 of" in told
    assert "without an incoming edge" not in text_of(replaced(binary, "graph.without_incoming", None))


def test_features_are_shown(binary: RunRecord) -> None:
    """A feature has its kind, its columns, what was missing, what stood in, its mean and scale."""
    (volume,) = [feature for feature in binary.features if feature.name == "volume"]
    known = volume.model_copy(update={"imputed": 812.5, "mean": 951.2, "scale": 402.9})
    text = text_of(replaced(binary, "features", [known]))
    assert "volumenumber220 (10 %)812.5 + indicator951.2402.9" in text


def test_secrets_are_hidden(binary: RunRecord) -> None:
    """A setting that sounds like a secret is never printed, even if it was handed in."""
    secrets = {"minio_secret_key": "hunter2", "ARANGO_PASSWORD": "hunter2"}
    assert "hunter2" not in render(replaced(binary, "settings", binary.settings | secrets))


def test_types_are_shown(heterogeneous: RunRecord) -> None:
    """A type has its collections, its time, its vertices and its features; the target is marked."""
    text = text_of(heterogeneous)
    first = ", ".join(f"candles_btcusdt_5m_2024_06_0{day}" for day in (1, 2, 3))
    assert f"candles_5m_2024_06 (target){first} and 3 more" in text
    assert heterogeneous.graph.decisions is not None
    for vertex_type in heterogeneous.graph.decisions.types:
        assert vertex_type.reason in text
    assert "ts1442" in text
    assert "GCN knows one vertex set" in text


def test_attributes_say_what_they_were_taken_for(binary: RunRecord, heterogeneous: RunRecord) -> None:
    """Role, reason, unit and missing values; the type where there are several, unreadable values where there are some."""
    text = text_of(binary)
    assert "AttributeTaken forWhyMissing" in text
    assert "price_uplabelnamed in TARGET; binary4" in text
    assert "open_timetimenamed as times usually are; in ms0" in text
    assert "volumefeaturenamed in FEATURES; number20" in text
    assert "regimeleft outnot named in FEATURES" in text
    first, *others = binary.graph.decisions.attributes if binary.graph.decisions else []
    unreadable = replaced(binary, "graph.decisions.attributes", [first.model_copy(update={"unreadable": 7}), *others])
    assert "AttributeTaken forWhyMissingUnreadable price_uplabelnamed in TARGET; binary47" in text_of(unreadable)
    assert "tradedfeaturenumbertrades_2024_063" in text_of(heterogeneous)


def test_collections_that_are_left_out_are_shown(binary: RunRecord) -> None:
    """With the reason, even where there is one type beside them."""
    assert binary.graph.decisions is not None
    assert "Vertex types" not in text_of(binary)
    (known,) = binary.graph.decisions.types
    reason = "no edges lead from there to the target"
    update = {"name": "news", "collections": ["news"], "role": "left out", "reason": reason, "vertices": 31}
    run = replaced(binary, "graph.decisions.types", [known, known.model_copy(update=update)])
    assert f"news (left out)news{reason}–31none" in text_of(run)


def test_a_record_without_decisions_has_a_report(heterogeneous: RunRecord) -> None:
    """Earlier versions did not keep them."""
    text = text_of(replaced(heterogeneous, "graph.decisions", None))
    assert "Taken for" not in text
    assert "candles_5m_2024_06 (target)" in text


def test_many_attributes_are_cut(binary: RunRecord) -> None:
    """The page stays small, and says where all are."""
    assert binary.graph.decisions is not None
    (first, *_) = binary.graph.decisions.attributes
    many = [first.model_copy(update={"attribute": f"a{number}"}) for number in range(1500)]
    run = replaced(binary, "graph.decisions.attributes", many)
    assert "The first 200 of 1500 attributes; metrics.json has them all." in text_of(run)
    assert "a199label" in text_of(run)
    assert "a200label" not in text_of(run)


def test_relations_are_shown(heterogeneous: RunRecord) -> None:
    """A relation has its ends, where it comes from, what came out of the future, what was dropped, and its weights."""
    text = text_of(heterogeneous)
    assert "traded_in_2024_06_033636 (50 %)36–" in text
    assert "rev_traded_in_2024_06candles_5m_2024_06 → trades_2024_06reverse of traded_in_2024_06, added36" in text
    assert "0 to 1.000, mean 0.500" in text


def test_leaks_of_one_relation_are_shown(binary: RunRecord, heterogeneous: RunRecord) -> None:
    """A graph of one type has the table of relations only when there is something to say in it."""
    relation = binary.graph.relations[0]
    quiet, leaking = (
        replaced(binary, "graph.relations", [relation.model_copy(update={"from_future": count})]) for count in (0, 7)
    )
    assert "Out of the future" not in render(quiet)
    assert "Out of the future" in render(leaking)
    assert "schema-title" not in render(leaking)
    assert "schema-title" in render(heterogeneous)


def test_several_graphs_are_shown(heterogeneous: RunRecord) -> None:
    """Each graph has its vertices and how they fell to the parts."""
    assert "graph_2024_06_02480480" in text_of(heterogeneous)


def test_features_have_their_type_where_there_are_several(heterogeneous: RunRecord) -> None:
    """Missing values are counted among the vertices of the feature's own type."""
    assert "tradedtrades_2024_06number23 (4 %)2.000 + indicator" in text_of(heterogeneous)


@pytest.mark.parametrize("value", [1e308, -1e308, 5e-324, 0.0, -1.0, None])
def test_any_number_may_be_wild(regression: RunRecord, value: float | None) -> None:
    """Numbers beyond all measure neither stop the page nor leak into a drawing as nan."""
    first = regression.history[0].model_copy(update=dict.fromkeys(("loss", "val_loss", "mae", "rmse", "r2"), value))
    run = replaced(regression, "history", [first, *regression.history[1:]])
    for sample in ("true", "predicted"):
        known = getattr(regression.curves.predicted_vs_true, sample)
        run = replaced(run, f"curves.predicted_vs_true.{sample}", [value, *known[1:]])
    run = replaced(replaced(run, "target.mean", value), "target.scale", value)
    if value is not None and value >= 0:
        run = replaced(replaced(run, "metrics.test.mae", value), "metrics.test.rmse", value)
    html = render(replaced(run, "metrics.test.r2", value))
    assert Page(html).open == []
    assert not re.search(r'="[^"]*\b(nan|inf)\b', html)


def test_losses_far_apart_get_a_logarithmic_scale(binary: RunRecord) -> None:
    """A loss that falls by orders of magnitude is drawn on a logarithmic scale, another is not."""
    assert "Logarithmic scale." in render(with_losses(binary, lambda epoch: 1000 / epoch**3))
    assert "Logarithmic scale." not in render(with_losses(binary, lambda epoch: 1 - epoch / 40))


def test_a_long_run_stays_small(binary: RunRecord) -> None:
    """A thousand epochs fit into 300 kB, and a single spike among them is still drawn."""
    html = render(with_losses(binary, lambda epoch: 1.9 if epoch == 618 else 0.5 + 0.001 * (epoch % 7), epochs=1000))
    assert len(html.encode()) < 300_000
    lowest = min(
        float(point.split(",")[1])
        for line in re.findall(r'<polyline points="([^"]+)" class="curve stroke-val"', html)[:1]
        for point in line.split()
    )
    assert lowest < 40


def test_a_gap_in_the_history_breaks_the_curve(binary: RunRecord) -> None:
    """An epoch without a value is not bridged by a line."""
    whole = with_losses(binary, lambda epoch: 0.5)
    broken = with_losses(binary, lambda epoch: None if epoch == 6 else 0.5)
    curve = 'class="curve stroke-val"'
    assert render(broken).count(curve) == render(whole).count(curve) + 1


def test_measures_of_the_run_are_printed(sample: RunRecord) -> None:
    """The headline and the table show the numbers of the record itself."""
    measures = sample.metrics.headline
    shown = f"{measures.accuracy:.3f}" if isinstance(measures, ClassMeasures) else f"{measures.mae:.3g}"
    assert shown in text_of(sample)
