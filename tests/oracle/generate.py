"""Random schemas, rows, reads and mutations; everything follows from one seed."""
import math
import random

import evaluate
import language as lang
import model
import mutate
from model import Type

WORDS = ["", "a", "ab", "Ab", "abc", "Zoë", "a b", 'q"t', "b\\c", "日本"]
VALUES = {
    "String": WORDS,
    "I32": [-2**31, -1, 0, 1, 2, 3, 4, 2**31 - 1],
    "I64": [-2**63, -1, 0, 1, 2, 3, 2**53 + 1, 2**63 - 1],
    "U32": [0, 1, 2, 3, 2**32 - 1],
    "U64": [0, 1, 2, 2**53 + 1, 2**63, 2**64 - 1],
    "F32": [model.rounded(number) for number in (0.0, 0.1, 1.5, 2.0, -2.25, 1e30)],
    "F64": [-0.0, 0.0, 0.1, 1.5, 2.0, 2.7, -3.25, 1e300],
    "Bool": [False, True],
    "Date": ["1969-07-20", "2023-12-31", "2024-01-10"],
    "DateTime": [model.date_time(text) for text in (
        "1969-12-31T23:59:59.999Z", "2024-06-01T12:00:00Z", "2024-06-01T12:00:00.001Z")],
}
COMPARISONS = ["=", "!=", "<", "<=", ">", ">="]
ROWS_MAX = 4000  # Assignments that one read may try in the worst case.


