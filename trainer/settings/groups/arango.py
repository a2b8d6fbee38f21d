"""The ArangoDB that graphs are read from."""

from pydantic import SecretStr

from trainer.settings.setting import Group, setting


class ArangoSettings(Group, heading="ArangoDB"):
    """The ArangoDB that graphs are read from."""

    arango_url: str | None = setting(
        None,
        "Address of ArangoDB; used if GRAPH_PATH is not set.",
        "http://host:port or https://host:port, with a port from 1 to 65535",
    )
    arango_db: str = setting("_system", "The database that holds the graph.", "the name of a database")
    arango_user: str = setting("root", "User that reads the graph.", "the name of a user")
    arango_password: SecretStr = setting(SecretStr(""), "The user's password.", "a string")
    arango_ca_path: str | None = setting(
        None, "PEM file with the CA of an https server; by default the system's CAs.", "a PEM file"
    )
    write_graph_metadata: bool = setting(False, "Write a document about the run to `graph_metadata`.", "true or false")
