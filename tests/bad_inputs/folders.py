"""Ways to spoil an arangodump folder."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

from tests.conftest import write_collection, write_graph


def file_of(folder: Path, pattern: str) -> Path:
    """The only file of the folder that matches."""
    (found,) = folder.glob(pattern)
    return found


def absent(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def file_in_place(folder: Path) -> None:
    absent(folder)
    folder.write_text("{}")


def empty(folder: Path) -> None:
    absent(folder)
    folder.mkdir()


def all_databases(folder: Path) -> None:
    empty(folder)
    for database in ("_system", "shop"):
        (folder / database).mkdir()
        (folder / database / "dump.json").write_text(json.dumps({"database": database}))


def two_edge_collections(folder: Path) -> None:
    for path in folder.glob("_graphs_*"):
        path.unlink()
    write_collection(folder, "follows", [], edge=True)


def no_edge_collection(folder: Path) -> None:
    for path in (*folder.glob("_graphs_*"), *folder.glob("e_*")):
        path.unlink()


def as_gzip(folder: Path, content: Callable[[bytes], bytes]) -> None:
    plain = file_of(folder, "v_*.data.json")
    plain.with_name(f"{plain.name}.gz").write_bytes(content(gzip.compress(plain.read_bytes())))
    plain.unlink()


def truncated_gzip(folder: Path) -> None:
    as_gzip(folder, lambda content: content[: len(content) // 2])


def damaged_gzip(folder: Path) -> None:
    as_gzip(folder, lambda content: content[:40] + bytes(40) + content[80:])


def garbage_in_gzip(folder: Path) -> None:
    as_gzip(folder, lambda content: b"no gzip at all")


def replace_line(folder: Path, pattern: str, number: int, text: str) -> None:
    path = file_of(folder, pattern)
    lines = path.read_text().splitlines()
    lines[number - 1] = text
    path.write_text("\n".join(lines) + "\n")


def broken_line(folder: Path) -> None:
    replace_line(folder, "v_*.data.json", 7, '{"_key": "k06", "a": ')


def broken_last_line(folder: Path) -> None:
    path = file_of(folder, "e_*.data.json")
    path.write_bytes(path.read_bytes()[:-9])


def two_documents_on_a_line(folder: Path) -> None:
    replace_line(folder, "v_*.data.json", 3, '{"_key": "k02"}, {"_key": "k03"}')


def line_without_document(folder: Path) -> None:
    replace_line(folder, "v_*.data.json", 5, "[1, 2]")


def vertex_without_key(folder: Path) -> None:
    replace_line(folder, "v_*.data.json", 9, '{"a": 1}')


def vertex_with_number_as_key(folder: Path) -> None:
    replace_line(folder, "v_*.data.json", 2, '{"_key": 1, "a": 1}')


def edge_without_from(folder: Path) -> None:
    replace_line(folder, "e_*.data.json", 4, '{"_key": "3", "_to": "v/k01"}')


def edge_without_to(folder: Path) -> None:
    replace_line(folder, "e_*.data.json", 40, '{"_key": "3", "_from": "v/k01", "_to": null}')


def unknown_envelope(folder: Path) -> None:
    replace_line(folder, "v_*.data.json", 6, '{"type": 2400, "data": {"_key": "k05"}}')


def encrypted(folder: Path) -> None:
    (folder / "ENCRYPTION").write_text("aes-256-ctr")


def vpack_by_facts(folder: Path) -> None:
    (folder / "dump.json").write_text(json.dumps({"useVPack": True}))


def vpack_by_name(folder: Path) -> None:
    path = file_of(folder, "v_*.data.json")
    path.rename(path.with_name(path.name.replace(".data.json", ".data.vpack")))


def broken_facts(folder: Path) -> None:
    (folder / "dump.json").write_text("{")


def broken_structure(folder: Path) -> None:
    file_of(folder, "v_*.structure.json").write_text('{"parameters": {"name": ')


def structure_of_another_shape(folder: Path) -> None:
    file_of(folder, "v_*.structure.json").write_text('{"parameters": ["v", 2]}')


def missing_collection(folder: Path) -> None:
    write_graph(folder, "g", [{"collection": "e", "from": ["v"], "to": ["shops"]}])


def missing_orphan(folder: Path) -> None:
    write_graph(folder, "g", [{"collection": "e", "from": ["v"], "to": ["v"]}], orphans=["alone"])


def broken_graphs_line(folder: Path) -> None:
    file_of(folder, "_graphs_*.data.json").write_text('{"_key": "g"\n')


def graph_without_definitions(folder: Path) -> None:
    write_collection(folder, "_graphs", [{"_key": "g"}])


def graph_with_broken_definition(folder: Path) -> None:
    write_collection(folder, "_graphs", [{"_key": "g", "edgeDefinitions": [{"collection": "e"}]}])


def graph_without_edges(folder: Path) -> None:
    write_graph(folder, "g", [], orphans=["v"])


def no_vertices(folder: Path) -> None:
    file_of(folder, "v_*.data.json").write_bytes(b"")


def no_data_file(folder: Path) -> None:
    file_of(folder, "v_*.data.json").unlink()


def as_folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


def as_dangling_link(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(path.with_name("nowhere"))


def as_circle_of_links(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(path)
