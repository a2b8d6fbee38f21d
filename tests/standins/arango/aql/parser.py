"""A recursive-descent parser for the statements of `plan`; the rest of AQL is rejected on purpose.

The service's queries are few. A statement outside this grammar is a new query that nobody has thought about,
and a test must say so.
"""

from ..errors import ApiError
from .plan import (
    Array,
    AttributeNames,
    Attributes,
    Bind,
    Expression,
    Has,
    Keep,
    Length,
    Member,
    Plan,
    Scan,
    TypeName,
    Whole,
)
from .tokens import Kind, Token, tokenize, unexpected


def parse(query: str) -> tuple[Plan, frozenset[str]]:
    """Parse one query.

    Args:
        query: AQL text.

    Returns:
        The plan and the names of its bind parameters; a collection's name starts with `@`.

    Raises:
        ApiError: 1501 for anything outside the grammar.
    """
    parser = _Parser(query)
    return parser.statement(), frozenset(parser.binds)


class _Parser:
    def __init__(self, query: str) -> None:
        self.query = query
        self.tokens = list(tokenize(query))
        self.at = 0
        self.binds: set[str] = set()

    def statement(self) -> Plan:
        plan: Plan
        if self._try("keyword", "RETURN"):
            plan = self._length()
        else:
            self._take("keyword", "FOR")
            variable = self._take("identifier").text
            self._take("keyword", "IN")
            source = self._source()
            names = self._peek() == ("keyword", "FOR")
            plan = self._attribute_names(variable, source) if names else self._scan(variable, source)
        self._take("end")
        return plan

    def _length(self) -> Length:
        self._word("LENGTH")
        self._signs("(")
        source = self._source()
        self._signs(")")
        return Length(source)

    def _scan(self, variable: str, source: Bind) -> Scan:
        after: Bind | None = None
        offset: int | Bind = 0
        limit: int | Bind | None = None
        if self._try_word("OPTIONS"):
            self._signs("{")
            self._word("maxProjections", exact=True)
            self._signs(":")
            self._take("integer")
            self._signs("}")
        if self._try("keyword", "FILTER"):
            self._key_of(variable)
            self._signs(">")
            after = self._bind()
        is_sorted = self._try("keyword", "SORT")
        if is_sorted:
            self._key_of(variable)
        if self._try("keyword", "LIMIT"):
            limit = self._amount()
            if self._try("sign", ","):
                offset, limit = limit, self._amount()
        self._take("keyword", "RETURN")
        return Scan(source, self._expression(variable), after, is_sorted, offset, limit)

    def _attribute_names(self, variable: str, source: Bind) -> AttributeNames:
        self._take("keyword", "FOR")
        name = self._take("identifier").text
        self._take("keyword", "IN")
        self._word("ATTRIBUTES")
        self._document_and_true(variable)
        if self._try("keyword", "RETURN"):
            self._take("keyword", "DISTINCT")
            self._word(name, exact=True)
            return AttributeNames(source, is_counted=False)
        self._take("keyword", "COLLECT")
        group = self._take("identifier").text
        self._assign(name)
        self._take("keyword", "WITH")
        self._word("COUNT")
        self._take("keyword", "INTO")
        number = self._take("identifier").text
        self._take("keyword", "RETURN")
        self._signs("[")
        self._word(group, exact=True)
        self._signs(",")
        self._word(number, exact=True)
        self._signs("]")
        return AttributeNames(source, is_counted=True)

    def _expression(self, variable: str) -> Expression:
        if self._try("sign", "["):
            items = [self._expression(variable)]
            while self._try("sign", ","):
                items.append(self._expression(variable))
            self._signs("]")
            return Array(tuple(items))
        token = self._take("identifier")
        if self._peek() == ("sign", "("):
            return self._call(token, variable)
        self._is_variable(token, variable)
        path = []
        while self._try("sign", "."):
            path.append(self._step())
        return Member(tuple(path)) if path else Whole()

    def _call(self, token: Token, variable: str) -> Expression:
        name = token.text.upper()
        if name == "ATTRIBUTES":
            self._document_and_true(variable)
            return Attributes()
        if name not in ("TYPENAME", "HAS", "KEEP"):
            raise unexpected(self.query, token)
        self._signs("(")
        expression: Expression
        if name == "TYPENAME":
            expression = TypeName(self._expression(variable))
        else:
            self._is_variable(self._take("identifier"), variable)
            self._signs(",")
            expression = Keep(self._bind()) if name == "KEEP" else Has(self._text())
        self._signs(")")
        return expression

    def _document_and_true(self, variable: str) -> None:
        self._signs("(")
        self._is_variable(self._take("identifier"), variable)
        self._signs(",")
        self._take("keyword", "TRUE")
        self._signs(")")

    def _key_of(self, variable: str) -> None:
        self._is_variable(self._take("identifier"), variable)
        self._signs(".")
        self._word("_key", exact=True)

    def _is_variable(self, token: Token, variable: str) -> None:
        # AQL takes any other name for a collection.
        if token.text != variable:
            raise ApiError(1203, f"AQL: collection or view not found: {token.text} (while parsing)")

    def _step(self) -> str | Bind:
        if self._peek()[0] == "bind":
            return self._bind()
        return self._take("quoted" if self._peek()[0] == "quoted" else "identifier").text

    def _text(self) -> str | Bind:
        return self._bind() if self._peek()[0] == "bind" else self._take("string").text

    def _amount(self) -> int | Bind:
        return self._bind() if self._peek()[0] == "bind" else int(self._take("integer").text)

    def _source(self) -> Bind:
        return self._declare(f"@{self._take('source bind').text}")

    def _bind(self) -> Bind:
        return self._declare(self._take("bind").text)

    def _declare(self, name: str) -> Bind:
        self.binds.add(name)
        return Bind(name)

    def _assign(self, name: str) -> None:
        self._signs("=")
        self._word(name, exact=True)

    def _peek(self) -> tuple[Kind, str]:
        token = self.tokens[self.at]
        return token.kind, token.text

    def _take(self, kind: Kind, text: str | None = None) -> Token:
        token = self.tokens[self.at]
        if token.kind != kind or text not in (None, token.text):
            raise unexpected(self.query, token)
        self.at += 1
        return token

    def _try(self, kind: Kind, text: str) -> bool:
        found = self._peek() == (kind, text)
        self.at += found
        return found

    def _word(self, word: str, *, exact: bool = False) -> None:
        token = self._take("identifier")
        if (token.text if exact else token.text.upper()) != word:
            raise unexpected(self.query, token)

    def _try_word(self, word: str) -> bool:
        kind, text = self._peek()
        found = kind == "identifier" and text.upper() == word
        self.at += found
        return found

    def _signs(self, sign: str) -> None:
        self._take("sign", sign)
