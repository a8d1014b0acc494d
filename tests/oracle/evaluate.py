"""Reads, evaluated as naively as the specification is written: every assignment, every clause.

One function per section of the language's meaning: bindings, traversals, filters, negation,
projections, aggregates, order. Nothing is shared with the engine, nothing is clever.
"""
import functools
import math

import language as lang
import model

OPERATORS = {"=": lambda c: c == 0, "!=": lambda c: c != 0, "<": lambda c: c < 0,
             "<=": lambda c: c <= 0, ">": lambda c: c > 0, ">=": lambda c: c >= 0}


class Evaluator:
    """Evaluates reads over one graph."""

    def __init__(self, graph):
        self.graph = graph
        self.distances = {}

    # --- match -----------------------------------------------------------------------------------

    def rows(self, clauses, outer):
        """All assignments of the variables of `clauses` that satisfy them, given those of `outer`.

        An assignment maps a name to (type name, id). Each `$_` is a variable of its own.
        """
        clauses = [self.with_fresh_names(clause) for clause in clauses]
        domains = {}
        for clause in clauses:
            for name, kind, is_edge in introduced(clause):
                if name not in outer and name not in domains:
                    table = self.graph.edges[kind] if is_edge else self.graph.nodes[kind]
                    domains[name] = [(kind, key) for key in table]
        names = list(domains)
        # A clause is looked at as soon as the last of its own variables has a value.
        due = [[] for _ in range(len(names) + 1)]
        for clause in clauses:
            used = [names.index(name) + 1 for name in mentioned(clause) if name in domains]
            due[max(used, default=0)].append(clause)

        found = []

        def assign(depth, row):
            if not all(self.holds(clause, row) for clause in due[depth]):
                return
            if depth == len(names):
                found.append(dict(row))
                return
            for value in domains[names[depth]]:
                row[names[depth]] = value
                assign(depth + 1, row)
            row.pop(names[depth], None)

        assign(0, dict(outer))
        return found

    @staticmethod
    def with_fresh_names(clause):
        """The clause with a name of its own for each `$_`."""
        position = id(clause)
        if isinstance(clause, lang.Binding) and clause.variable == "_":
            return lang.Binding(f"_{position}", clause.node_type, clause.fields)
        if isinstance(clause, lang.Traversal) and "_" in (clause.left, clause.right):
            named = lang.Traversal(**vars(clause))
            named.left = f"_{position}l" if clause.left == "_" else clause.left
            named.right = f"_{position}r" if clause.right == "_" else clause.right
            return named
        return clause

    def holds(self, clause, row):
        if isinstance(clause, lang.Binding):
            return self.binding_holds(clause, row)
        if isinstance(clause, lang.Traversal):
            return self.traversal_holds(clause, row)
        if isinstance(clause, lang.Filter):
            return self.filter_holds(clause, row)
        return not self.rows(clause.clauses, row)

    def binding_holds(self, clause, row):
        type_name, key = row[clause.variable]
        if type_name != clause.node_type:
            return False
        values = self.graph.nodes[type_name][key]
        for name, kind, constant in clause.fields:
            operator = "contains" if kind.is_list else "="
            if not compares(values[name], kind, operator, constant.value, constant.kind):
                return False
        return True

    def filter_holds(self, clause, row):
        return compares(self.value(clause.left, row), clause.left.kind, clause.operator,
                        self.value(clause.right, row), clause.right.kind)

    def traversal_holds(self, clause, row):
        left, right = row[clause.left], row[clause.right]
        if (left[0], right[0]) != (clause.left_type, clause.right_type):
            return False
        edge_type = self.graph.schema.edges[clause.edge_type]
        if clause.edge_variable:
            edge = self.graph.edges[clause.edge_type][row[clause.edge_variable][1]]
            ends = (edge.source, edge.target)
            wanted = (left[1], right[1]) if clause.is_forward else (right[1], left[1])
            return ends == wanted or (clause.is_undirected and ends == wanted[::-1])
        least, most = clause.bounds or (1, 1)
        if edge_type.source != edge_type.target:
            source, target = (left[1], right[1]) if clause.is_forward else (right[1], left[1])
            return least == 1 and any(edge.source == source and edge.target == target
                                      for edge in self.graph.edges[clause.edge_type].values())
        distances = self.distances_from(clause.edge_type, left[1], clause.is_undirected)
        if left[1] != right[1] and least <= distances.get(right[1], math.inf) <= most:
            return True
        has_loop = any(edge.source == edge.target == right[1]
                       for edge in self.graph.edges[clause.edge_type].values())
        way = 0 if left[1] == right[1] else distances.get(right[1], math.inf)
        return has_loop and least <= way + 1 <= most

    def distances_from(self, edge_type, start, is_undirected):
        """The least number of edges from `start` to each node that can be reached."""
        known = self.distances.get((edge_type, start, is_undirected))
        if known is not None:
            return known
        distances, border, steps = {}, [start], 0
        while border:
            steps += 1
            reached = set()
            for edge in self.graph.edges[edge_type].values():
                if edge.source in border:
                    reached.add(edge.target)
                if is_undirected and edge.target in border:
                    reached.add(edge.source)
            border = [node for node in reached if node not in distances and node != start]
            distances.update({node: steps for node in border})
        self.distances[(edge_type, start, is_undirected)] = distances
        return distances

    def value(self, expression, row):
        if isinstance(expression, lang.Constant):
            return expression.value
        type_name, key = row[expression.variable]
        if isinstance(expression, lang.Variable):
            return key
        if type_name in self.graph.nodes:
            return self.graph.nodes[type_name][key][expression.name]
        return self.graph.edges[type_name][key].values[expression.name]

    # --- return, order, limit --------------------------------------------------------------------

    def read(self, query):
        """The rows before `limit`, each a list of values; in their order if the query has one.

        With them the sort keys: rows with equal keys may change places where ids are invented.
        """
        rows = self.rows(query.clauses, {})
        if any(isinstance(item, lang.Aggregate) for item, _ in query.projections):
            return self.groups(query, rows)
        aliases = {alias: item for item, alias in query.projections}
        terms = [(aliases[term] if isinstance(term, str) else term, descends)
                 for term, descends in query.order]
        names = sorted(name for name in (rows[0] if rows else {}) if not name.startswith("_"))

        def less(left, right):
            for term, descends in terms:
                order = model.compare_for_sorting(self.value(term, left), self.value(term, right),
                                                  term.kind)
                if order:
                    return -order if descends else order
            for name in names:
                order = model.compare(left[name][1], model.STRING, right[name][1], model.STRING)
                if order:
                    return order
            return 0

        if terms:
            rows.sort(key=functools.cmp_to_key(less))
        return [[self.value(item, row) for item, _ in query.projections] for row in rows]

    def groups(self, query, rows):
        keys = [item for item, _ in query.projections if not isinstance(item, lang.Aggregate)]
        groups = {}
        for row in rows:
            identity = tuple(model.group_identity(self.value(item, row)) for item in keys)
            groups.setdefault(identity, []).append(row)
        if not keys and not groups:
            groups[()] = []
        answers = []
        for members in groups.values():
            answers.append([self.aggregate(item, members) if isinstance(item, lang.Aggregate)
                            else self.value(item, members[0]) for item, _ in query.projections])
        if not query.order:
            return answers
        columns = {alias: i for i, (_, alias) in enumerate(query.projections)}
        kinds = [item.kind for item, _ in query.projections]
        terms = [(columns[term], descends) for term, descends in query.order]
        terms += [(i, False) for i, (item, _) in enumerate(query.projections)
                  if not isinstance(item, lang.Aggregate)]

        def less(left, right):
            for column, descends in terms:
                order = model.compare_for_sorting(left[column], right[column], kinds[column])
                if order:
                    return -order if descends else order
            return 0

        return sorted(answers, key=functools.cmp_to_key(less))

    def aggregate(self, item, members):
        values = [self.value(item.argument, row) for row in members]
        values = [value for value in values if value is not None]
        if item.function == "count":
            return len(values)
        if not values:
            return None
        if item.function == "sum":
            return math.fsum(values)
        if item.function == "avg":
            return math.fsum(values) / len(values)
        best = values[0]
        for value in values[1:]:
            order = model.compare(value, item.argument.kind, best, item.argument.kind)
            if (order < 0) == (item.function == "min") and order != 0:
                best = value
        return best


