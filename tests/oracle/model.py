"""Values, types and graphs as the language's specification sees them, written for clarity alone."""
import dataclasses
import datetime
import struct

INTEGERS = {"I32": (-2**31, 2**31 - 1), "I64": (-2**63, 2**63 - 1),
            "U32": (0, 2**32 - 1), "U64": (0, 2**64 - 1)}
FLOATS = ("F32", "F64")


@dataclasses.dataclass(frozen=True)
class Type:
    """The type of a property, a parameter or an expression."""
    base: str  # "String", "I32", ..., "enum"
    values: tuple = ()  # Of an enum.
    is_list: bool = False
    is_nullable: bool = False

    @property
    def is_number(self):
        return not self.is_list and (self.base in INTEGERS or self.base in FLOATS)

    @property
    def text(self):
        name = "enum(" + ", ".join(self.values) + ")" if self.base == "enum" else self.base
        return (f"[{name}]" if self.is_list else name) + ("?" if self.is_nullable else "")

    def element(self):
        return Type(self.base, self.values)


STRING = Type("String")
COUNT = Type("I64")
REAL = Type("F64")


@dataclasses.dataclass
class NodeType:
    name: str
    properties: dict  # Name to Type, in the order of declaration.
    key: str | None = None
    unique: list = dataclasses.field(default_factory=list)  # Lists of property names.
    ranges: dict = dataclasses.field(default_factory=dict)  # Property to (low, high).
    indexed: set = dataclasses.field(default_factory=set)


@dataclasses.dataclass
class EdgeType:
    name: str
    source: str
    target: str
    properties: dict
    least: int = 0
    most: int | None = None
    is_unique: bool = False  # @unique(src, dst)

    @property
    def word(self):
        return self.name[0].lower() + self.name[1:]


@dataclasses.dataclass
class Schema:
    nodes: dict
    edges: dict

    def text(self):
        """The schema as `.pg`."""
        lines = []
        for node in self.nodes.values():
            lines.append(f"node {node.name} {{")
            for name, kind in node.properties.items():
                lines.append(f"  {name}: {kind.text}" + (" @key" if name == node.key else "") +
                             (" @index" if name in node.indexed else ""))
            lines += [f"  @unique({', '.join(group)})" for group in node.unique]
            lines += [f"  @range({name}, {low}..{high})"
                      for name, (low, high) in node.ranges.items()]
            lines.append("}")
        for edge in self.edges.values():
            bounds = ""
            if edge.least > 0 or edge.most is not None:
                bounds = f" @card({edge.least}..{'' if edge.most is None else edge.most})"
            body = [f"{name}: {kind.text}" for name, kind in edge.properties.items()]
            if edge.is_unique:
                body.append("@unique(src, dst)")
            lines.append(f"edge {edge.name}: {edge.source} -> {edge.target}{bounds} {{ " +
                         " ".join(body) + " }")
        return "\n".join(lines) + "\n"


@dataclasses.dataclass
class Edge:
    source: str
    target: str
    values: dict


class Graph:
    """The rows of one commit: nodes and edges by type and id."""

    def __init__(self, schema):
        self.schema = schema
        self.nodes = {name: {} for name in schema.nodes}
        self.edges = {name: {} for name in schema.edges}
        self.invented = 0  # Rows whose id only the database knows get one from here.

    def copy(self):
        other = Graph(self.schema)
        other.nodes = {name: {key: dict(row) for key, row in rows.items()}
                       for name, rows in self.nodes.items()}
        other.edges = {name: {key: Edge(row.source, row.target, dict(row.values))
                              for key, row in rows.items()} for name, rows in self.edges.items()}
        other.invented = self.invented
        return other

    def invent_id(self):
        """An id for a row to which the database gives a random one; sorts behind nothing known."""
        self.invented += 1
        return f"?{self.invented}"

    def has_invented_ids(self):
        return any(key.startswith("?") for rows in (*self.nodes.values(), *self.edges.values())
                   for key in rows)


def rounded(number):
    """The nearest F32, as a Python float; infinity if it does not fit."""
    try:
        return struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")


def key_text(kind, value):
    """The id of a node whose key has this value."""
    if kind.base == "Bool":
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def _order(left, right):
    return (left > right) - (left < right)


def compare_floats(left, right):
    """The total order: -0.0 below 0.0, NaN above all."""
    def place(number):
        bits = struct.unpack("<q", struct.pack("<d", number))[0]
        return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF) - 1
    return _order(place(left), place(right))


def compare(left, left_kind, right, right_kind):
    """-1, 0 or 1 for two values that are not null, by the rules of filters."""
    if left_kind.is_number and right_kind.is_number:
        if "F32" in (left_kind.base, right_kind.base):
            return compare_floats(rounded(left), rounded(right))
        if left_kind.base in FLOATS and right_kind.base in FLOATS:
            return compare_floats(left, right)
        return _order(left, right)  # Python compares int with float exactly.
    if isinstance(left, str):
        return _order(left.encode(), right.encode())
    return _order(left, right)


def compare_for_sorting(left, right, kind):
    """As `compare`, with null below everything and lists by their elements."""
    if left is None or right is None:
        return (left is not None) - (right is not None)
    if not kind.is_list:
        return compare(left, kind, right, kind)
    for a, b in zip(left, right):
        order = compare_for_sorting(a, b, kind.element())
        if order:
            return order
    return _order(len(left), len(right))


def date_time(text):
    """A DateTime as results print it."""
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    moment = moment.astimezone(datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def group_identity(value):
    """What is equal for two values of one group key, and different otherwise."""
    if isinstance(value, float):
        return ("float", struct.pack("<d", value))
    if isinstance(value, list):
        return ("list", tuple(group_identity(item) for item in value))
    return (type(value).__name__, value)