class Generator:
    """One graph's worth of randomness."""

    def __init__(self, seed, size=6):
        self.dice = random.Random(seed)
        self.size = size
        self.parameters = []

    def one_in(self, count):
        return self.dice.randrange(count) == 0

    # --- schema and rows -------------------------------------------------------------------------

    def scalar_type(self):
        base = self.dice.choice([*VALUES, "String", "I32", "enum"])
        values = ("x", "y", "z") if base == "enum" else ()
        return Type(base, values, is_nullable=not self.one_in(4))

    def schema(self):
        nodes, edges = {}, {}
        for name in ("Person", "Team", "Doc")[:self.dice.randint(2, 3)]:
            properties = {}
            key = None
            if not self.one_in(3):
                key = "key"
                properties[key] = Type(self.dice.choice(["String", "String", "I32", "Date"]))
            for label in "abcdef"[:self.dice.randint(2, 6)]:
                properties[label] = self.scalar_type()
            if self.one_in(2):
                properties["tagList"] = Type(self.dice.choice(["String", "I32"]), is_list=True,
                                             is_nullable=True)
            if self.one_in(3):
                properties["pad"] = Type("String", is_nullable=True)
            node = model.NodeType(name, properties, key)
            scalars = [label for label, kind in properties.items()
                       if not kind.is_list and label not in ("pad", key)]
            for label in scalars:
                kind = properties[label]
                if kind.base in ("I32", "F64") and self.one_in(3):
                    node.ranges[label] = (-2, 3)
                elif kind.base in ("I64", "String") and kind.is_nullable and self.one_in(4):
                    node.unique.append([label])
                if self.one_in(3):
                    node.indexed.add(label)
            nodes[name] = node
        names = list(nodes)
        for name in ("Knows", "Likes", "WrittenBy", "Near")[:self.dice.randint(2, 4)]:
            source = self.dice.choice(names)
            target = source if self.one_in(2) else self.dice.choice(names)
            edge = model.EdgeType(name, source, target, {})
            for label in "wv"[:self.dice.randint(0, 2)]:
                edge.properties[label] = Type(self.dice.choice(["I32", "String", "F64"]),
                                              is_nullable=True)
            if self.one_in(5):
                edge.least, edge.most = self.dice.choice([(0, 3), (1, 2), (2, None)])
            edge.is_unique = self.one_in(5)
            edges[name] = edge
        return model.Schema(nodes, edges)

    def stored_value(self, kind):
        if kind.is_nullable and self.one_in(4):
            return None
        if kind.is_list:
            return [None if self.one_in(6) else self.scalar(kind.element())
                    for _ in range(self.dice.randrange(4))]
        return self.scalar(kind)

    def scalar(self, kind):
        return self.dice.choice(kind.values if kind.base == "enum" else VALUES[kind.base])

    def graph(self, schema):
        """A graph that keeps the constraints; what has no key gets an id of its own."""
        graph = model.Graph(schema)
        for kind in schema.nodes.values():
            for i in range(self.dice.randint(1, self.size)):
                row = {name: self.stored_value(item) for name, item in kind.properties.items()}
                for name, (low, high) in kind.ranges.items():
                    while row[name] is not None and not low <= row[name] <= high:
                        row[name] = self.stored_value(kind.properties[name])
                for (name,) in kind.unique:
                    if any(other[name] == row[name] for other in graph.nodes[kind.name].values()):
                        row[name] = None
                if "pad" in row:
                    row["pad"] = "x" * 70000 if self.one_in(8) else None
                key = f"{kind.name.lower()}{i}"
                if kind.key:
                    base = kind.properties[kind.key].base
                    row["key"] = {"I32": i - 1, "String": self.dice.choice(WORDS[1:]) + str(i),
                                  "Date": f"2024-{i // 28 + 1:02}-{i % 28 + 1:02}"}[base]
                    key = model.key_text(kind.properties[kind.key], row["key"])
                graph.nodes[kind.name][key] = row
        for kind in schema.edges.values():
            self.add_edges(graph, kind)
        return graph

    def add_edges(self, graph, kind):
        sources, targets = list(graph.nodes[kind.source]), list(graph.nodes[kind.target])
        ends = [(self.dice.choice(sources), self.dice.choice(targets))
                for _ in range(self.dice.randrange(2 * self.size))]
        if kind.is_unique:
            ends = sorted(set(ends))
        if kind.most is not None:
            ends = [end for i, end in enumerate(ends)
                    if sum(other[0] == end[0] for other in ends[:i]) < kind.most]
        ends = [end for end in ends if sum(other[0] == end[0] for other in ends) >= kind.least]
        for i, (source, target) in enumerate(ends):
            values = {name: self.stored_value(item) for name, item in kind.properties.items()}
            graph.edges[kind.name][f"{kind.word}-{i}"] = model.Edge(source, target, values)

    # --- constants -------------------------------------------------------------------------------

    def constant(self, kind, value=None):
        """A constant that can be compared with or assigned to `kind`, as literal or parameter."""
        if value is None:
            value = self.scalar(kind)
        if kind.base == "U64" and value >= 2**63:
            value = 7
        if not self.one_in(2) and lang.has_literal(value):
            if isinstance(value, float):
                return lang.Constant(value, Type("F64"))
            if isinstance(value, int) and not isinstance(value, bool):
                return lang.Constant(value, Type("I64"))
            return lang.Constant(value, Type(kind.base, kind.values))
        if kind.base in model.FLOATS and kind.base == "F32":
            value = model.rounded(value)
        return self.parameter(value, Type("String" if kind.base == "enum" else kind.base))

    def constant_list(self, kind, stored=()):
        """A list of up to four values of the type, most of them `stored` ones if there are any."""
        base = "String" if kind.base == "enum" else kind.base
        values = [value for value in stored if value is not None and
                  not (base == "U64" and value >= 2**63)]
        chosen = [self.dice.choice(values) if values and not self.one_in(3) else
                  7 if base == "U64" else self.scalar(kind) for _ in range(self.dice.randrange(5))]
        kind = Type(base, is_list=True)
        if lang.has_literal(chosen) and self.one_in(2):
            return lang.Constant(chosen, kind)
        return self.parameter(chosen, kind)

    def parameter(self, value, kind):
        item = lang.Constant(value, kind, f"p{len(self.parameters)}")
        self.parameters.append(item)
        return item

    def comparable(self, kind, stored=()):
        """A constant of the type, or of one that compares with it; now and then null.

        `stored` are values of the property: half of the constants are among them.
        """
        stored = [value for value in stored if value is not None]
        if stored and self.one_in(2):
            return self.constant(kind, self.dice.choice(stored))
        if self.one_in(20):
            base = "String" if kind.base == "enum" else kind.base
            return self.parameter(None, Type(base, is_nullable=True))
        if kind.is_number and self.one_in(4):
            kind = Type(self.dice.choice(["I32", "I64", "F64", "F32", "U32"]))
        return self.constant(kind)


