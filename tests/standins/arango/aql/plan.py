"""What a query says: the result of parsing, before bind values are known."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bind:
    """A bind parameter, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Whole:
    """The document itself."""


@dataclass(frozen=True, slots=True)
class Member:
    """An attribute of the document; a bind step may hold several names."""

    path: tuple[str | Bind, ...]


@dataclass(frozen=True, slots=True)
class Array:
    """An array of expressions."""

    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Attributes:
    """The document's attribute names without the system's own."""


@dataclass(frozen=True, slots=True)
class TypeName:
    """The AQL type of an expression's value."""

    of: "Expression"


@dataclass(frozen=True, slots=True)
class Has:
    """Whether the document has an attribute."""

    name: str | Bind


@dataclass(frozen=True, slots=True)
class Keep:
    """The document cut down to some attributes."""

    names: Bind


Expression = Whole | Member | Array | Attributes | TypeName | Has | Keep


@dataclass(frozen=True, slots=True)
class Scan:
    """`FOR v IN @@c … RETURN expression`."""

    source: Bind
    result: Expression
    after: Bind | None = None
    is_sorted: bool = False
    offset: int | Bind = 0
    limit: int | Bind | None = None


@dataclass(frozen=True, slots=True)
class Length:
    """`RETURN LENGTH(@@c)`."""

    source: Bind


@dataclass(frozen=True, slots=True)
class AttributeNames:
    """Every attribute name of a collection once, with the number of documents that have it if counted."""

    source: Bind
    is_counted: bool


Plan = Scan | Length | AttributeNames
