"""Mutations, statement by statement on a copy of the graph; constraints on the final image."""
import math

import evaluate
import model


class Refused(Exception):
    """The whole query changes nothing."""


def convert(constant, kind):
    """The value that a property of this type gets from a constant; refuses what does not fit."""
    value = constant.value
    if value is None:
        if not kind.is_nullable:
            raise Refused("null for a property that is not nullable")
        return None
    if kind.is_list:
        return [convert_scalar(item, kind) for item in value]
    return convert_scalar(value, kind)


def convert_scalar(value, kind):
    if kind.base in model.INTEGERS:
        low, high = model.INTEGERS[kind.base]
        if isinstance(value, float) or not low <= value <= high:
            raise Refused("not an integer of this type")
    if kind.base in model.FLOATS:
        value = model.rounded(value) if kind.base == "F32" else float(value)
        if not math.isfinite(value):
            raise Refused("not finite")
    if kind.base == "enum" and value not in kind.values:
        raise Refused("invalid enum value")
    return value


class Writer:
    """Applies one mutation; `nodes` and `edges` count as the specification does."""

    def __init__(self, graph):
        self.before = graph
        self.graph = graph.copy()
        self.nodes = 0
        self.edges = 0

    def apply(self, mutation):
        for statement in mutation.statements:
            {"insert": self.insert, "update": self.update,
             "delete": self.delete}[statement.action](statement)
        self.check()

    def insert(self, statement):
        if statement.type_name in self.graph.nodes:
            self.insert_node(statement)
        else:
            self.insert_edge(statement)

    def insert_node(self, statement):
        kind = self.graph.schema.nodes[statement.type_name]
        given = dict(statement.fields)
        row = {name: convert(given[name], property_kind) if name in given else None
               for name, property_kind in kind.properties.items()}
        check_ranges(kind, row, given)
        key = (model.key_text(kind.properties[kind.key], row[kind.key]) if kind.key
               else self.graph.invent_id())
        self.graph.nodes[statement.type_name][key] = row
        self.nodes += 1

    def insert_edge(self, statement):
        kind = self.graph.schema.edges[statement.type_name]
        given = dict(statement.fields)
        row = {name: convert(given[name], property_kind) if name in given else None
               for name, property_kind in kind.properties.items()}
        edge = model.Edge(given["from"].value, given["to"].value, row)
        if edge.source is None or edge.target is None:
            raise Refused("no endpoint")
        self.graph.edges[statement.type_name][self.graph.invent_id()] = edge
        self.edges += 1

    def matches(self, where, values, kinds):
        name, operator, constant = where
        return evaluate.compares(values[name], kinds[name], operator, constant.value, constant.kind)

    def update(self, statement):
        kind = self.graph.schema.nodes[statement.type_name]
        changes = {name: convert(constant, kind.properties[name])
                   for name, constant in statement.fields}
        for row in self.graph.nodes[statement.type_name].values():
            if self.matches(statement.where, row, kind.properties):
                check_ranges(kind, changes, changes)
                row.update(changes)
                self.nodes += 1

    def delete(self, statement):
        if statement.type_name in self.graph.edges:
            self.delete_edges(statement)
            return
        kind = self.graph.schema.nodes[statement.type_name]
        table = self.graph.nodes[statement.type_name]
        gone = {key for key, row in table.items()
                if self.matches(statement.where, row, kind.properties)}
        for key in gone:
            del table[key]
        self.nodes += len(gone)
        for edge_kind in self.graph.schema.edges.values():
            edges = self.graph.edges[edge_kind.name]
            lost = [key for key, edge in edges.items()
                    if (edge_kind.source == kind.name and edge.source in gone) or
                    (edge_kind.target == kind.name and edge.target in gone)]
            for key in lost:
                del edges[key]
            self.edges += len(lost)

    def delete_edges(self, statement):
        kind = self.graph.schema.edges[statement.type_name]
        kinds = {**kind.properties, "from": model.STRING, "to": model.STRING}
        table = self.graph.edges[statement.type_name]
        gone = [key for key, edge in table.items()
                if self.matches(statement.where,
                                {**edge.values, "from": edge.source, "to": edge.target}, kinds)]
        for key in gone:
            del table[key]
        self.edges += len(gone)

    def check(self):
        """The constraints of the schema on the graph as the query leaves it."""
        check_unique(self.graph)
        for kind in self.graph.schema.edges.values():
            sources, targets = self.graph.nodes[kind.source], self.graph.nodes[kind.target]
            counts = {}
            for edge in self.graph.edges[kind.name].values():
                if edge.source not in sources or edge.target not in targets:
                    raise Refused("an endpoint is not there")
                counts[edge.source] = counts.get(edge.source, 0) + 1
            for edge in self.before.edges[kind.name].values():
                if edge.source in sources:
                    counts.setdefault(edge.source, 0)
            for count in counts.values():
                if count < kind.least or (kind.most is not None and count > kind.most):
                    raise Refused("@card violation")


def check_ranges(kind, row, written):
    for name, (low, high) in kind.ranges.items():
        if name in written and row[name] is not None and not low <= float(row[name]) <= high:
            raise Refused("@range violation")


def check_unique(graph):
    for kind in graph.schema.nodes.values():
        for group in kind.unique:
            seen = set()
            for row in graph.nodes[kind.name].values():
                values = tuple(row[name] for name in group)
                if None in values:
                    continue
                if values in seen:
                    raise Refused("@unique violation")
                seen.add(values)
    for kind in graph.schema.edges.values():
        ends = [(edge.source, edge.target) for edge in graph.edges[kind.name].values()]
        if kind.is_unique and len(set(ends)) < len(ends):
            raise Refused("@unique violation")
