"""The same questions to DuckDB: what of a read can be said in SQL is answered by a stranger too.

Not translated: distances over more than one edge, and floats, whose order and equality differ
(-0.0 below 0.0 here, equal there).
"""
import duckdb

import language as lang
import model

TYPES = {"String": "VARCHAR", "enum": "VARCHAR", "Date": "VARCHAR", "DateTime": "VARCHAR",
         "Bool": "BOOLEAN", "I32": "INTEGER", "I64": "BIGINT", "U32": "UINTEGER", "U64": "UBIGINT",
         "F32": "REAL", "F64": "DOUBLE"}


class Untranslatable(Exception):
    """SQL does not say this, or says something else."""


def name_of(variable):
    return f'"v_{variable}"'


class Foreign:
    """A DuckDB database with the rows of one graph at a time."""

    def __init__(self):
        self.connection = duckdb.connect(":memory:", config={"threads": 1})
        self.graph = None

    def load(self, graph):
        if graph is self.graph:
            return
        self.graph = graph
        for kind in graph.schema.nodes.values():
            rows = [[key, *[row[name] for name in kind.properties]]
                    for key, row in graph.nodes[kind.name].items()]
            self.fill(f"n_{kind.name}", {"id": model.STRING, **kind.properties}, rows)
        for kind in graph.schema.edges.values():
            rows = [[key, edge.source, edge.target,
                     *[edge.values[name] for name in kind.properties]]
                    for key, edge in graph.edges[kind.name].items()]
            ends = {"id": model.STRING, "src": model.STRING, "dst": model.STRING}
            self.fill(f"e_{kind.name}", {**ends, **kind.properties}, rows)

    def fill(self, table, columns, rows):
        columns = {name: kind for name, kind in columns.items() if name != "pad"}
        declared = ", ".join(f'"{name}" {TYPES[kind.base]}{"[]" if kind.is_list else ""}'
                             for name, kind in columns.items())
        self.connection.execute(f'CREATE OR REPLACE TABLE "{table}" ({declared})')
        if rows:
            marks = ", ".join("?" for _ in columns)
            self.connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})',
                                        [row[:len(columns)] for row in rows])

    def read(self, graph, query):
        """The rows that SQL gives; raises `Untranslatable`."""
        sql, values = Translation(graph.schema).read(query)
        self.load(graph)
        return [list(row) for row in self.connection.execute(sql, values).fetchall()]


