"""The tree of a query: what the generator writes, the oracle reads, and the text that both mean."""
import dataclasses

from model import Type


@dataclasses.dataclass
class Constant:
    """A literal, or a parameter that carries the value."""
    value: object
    kind: Type
    parameter: str | None = None

    def text(self):
        if self.parameter:
            return "$" + self.parameter
        return literal(self.value, self.kind)


@dataclasses.dataclass
class Property:
    variable: str
    name: str
    kind: Type

    def text(self):
        return f"${self.variable}.{self.name}"


@dataclasses.dataclass
class Variable:
    """A node, whose value is its id."""
    variable: str
    kind: Type

    def text(self):
        return "$" + self.variable


@dataclasses.dataclass
class Aggregate:
    function: str
    argument: object
    kind: Type

    def text(self):
        return f"{self.function}({self.argument.text()})"


@dataclasses.dataclass
class Binding:
    variable: str  # "_" for a node without a name.
    node_type: str
    fields: list  # Of (property name, Type, Constant).

    def text(self):
        fields = ", ".join(f"{name}: {value.text()}" for name, _, value in self.fields)
        return f"${self.variable}: {self.node_type}" + (f" {{ {fields} }}" if fields else "")


@dataclasses.dataclass
class Traversal:
    left: str
    right: str
    edge_type: str
    left_type: str
    right_type: str
    is_forward: bool = True
    is_undirected: bool = False
    bounds: tuple | None = None
    edge_variable: str | None = None

    def text(self):
        word = self.edge_type[0].lower() + self.edge_type[1:]
        if self.is_undirected:
            word = f"<{word}>"
        if self.edge_variable:
            word = f"${self.edge_variable}:{word}"
        if self.bounds:
            word += "{%d,%d}" % self.bounds
        return f"${self.left} {word} ${self.right}"


@dataclasses.dataclass
class Filter:
    left: object
    operator: str
    right: object

    def text(self):
        return f"{self.left.text()} {self.operator} {self.right.text()}"


@dataclasses.dataclass
class Negation:
    clauses: list

    def text(self):
        return "not { " + "  ".join(clause.text() for clause in self.clauses) + " }"


@dataclasses.dataclass
class Read:
    clauses: list
    projections: list  # Of (expression, alias).
    order: list = dataclasses.field(default_factory=list)  # Of (expression or alias, descends).
    limit: int | None = None
    parameters: list = dataclasses.field(default_factory=list)  # Of Constant.

    def text(self):
        columns = ", ".join(f"{item.text()} as {alias}" for item, alias in self.projections)
        text = header(self.parameters) + "{ match { " + "\n  ".join(
            clause.text() for clause in self.clauses) + " }\n return { " + columns + " }"
        if self.order:
            terms = [(term if isinstance(term, str) else term.text()) +
                     (" desc" if descends else "") for term, descends in self.order]
            text += "\n order { " + ", ".join(terms) + " }"
        if self.limit is not None:
            text += f" limit {self.limit}"
        return text + " }"


@dataclasses.dataclass
class Statement:
    action: str  # "insert", "update", "delete"
    type_name: str
    fields: list = dataclasses.field(default_factory=list)  # Of (name, Constant).
    where: tuple | None = None  # (name, operator, Constant)

    def text(self):
        fields = ", ".join(f"{name}: {value.text()}" for name, value in self.fields)
        where = "" if self.where is None else " where %s %s %s" % (
            self.where[0], self.where[1], self.where[2].text())
        if self.action == "delete":
            return f"delete {self.type_name}{where}"
        if self.action == "insert":
            return f"insert {self.type_name} {{ {fields} }}"
        return f"update {self.type_name} set {{ {fields} }}{where}"


@dataclasses.dataclass
class Mutation:
    statements: list
    parameters: list

    def text(self):
        return header(self.parameters) + "{ " + "\n  ".join(
            statement.text() for statement in self.statements) + " }"


def header(parameters):
    """`query q($a: I32) ` with the parameters that the query uses."""
    declared = ", ".join(f"${item.parameter}: {parameter_type(item.kind)}" for item in parameters)
    return f"query q({declared}) "


def parameter_type(kind):
    base = "String" if kind.base == "enum" else kind.base
    return (f"[{base}]" if kind.is_list else base) + ("?" if kind.is_nullable else "")


def literal(value, kind):
    """A value as the language writes it; only what `has_literal` allows."""
    if isinstance(value, list):
        return "[" + ", ".join(literal(item, kind.element()) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind.base in ("Date", "DateTime"):
        return f'{kind.base.lower()}("{value}")'
    if isinstance(value, str):
        for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n")):
            value = value.replace(plain, escaped)
        return f'"{value}"'
    return repr(value)


def has_literal(value):
    """Whether the language can write the value: no null, no sign, no exponent, no U64 above I64."""
    if isinstance(value, list):
        return len(value) > 0 and all(has_literal(item) for item in value)
    if value is None:
        return False
    if isinstance(value, float):
        return not repr(value).startswith("-") and "e" not in repr(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return 0 <= value < 2**63
    return True