class ReadGenerator:
    """Writes one read over a schema."""

    def __init__(self, generator, graph):
        self.generator = generator
        self.dice = generator.dice
        self.one_in = generator.one_in
        self.graph = graph
        self.schema = graph.schema
        self.scope = {}  # Variable to (type name, is edge), outermost first.
        self.names_count = 0
        self.cost = 1

    def read(self):
        self.generator.parameters = []
        clauses = self.clauses(self.dice.randint(1, 5), depth=0)
        if not self.scope or not self.properties():
            return None
        is_aggregate = self.one_in(3)
        projections = []
        for i in range(self.dice.randint(1, 3)):
            if is_aggregate and (i == 0 or self.one_in(2)):
                item = self.aggregate()
            else:
                item = self.column(is_aggregate)
            projections.append((item, f"c{i}"))
        query = lang.Read(clauses, projections)
        if self.one_in(2):
            query.order = self.order(query, is_aggregate)
        if self.one_in(3):
            query.limit = self.dice.randrange(8)
        query.parameters = self.generator.parameters
        return query

    # --- clauses ---------------------------------------------------------------------------------

    def clauses(self, count, depth):
        made = []
        for _ in range(count):
            kind = self.dice.randrange(10)
            if not self.scope or (kind < 2 and depth == 0):
                made.append(self.binding())
            elif kind < 7:
                made.append(self.traversal())
            elif kind < 8 or depth >= 2:
                made.append(self.filter(list(self.scope)))
            else:
                made.append(self.negation(depth))
        return [clause for clause in made if clause is not None]

    def new_variable(self, type_name, is_edge=False):
        table = self.graph.edges if is_edge else self.graph.nodes
        self.cost *= max(1, len(table[type_name]))
        # Two letters in varying order: ties are broken by names.
        name = self.dice.choice("zyxcba") + str(self.names_count)
        self.names_count += 1
        self.scope[name] = (type_name, is_edge)
        return name

    def may_grow(self, type_name, is_edge=False):
        table = self.graph.edges if is_edge else self.graph.nodes
        return self.cost * max(1, len(table[type_name])) <= ROWS_MAX

    def binding(self):
        old = [name for name, (_, is_edge) in self.scope.items() if not is_edge]
        if old and self.one_in(4):
            variable = self.dice.choice(old)
            type_name = self.scope[variable][0]
        else:
            type_name = self.dice.choice(list(self.schema.nodes))
            if not self.may_grow(type_name):
                return None
            variable = self.new_variable(type_name)
        return lang.Binding(variable, type_name, self.fields(type_name))

    def stored_values(self, type_name, is_edge, name):
        """All values of a property; the elements of a list."""
        rows = (self.graph.edges if is_edge else self.graph.nodes)[type_name].values()
        values = [(row.values if is_edge else row)[name] for row in rows]
        return [item for value in values
                for item in (value if isinstance(value, list) else [value])]

    def fields(self, type_name):
        fields = []
        properties = self.schema.nodes[type_name].properties
        while self.one_in(5):
            name = self.dice.choice(list(properties))
            if name == "pad" or any(name == other for other, _, _ in fields):
                continue
            kind = properties[name]
            fields.append((name, kind, self.generator.comparable(
                kind.element() if kind.is_list else kind,
                self.stored_values(type_name, False, name))))
        return fields

    def end(self, type_name, may_be_new):
        known = [name for name, (other, is_edge) in self.scope.items()
                 if other == type_name and not is_edge]
        if known and (not may_be_new or not self.one_in(3)):
            return self.dice.choice(known)
        if not may_be_new or not self.may_grow(type_name):
            return None
        if self.one_in(4):
            self.cost *= max(1, len(self.graph.nodes[type_name]))
            return "_"
        return self.new_variable(type_name)

    def traversal(self, must_touch=None):
        """A traversal; with `must_touch` one end is a variable of that set."""
        edges = list(self.schema.edges.values())
        if must_touch is not None:
            types = {self.scope[name][0] for name in must_touch if not self.scope[name][1]}
            edges = [edge for edge in edges if edge.source in types or edge.target in types]
        if not edges:
            return None
        edge = self.dice.choice(edges)
        is_same = edge.source == edge.target
        before = set(self.scope)
        if must_touch is not None:
            at_source = edge.source in types and (edge.target not in types or self.one_in(2))
            kept = self.dice.choice([name for name in must_touch if self.scope[name] ==
                                     (edge.source if at_source else edge.target, False)])
            other = self.end(edge.target if at_source else edge.source, True)
            source, target = (kept, other) if at_source else (other, kept)
        else:
            source = self.end(edge.source, True)
            target = self.end(edge.target, True)
        if source is None or target is None:
            self.scope = {name: self.scope[name] for name in self.scope if name in before}
            return None
        # Without a type on either side a traversal runs forward.
        is_forward = is_same or not (source in before or target in before) or not self.one_in(3)
        left, right = (source, target) if is_forward else (target, source)
        types = (edge.source, edge.target) if is_forward else (edge.target, edge.source)
        made = lang.Traversal(left, right, edge.name, *types, is_forward=is_forward,
                              is_undirected=is_same and self.one_in(4))
        if self.one_in(5) and self.may_grow(edge.name, is_edge=True):
            made.edge_variable = self.new_variable(edge.name, is_edge=True)
        elif self.one_in(3):
            least = self.dice.randint(1, 3)
            made.bounds = (least, least + self.dice.randrange(3))
        return made

    def properties(self, names=None):
        """All properties that can be read of the variables in scope."""
        found = []
        for variable, (type_name, is_edge) in self.scope.items():
            if names is not None and variable not in names:
                continue
            table = self.schema.edges if is_edge else self.schema.nodes
            found += [lang.Property(variable, name, kind)
                      for name, kind in table[type_name].properties.items() if name != "pad"]
        return found

    def filter(self, names):
        properties = self.properties(names)
        if not properties:
            return None
        left = self.dice.choice(properties)
        stored = self.stored_values(*self.scope[left.variable], left.name)
        if left.kind.is_list:
            return lang.Filter(left, "contains",
                               self.generator.comparable(left.kind.element(), stored))
        if left.kind.base == "String" and self.one_in(3):
            return lang.Filter(left, self.dice.choice(["contains", "starts_with"]),
                               self.generator.constant(Type("String")))
        operator = self.dice.choice(COMPARISONS)
        others = [item for item in properties if not item.kind.is_list and
                  (item.kind.base == left.kind.base or
                   (item.kind.is_number and left.kind.is_number))]
        if self.one_in(3):
            operator = "=" if self.one_in(2) else operator
            return lang.Filter(left, operator, self.dice.choice(others))
        if self.one_in(6):
            return lang.Filter(self.generator.constant_list(left.kind, stored), "contains", left)
        constant = self.generator.comparable(left.kind, stored)
        if self.one_in(4):
            return lang.Filter(constant, operator, left)
        return lang.Filter(left, operator, constant)

    def negation(self, depth):
        outside, cost = dict(self.scope), self.cost
        inner = []
        if self.one_in(3):
            inner.append(self.filter(list(outside)))
        else:
            nodes = [name for name, (_, is_edge) in outside.items() if not is_edge]
            inner.append(self.traversal(must_touch=nodes) if nodes else None)
        if inner[0] is not None:
            inner += self.clauses(self.dice.randrange(3), depth + 1)
        self.scope, self.cost = outside, cost * 2
        return lang.Negation(inner) if inner[0] is not None else None

    # --- columns ---------------------------------------------------------------------------------

    def column(self, is_key=False):
        nodes = [name for name, (_, is_edge) in self.scope.items() if not is_edge]
        if nodes and self.one_in(4):
            return lang.Variable(self.dice.choice(nodes), model.STRING)
        if not is_key and self.one_in(8):
            return self.generator.constant(Type(self.dice.choice(["String", "I64", "F64", "Bool"])))
        return self.dice.choice(self.properties())

    def aggregate(self):
        function = self.dice.choice(["count", "count", "sum", "avg", "min", "max"])
        if function == "count":
            return lang.Aggregate("count", self.column(is_key=True), model.COUNT)
        if function in ("sum", "avg"):
            # Large I64 values of both signs cancel: what is left depends on the order of additions.
            numbers = [item for item in self.properties()
                       if item.kind.is_number and item.kind.base != "I64"]
            if numbers:
                return lang.Aggregate(function, self.dice.choice(numbers), model.REAL)
            return lang.Aggregate("count", self.column(is_key=True), model.COUNT)
        items = [item for item in self.properties() if not item.kind.is_list and
                 (item.kind.is_number or item.kind.base == "String")]
        item = self.dice.choice(items) if items else self.column(is_key=True)
        if not items and not isinstance(item, lang.Variable):
            return lang.Aggregate("count", item, model.COUNT)
        return lang.Aggregate(function, item, item.kind)

    def order(self, query, is_aggregate):
        terms = []
        for _ in range(self.dice.randint(1, 2)):
            if is_aggregate or self.one_in(2):
                item, alias = self.dice.choice(query.projections)
                is_inexact = (isinstance(item, lang.Aggregate) and item.function in ("sum", "avg")
                              and item.argument.kind.base not in ("I32", "U32"))
                if is_inexact:
                    continue
                term = alias
            else:
                term = self.dice.choice(self.properties())
            terms.append((term, self.one_in(2)))
        return terms