class Translation:
    """Writes one read as SQL."""

    def __init__(self, schema):
        self.schema = schema
        self.anonymous_count = 0

    def read(self, query):
        values = []
        tables, condition = self.match(query.clauses, set(), values)
        if not tables:
            raise Untranslatable
        before = []
        columns = [self.column(item, before) for item, _ in query.projections]
        text = "SELECT " + ", ".join(columns) + " FROM " + ", ".join(tables.values())
        text += " WHERE " + condition
        keys = [column for column, (item, _) in zip(columns, query.projections)
                if not isinstance(item, lang.Aggregate)]
        is_aggregate = len(keys) < len(columns)
        if is_aggregate and keys:
            text += " GROUP BY " + ", ".join(keys)
        if query.order:
            text += " ORDER BY " + ", ".join(
                self.order(query, columns, keys, is_aggregate, tables))
        return text, before + values

    def order(self, query, columns, keys, is_aggregate, tables):
        aliases = {alias: (i, item) for i, (item, alias) in enumerate(query.projections)}
        terms = []
        for term, descends in query.order:
            if isinstance(term, str):
                place, item = aliases[term]
                if item.kind.is_list or isinstance(item, lang.Constant):
                    raise Untranslatable
                text = columns[place]
            else:
                if term.kind.is_list:
                    raise Untranslatable
                text = self.value(term, [])
            terms.append(text + (" DESC NULLS LAST" if descends else " ASC NULLS FIRST"))
        if is_aggregate:
            if any(item.kind.is_list for item, _ in query.projections):
                raise Untranslatable  # Nulls inside of lists have another place.
            return terms + [key + " ASC NULLS FIRST" for key in keys]
        return terms + [f"{name_of(name)}.id ASC" for name in sorted(tables)
                        if not name.startswith("_")]

    def match(self, clauses, outer, values):
        """(tables of the new variables by name, condition); `values` are those of its marks."""
        tables, conditions = {}, []
        negations = []
        for clause in clauses:
            if isinstance(clause, lang.Binding):
                conditions += self.binding(clause, outer, tables, values)
            elif isinstance(clause, lang.Traversal):
                conditions.append(self.traversal(clause, outer, tables))
            elif isinstance(clause, lang.Filter):
                conditions.append(self.filter(clause, values))
            else:
                negations.append(clause)
        for clause in negations:
            inner, condition = self.match(clause.clauses, outer | set(tables), values)
            if inner:
                condition = f"EXISTS (SELECT 1 FROM {', '.join(inner.values())} WHERE {condition})"
            conditions.append(f"NOT coalesce({condition}, FALSE)")
        return tables, " AND ".join(conditions) or "TRUE"

    def variable(self, name, table, outer, tables):
        if name == "_":
            self.anonymous_count += 1
            name = f"_{self.anonymous_count}"
        if name not in outer and name not in tables:
            tables[name] = f'"{table}" AS {name_of(name)}'
        return name_of(name)

    def binding(self, clause, outer, tables, values):
        node = self.variable(clause.variable, f"n_{clause.node_type}", outer, tables)
        conditions = []
        for name, kind, constant in clause.fields:
            left = f'{node}."{name}"'
            if kind.is_list:
                conditions.append(f"list_contains({left}, {self.constant(constant, values)})")
            else:
                check_comparable(kind, constant.kind)
                conditions.append(f"{left} = {self.constant(constant, values)}")
        return conditions

    def traversal(self, clause, outer, tables):
        if clause.bounds not in (None, (1, 1)):
            raise Untranslatable
        left = self.variable(clause.left, f"n_{clause.left_type}", outer, tables)
        right = self.variable(clause.right, f"n_{clause.right_type}", outer, tables)
        source, target = (left, right) if clause.is_forward else (right, left)
        edge = '"e"'
        if clause.edge_variable:
            edge = self.variable(clause.edge_variable, f"e_{clause.edge_type}", outer, tables)
        condition = f"({edge}.src = {source}.id AND {edge}.dst = {target}.id)"
        if clause.is_undirected:
            condition += f" OR ({edge}.src = {target}.id AND {edge}.dst = {source}.id)"
        if clause.edge_variable:
            return f"({condition})"
        return f'EXISTS (SELECT 1 FROM "e_{clause.edge_type}" AS "e" WHERE {condition})'

    def filter(self, clause, values):
        left = self.value(clause.left, values)
        right = self.value(clause.right, values)
        if clause.operator == "contains" and clause.left.kind.is_list:
            return f"list_contains({left}, {right})"
        if clause.operator in ("contains", "starts_with"):
            return f"{clause.operator}({left}, {right})"
        check_comparable(clause.left.kind, clause.right.kind)
        return f"{left} {clause.operator} {right}"

    def constant(self, constant, values):
        kind = constant.kind
        if kind.base in model.FLOATS:
            raise Untranslatable
        values.append(constant.value)
        return f"CAST(? AS {TYPES[kind.base]}{'[]' if kind.is_list else ''})"

    def value(self, expression, values):
        if isinstance(expression, lang.Constant):
            return self.constant(expression, values)
        if isinstance(expression, lang.Variable):
            return f"{name_of(expression.variable)}.id"
        if expression.kind.base in model.FLOATS:
            raise Untranslatable
        return f'{name_of(expression.variable)}."{expression.name}"'

    def column(self, item, values):
        if not isinstance(item, lang.Aggregate):
            return self.value(item, values)
        argument = self.value(item.argument, values)
        if item.function in ("sum", "avg"):
            argument = f"CAST({argument} AS DOUBLE)"
        return f"{item.function}({argument})"


def check_comparable(left, right):
    if left.base in model.FLOATS or right.base in model.FLOATS:
        raise Untranslatable