def compares(left, left_kind, operator, right, right_kind):
    """Whether `left operator right` is true; unknown is not."""
    if operator == "contains" and left_kind.is_list:
        if left is None or right is None:
            return False
        element = left_kind.element()
        return any(item is not None and model.compare(item, element, right, right_kind) == 0
                   for item in left)
    if left is None or right is None:
        return False
    if operator == "contains":
        return right in left
    if operator == "starts_with":
        return left.startswith(right)
    return OPERATORS[operator](model.compare(left, left_kind, right, right_kind))


def introduced(clause):
    """(name, type, is edge) of the variables that a clause can introduce."""
    if isinstance(clause, lang.Binding):
        return [(clause.variable, clause.node_type, False)]
    if isinstance(clause, lang.Traversal):
        ends = [(clause.left, clause.left_type, False), (clause.right, clause.right_type, False)]
        return ends + ([(clause.edge_variable, clause.edge_type, True)]
                       if clause.edge_variable else [])
    return []


def mentioned(clause):
    """Names of the variables that a clause speaks of, those inside `not` included."""
    if isinstance(clause, lang.Filter):
        return [side.variable for side in (clause.left, clause.right) if hasattr(side, "variable")]
    if isinstance(clause, lang.Negation):
        return [name for inner in clause.clauses for name in mentioned(inner)]
    return [name for name, _, _ in introduced(clause)]