class MutationGenerator:
    """Writes one mutation over a graph."""

    def __init__(self, generator, graph):
        self.generator = generator
        self.dice = generator.dice
        self.one_in = generator.one_in
        self.graph = graph

    def mutation(self):
        self.generator.parameters = []
        actions = ["delete"] if self.one_in(3) else ["insert", "insert", "update"]
        statements = [self.statement(self.dice.choice(actions))
                      for _ in range(self.dice.choice([1, 1, 2, 3]))]
        statements = [statement for statement in statements if statement is not None]
        if not statements:
            return None
        return lang.Mutation(statements, self.generator.parameters)

    def statement(self, action):
        schema = self.graph.schema
        if action == "update":
            return self.update(self.dice.choice(list(schema.nodes.values())))
        is_edge = self.one_in(2)
        kind = self.dice.choice(list((schema.edges if is_edge else schema.nodes).values()))
        if action == "delete":
            where = self.where(kind, is_edge)
            return where and lang.Statement("delete", kind.name, where=where)
        return self.insert_edge(kind) if is_edge else self.insert_node(kind)

    def assigned(self, kind):
        """A constant for a property; now and then one that must be refused."""
        if self.one_in(40):
            base = "String" if kind.base == "enum" else kind.base
            return self.generator.parameter(None, Type(base, is_list=kind.is_list,
                                                       is_nullable=True))
        if kind.is_list:
            items = [self.generator.scalar(kind.element()) for _ in range(self.dice.randrange(3))]
            return self.generator.parameter(items, Type(kind.base, is_list=True))
        if kind.base == "enum" and self.one_in(30):
            return self.generator.parameter("neither", Type("String"))
        if kind.base == "I32" and self.one_in(30):
            return self.generator.parameter(2**40, Type("I64"))
        if kind.base in model.FLOATS and self.one_in(8):
            return self.generator.constant(Type("I64"), 2)
        return self.generator.constant(kind)

    def insert_node(self, kind):
        fields = []
        for name, item in kind.properties.items():
            if name == "pad" or (item.is_nullable and fields and self.one_in(3)):
                continue
            if name == kind.key:
                fields.append((name, self.key_value(kind, item)))
            else:
                value = self.assigned(item)
                if name in kind.ranges and not self.one_in(6):
                    value = self.generator.constant(item, self.dice.choice(
                        [1, 2] if item.base == "I32" else [1.5, 2.0]))
                fields.append((name, value))
        return lang.Statement("insert", kind.name, fields)

    def key_value(self, kind, item):
        rows = list(self.graph.nodes[kind.name].values())
        if rows and self.one_in(2):
            return self.generator.constant(item, self.dice.choice(rows)[kind.key])
        fresh = {"String": "k" + str(self.dice.randrange(30)), "I32": self.dice.randrange(20, 50),
                 "Date": f"2020-03-{self.dice.randrange(10, 29)}"}[item.base]
        return self.generator.constant(item, fresh)

    def insert_edge(self, kind):
        ends = []
        for label, type_name in (("from", kind.source), ("to", kind.target)):
            ids = [key for key in self.graph.nodes[type_name] if not key.startswith("?")]
            key = self.dice.choice(ids) if ids and not self.one_in(12) else "nobody"
            ends.append((label, self.generator.constant(model.STRING, key)))
        fields = [(name, self.assigned(item)) for name, item in kind.properties.items()
                  if not self.one_in(3)]
        return lang.Statement("insert", kind.name, ends + fields)

    def update(self, kind):
        where = self.where(kind, False)
        names = [name for name in kind.properties if name not in ("pad", kind.key)]
        if where is None or not names:
            return None
        fields = [(name, self.assigned(kind.properties[name]))
                  for name in self.dice.sample(names, min(len(names), self.dice.randint(1, 2)))]
        return lang.Statement("update", kind.name, fields, where)

    def where(self, kind, is_edge):
        kinds = {name: item for name, item in kind.properties.items()
                 if not item.is_list and name != "pad"}
        if is_edge:
            kinds["from"] = kinds["to"] = model.STRING
        if not kinds:
            return None
        name = self.dice.choice(list(kinds))
        if name in ("from", "to"):
            ids = list(self.graph.nodes[kind.source if name == "from" else kind.target]) or ["x"]
            constant = self.generator.constant(model.STRING, self.dice.choice(ids))
        else:
            constant = self.generator.comparable(kinds[name])
        return name, self.dice.choice(["=", "=", *COMPARISONS]), constant
