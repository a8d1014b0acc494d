// Random queries over random graphs: the executor must agree with the naive interpreter.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "exec/executor.h"
#include "exec/test_graph.h"
#include "exec/test_interpreter.h"

namespace omnigraph::exec {
namespace {

using testing::TestGraph;
using testing::TestLayout;

// `%` and `+` become `@index` or nothing, the first more often.
constexpr std::string_view kSchema = R"(
node A {
  name: String @key
  n: I32? %
  r: F64? +
  f: F32? %
  u: U64? +
  s: String? %
  ok: Bool? +
  kind: enum(x, y)? %
  tags: [String]?
  on: Date? +
}
node B { name: String @key  n: I64? + }
node C { s: String? +  n: I32? % }
edge Knows: A -> A { w: I32? }
edge Likes: A -> B { w: I32? }
edge Near: B -> B
edge Has: B -> C { s: String? }
)";

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::size_t Below(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
  bool OneIn(std::size_t count) { return Below(count) == 0; }
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[Below(from.size())];
  }

 private:
  std::mt19937_64 engine_;
};

const std::vector<std::string> kWords = {"ab", "abc", "b", "Zoë", ""};

// Quoted values and numbers as JSON and as literals of the language alike.
std::string Quoted(const std::string& word) {
  return "\"" + word + "\"";
}

// No, some and all indexes.
std::string SchemaWith(std::size_t indexes) {
  std::string schema;
  for (const char c : kSchema) {
    const bool is_mark = c == '%' || c == '+';
    if (!is_mark) schema.push_back(c);
    if (is_mark && indexes >= (c == '%' ? 1U : 2U)) schema += "@index";
  }
  return schema;
}

// How an answer is computed; none of this may change it.
struct Way {
  IndexUse indexes = IndexUse::kNever;
  std::size_t batch_rows_max = kBatchRowsMax;
  bool uses_threads = false;
  bool is_profiled = false;
};

std::string TextOf(const Way& way) {
  return "indexes " + std::to_string(static_cast<int>(way.indexes)) + ", batches of " +
         std::to_string(way.batch_rows_max) + (way.uses_threads ? ", threads" : "") +
         (way.is_profiled ? ", profiled" : "");
}

std::vector<Way> SomeWays(Dice& dice) {
  std::vector<Way> ways = {Way{}};
  for (int i = 0; i < 3; ++i) {
    Way way;
    way.indexes = dice.OneIn(4) ? IndexUse::kNever : IndexUse::kAlways;
    way.batch_rows_max = dice.Pick<std::size_t>({1, 2, kBatchRowsMax});
    way.uses_threads = dice.OneIn(2);
    way.is_profiled = dice.OneIn(8);
    ways.push_back(way);
  }
  return ways;
}

Result<ResultTable> RunIn(const Way& way, const query::CheckedQuery& query, const TestGraph& graph,
                          ThreadPool& pool) {
  ExecutionOptions options;
  options.uses_indexes = way.indexes;
  options.batch_rows_max = way.batch_rows_max;
  options.parallel_tuples_min = 0;
  if (way.uses_threads) options.pool = &pool;
  PlanDescription profile;
  if (way.is_profiled) options.profile = &profile;
  return ExecuteRead(query, {}, graph, options);
}

class GraphWriter {
 public:
  explicit GraphWriter(Dice& dice) : dice_(dice) {}

  std::string Lines() {
    const std::size_t counts[] = {2 + dice_.Below(6), 1 + dice_.Below(5), dice_.Below(5)};
    for (std::size_t i = 0; i < counts[0]; ++i)
      AddA(i);
    for (std::size_t i = 0; i < counts[1]; ++i) {
      Add("B", R"("name":"b)" + std::to_string(i) + R"(","n":)" + Integer());
    }
    for (std::size_t i = 0; i < counts[2]; ++i) {
      lines_ += R"({"type":"C","id":"c)" + std::to_string(i) + R"(","data":{"s":)" + Text() +
                R"(,"n":)" + Integer() + "}}\n";
    }
    AddEdges("Knows", "a", counts[0], "a", counts[0]);
    AddEdges("Likes", "a", counts[0], "b", counts[1]);
    AddEdges("Near", "b", counts[1], "b", counts[1]);
    AddEdges("Has", "b", counts[1], "c", counts[2]);
    return lines_;
  }

 private:
  void Add(const std::string& type, const std::string& data) {
    lines_ += R"({"type":")" + type + R"(","data":{)" + data + "}}\n";
  }
  void AddA(std::size_t i) {
    static const std::vector<std::string> kReals = {"0.0", "-0.0", "1.5", "2", "-3.25", "null"};
    static const std::vector<std::string> kTags = {"null", "[]", R"(["ab"])", R"(["b","abc"])"};
    static const std::vector<std::string> kDays = {"null", R"("2024-01-10")", R"("2023-12-31")"};
    Add("A", R"("name":"a)" + std::to_string(i) + R"(","n":)" + Integer() + R"(,"r":)" +
                 dice_.Pick(kReals) + R"(,"f":)" + dice_.Pick(kReals) + R"(,"u":)" +
                 (dice_.OneIn(3) ? "18446744073709551615" : std::to_string(dice_.Below(4))) +
                 R"(,"s":)" + Text() + R"(,"ok":)" +
                 dice_.Pick<std::string>({"true", "false", "null"}) + R"(,"kind":)" +
                 dice_.Pick<std::string>({R"("x")", R"("y")", "null"}) + R"(,"tags":)" +
                 dice_.Pick(kTags) + R"(,"on":)" + dice_.Pick(kDays));
  }
  void AddEdges(const std::string& type, const std::string& from, std::size_t from_count,
                const std::string& to, std::size_t to_count) {
    if (from_count == 0 || to_count == 0) return;
    const std::size_t count = dice_.Below(2 * from_count + 1);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string data = type == "Near"  ? ""
                               : type == "Has" ? R"("s":)" + Text()
                                               : R"("w":)" + Integer();
      lines_ += R"({"edge":")" + type + R"(","from":")" + from +
                std::to_string(dice_.Below(from_count)) + R"(","to":")" + to +
                std::to_string(dice_.Below(to_count)) + R"(","data":{)" + data + "}}\n";
    }
  }
  std::string Integer() {
    return dice_.OneIn(4) ? "null" : std::to_string(static_cast<int>(dice_.Below(5)) - 1);
  }
  std::string Text() { return dice_.OneIn(4) ? "null" : Quoted(dice_.Pick(kWords)); }

  Dice& dice_;
  std::string lines_;
};

struct EdgeKind {
  std::string word;
  char from;
  char to;
};

const std::vector<EdgeKind> kEdges = {
    {"knows", 'A', 'A'}, {"likes", 'A', 'B'}, {"near", 'B', 'B'}, {"has", 'B', 'C'}};

class QueryWriter {
 public:
  explicit QueryWriter(Dice& dice) : dice_(dice) {}

  std::string Text() {
    std::string match = Clauses(2 + dice_.Below(3), 0);
    std::string text = "query q() { match { " + match + "} return { ";
    is_aggregate_ = dice_.OneIn(2);
    std::vector<std::string> sortable;
    const std::size_t columns = 1 + dice_.Below(3);
    for (std::size_t i = 0; i < columns; ++i) {
      const bool is_aggregate = is_aggregate_ && (i + 1 == columns || dice_.OneIn(2));
      const std::string name = "c" + std::to_string(i);
      text += (i > 0 ? ", " : "") + (is_aggregate ? Aggregate() : Column()) + " as " + name;
      sortable.push_back(name);
    }
    text += " }";
    if (dice_.OneIn(2)) {
      text += " order { " + dice_.Pick(sortable) + (dice_.OneIn(2) ? " desc" : "");
      if (dice_.OneIn(2)) {
        text += ", " + (is_aggregate_ ? dice_.Pick(sortable) : Property()) +
                (dice_.OneIn(2) ? " desc" : "");
      }
      text += " }";
    }
    if (dice_.OneIn(3)) text += " limit " + std::to_string(dice_.Below(6));
    return text + " }";
  }

 private:
  struct Variable {
    std::string name;
    char type;  // 'A', 'B', 'C'; 'k', 'l', 'h' for edges of Knows, Likes, Has.
  };

  std::string Clauses(std::size_t count, std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t kind = dice_.Below(10);
      if (variables_.empty() || kind < 2) {
        text += Binding();
      } else if (kind < 7) {
        text += Walk();
      } else if (kind < 9 || depth >= 2) {
        text += Filter();
      } else {
        const std::vector<Variable> outside = variables_;
        text += "not { " + Clauses(1 + dice_.Below(3), depth + 1) + "} ";
        variables_ = outside;
      }
    }
    return text;
  }

  std::string NewVariable(char type) {
    variables_.push_back({"v" + std::to_string(names_count_++), type});
    return "$" + variables_.back().name;
  }

  std::string Binding() {
    const char type = dice_.Pick<char>({'A', 'A', 'B', 'C'});
    const bool is_old = !variables_.empty() && dice_.OneIn(5);
    const std::string name = is_old ? "$" + dice_.Pick(variables_).name : NewVariable(type);
    std::string text = name + ": " + type;
    if (dice_.OneIn(3) && type != 'C') {
      text += std::string(" { name: \"") + (type == 'A' ? "a" : "b") +
              std::to_string(dice_.Below(4)) + "\" }";
    } else if (dice_.OneIn(5)) {
      text += " { n: " + std::to_string(dice_.Below(3)) + " }";
    }
    return text + " ";
  }

  // An end of a walk: a variable of the type, a new one, or `$_`.
  std::string End(char type) {
    std::vector<std::string> known;
    for (const Variable& variable : variables_) {
      if (variable.type == type) known.push_back("$" + variable.name);
    }
    if (!known.empty() && !dice_.OneIn(3)) return dice_.Pick(known);
    return dice_.OneIn(4) ? "$_" : NewVariable(type);
  }

  std::string Walk() {
    const EdgeKind& edge = dice_.Pick(kEdges);
    std::string from = End(edge.from);
    std::string to = End(edge.to);
    if (edge.from != edge.to && dice_.OneIn(3)) std::swap(from, to);
    const bool is_undirected = edge.from == edge.to && dice_.OneIn(4);
    const std::string word = is_undirected ? "<" + edge.word + ">" : edge.word;
    if (dice_.OneIn(5)) {
      const char type = edge.word == "near" ? 'n' : edge.word[0];
      const std::string name = NewVariable(type);
      return from + " " + name + ":" + word + " " + to + " ";
    }
    std::string bounds;
    if (dice_.OneIn(3)) {
      const std::size_t min = 1 + dice_.Below(2);
      bounds = "{" + std::to_string(min) + "," + std::to_string(min + dice_.Below(3)) + "}";
    }
    return from + " " + word + bounds + " " + to + " ";
  }

  std::string PropertyOf(const Variable& variable) {
    static const std::vector<std::string> kOfA = {"name", "n", "n",  "r",    "f",
                                                  "u",    "s", "ok", "kind", "on"};
    const std::string prefix = "$" + variable.name + ".";
    switch (variable.type) {
      case 'A':
        return prefix + dice_.Pick(kOfA);
      case 'B':
        return prefix + dice_.Pick<std::string>({"name", "n"});
      case 'C':
        return prefix + dice_.Pick<std::string>({"s", "n"});
      case 'h':
        return prefix + "s";
      default:
        return prefix + "w";
    }
  }
  std::string Property() { return PropertyOf(dice_.Pick(variables_)); }

  std::string Column() {
    const Variable& variable = dice_.Pick(variables_);
    const bool is_node = variable.type == 'A' || variable.type == 'B' || variable.type == 'C';
    return is_node && dice_.OneIn(3) ? "$" + variable.name : PropertyOf(variable);
  }

  std::string Aggregate() {
    if (dice_.OneIn(2)) return "count(" + Column() + ")";
    return dice_.Pick<std::string>({"sum", "avg", "min", "max"}) + "(" + Property() + ")";
  }

  std::string Filter() {
    static const std::vector<std::string> kOps = {"=", "!=", "<", "<=", ">", ">="};
    const std::string property = Property();
    if (dice_.OneIn(4)) return property + " = " + Property() + " ";
    if (dice_.OneIn(5)) return property + " " + dice_.Pick(kOps) + " " + Property() + " ";
    const std::string name = property.substr(property.find('.') + 1);
    std::string constant = std::to_string(dice_.Below(4));
    if (name == "r" || name == "f" || dice_.OneIn(6)) {
      constant = dice_.Pick<std::string>({"0.0", "1.5", "2.0", "0", "0.1"});
    }
    if (name == "s" || name == "name" || name == "kind") {
      if (name == "s" && dice_.OneIn(3)) {
        return property + dice_.Pick<std::string>({" contains ", " starts_with "}) +
               Quoted(dice_.Pick(kWords)) + " ";
      }
      constant = Quoted(name == "name" ? "a1" : name == "kind" ? "x" : dice_.Pick(kWords));
    }
    if (name == "ok") constant = dice_.OneIn(2) ? "true" : "false";
    if (name == "on") constant = "date(\"2024-01-01\")";
    if (property.find(".n") != std::string::npos && dice_.OneIn(6)) {
      return property.substr(0, property.find('.')) + ".tags contains \"ab\" ";
    }
    if (dice_.OneIn(6)) {
      std::string list = constant;
      if (constant[0] == '"') list += ", \"a0\", \"b\", " + constant;
      if (constant[0] >= '0' && constant[0] <= '9') list += dice_.OneIn(2) ? ", 2" : ", 3, 1.5";
      return "[" + list + "] contains " + property + " ";
    }
    return dice_.OneIn(3) ? constant + " " + dice_.Pick(kOps) + " " + property + " "
                          : property + " " + dice_.Pick(kOps) + " " + constant + " ";
  }

  Dice& dice_;
  std::vector<Variable> variables_;
  std::size_t names_count_ = 0;
  bool is_aggregate_ = false;
};

// Whether the answer is right, given all rows of the interpreter.
::testing::AssertionResult Agrees(const query::ReadQuery& query, std::vector<std::string> actual,
                                  std::vector<std::string> expected) {
  if (!query.order.empty()) {
    if (query.limit_rows_count.has_value() && *query.limit_rows_count < expected.size()) {
      expected.resize(*query.limit_rows_count);
    }
    if (actual == expected) return ::testing::AssertionSuccess();
  } else {
    const std::size_t count =
        std::min<std::size_t>(expected.size(), query.limit_rows_count.value_or(expected.size()));
    std::sort(actual.begin(), actual.end());
    std::sort(expected.begin(), expected.end());
    if (actual.size() == count &&
        std::includes(expected.begin(), expected.end(), actual.begin(), actual.end())) {
      return ::testing::AssertionSuccess();
    }
  }
  return ::testing::AssertionFailure() << "got " << ::testing::PrintToString(actual) << "\nwant "
                                       << ::testing::PrintToString(expected);
}

std::uint64_t EnvironmentNumber(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(DifferentialTest, TheExecutorAgreesWithTheNaiveInterpreter) {
  const std::uint64_t seed = EnvironmentNumber("OG_TEST_SEED", 1);
  const std::uint64_t graphs_count = EnvironmentNumber("OG_TEST_GRAPHS", 40);
  std::size_t run_count = 0;
  std::size_t written_count = 0;
  ThreadPool pool("test", 2);
  for (std::uint64_t i = 0; i < graphs_count; ++i) {
    Dice dice(seed * 1000003 + i);
    const std::string lines = GraphWriter(dice).Lines();
    const TestLayout layout{1 + dice.Below(5), dice.OneIn(2), dice.OneIn(2)};
    const TestGraph graph(SchemaWith(dice.Below(3)), lines, layout);
    for (int j = 0; j < 40; ++j) {
      const std::string text = QueryWriter(dice).Text();
      ++written_count;
      const Result<query::CheckedQuery> query = graph.Check(text);
      if (!query.ok()) continue;
      ++run_count;

      const std::vector<std::string> expected = testing::InterpretRead(*query, {}, graph);
      for (const Way& way : SomeWays(dice)) {
        const Result<ResultTable> table = RunIn(way, *query, graph, pool);

        ASSERT_TRUE(table.ok()) << text << "\n" << table.status().message();
        ASSERT_TRUE(Agrees(*query->read(), testing::RowsOf(*table), expected))
            << "OG_TEST_SEED=" << seed << ", graph " << i << ", " << TextOf(way) << "\n"
            << text << "\n"
            << *ExplainRead(*query, graph) << lines;
      }
    }
  }
  std::printf("%zu of %zu queries checked and ran in 4 ways each\n", run_count, written_count);
  // Not so many may be refused that nothing is tested.
  EXPECT_GT(run_count * 3, written_count) << run_count << " of " << written_count;
}

// Documents with few words, so that terms meet, and values with many ties.
std::string SearchLines(Dice& dice) {
  static const std::vector<std::string> kVocabulary = {
      "graph", "graphs", "learning", "Learned", "deep",  "tree", "the",
      "of",    "naïve",  "naive",    "engine",  "trees", "x1",   "Zoë"};
  std::string lines;
  const std::size_t count = 1 + dice.Below(40);
  for (std::size_t i = 0; i < count; ++i) {
    std::string body;
    for (std::size_t words = dice.Below(7); words > 0; --words)
      body += (body.empty() ? "" : " ") + dice.Pick(kVocabulary);
    const std::string year = dice.OneIn(5) ? "null" : std::to_string(2000 + dice.Below(5));
    const auto component = [&] { return std::to_string(dice.Below(3)); };
    lines += R"({"type":"Doc","data":{"slug":"d)" + std::to_string(i) + R"(","body":)" +
             (dice.OneIn(6) ? "null" : Quoted(body)) + R"(,"year":)" + year + R"(,"e":)" +
             (dice.OneIn(6) ? "null" : "[" + component() + "," + component() + "]") + "}}\n";
    lines += R"({"edge":"Cites","from":"d)" + std::to_string(i) + R"(","to":"d)" +
             std::to_string(dice.Below(i + 1)) + "\"}\n";
  }
  return lines;
}

std::string SearchQuery(Dice& dice) {
  static const std::vector<std::string> kAsked = {"\"graph\"",   "\"learn trees\"",
                                                  "\"the of\"",  "\"naive x1 deep\"",
                                                  "\"nothing\"", "\"grpah\""};
  const std::string text = dice.Pick(kAsked);
  std::string match = "$d: Doc ";
  if (dice.OneIn(3)) match += "search($d.body, " + dice.Pick(kAsked) + ") ";
  if (dice.OneIn(4)) match += "fuzzy($d.body, " + dice.Pick(kAsked) + ", 1) ";
  if (dice.OneIn(3)) match += "$d.year >= " + std::to_string(1999 + dice.Below(7)) + " ";
  if (dice.OneIn(4)) match += "$d.year = " + std::to_string(1999 + dice.Below(7)) + " ";
  if (dice.OneIn(3)) match += "$d cites $o ";
  if (dice.OneIn(5)) match += "not { $_ cites $d } ";
  static const std::vector<std::string> kOrders = {"nearest($d.e, [1.0, 1.0])", "BM25", "$d.year",
                                                   "$d.year desc", "$d.slug desc"};
  std::string order = dice.Pick(kOrders);
  const bool is_ranking = order == "BM25" || order.starts_with("nearest");
  if (order == "BM25") order = "bm25($d.body, " + text + ")";
  std::string columns = "$d.slug as slug, bm25($d.body, " + text + ") as score";
  if (is_ranking && dice.OneIn(3)) columns = "$d.slug as slug, count($d) as n";
  return "query q() { match { " + match + "} return { " + columns + " } order { " + order +
         " } limit " + std::to_string(dice.Below(8)) + " }";
}

TEST(DifferentialTest, IndexesBatchesAndThreadsNeverChangeASearch) {
  constexpr std::string_view kDocs = R"(
node Doc { slug: String @key  body: String? %  year: I32? %  e: Vector(2)? % }
edge Cites: Doc -> Doc
)";
  const std::uint64_t seed = EnvironmentNumber("OG_TEST_SEED", 1);
  const std::uint64_t graphs_count = EnvironmentNumber("OG_TEST_GRAPHS", 40);
  ThreadPool pool("test", 2);
  std::string indexed(kDocs);
  std::string plain(kDocs);
  for (std::size_t at; (at = indexed.find('%')) != std::string::npos;) {
    indexed.replace(at, 1, "@index");
    plain.erase(plain.find('%'), 1);
  }
  std::size_t run_count = 0;
  std::size_t rows_count = 0;
  for (std::uint64_t i = 0; i < graphs_count; ++i) {
    Dice dice(seed * 7000003 + i);
    const std::string lines = SearchLines(dice);
    const TestGraph graph(plain, lines);
    const TestGraph other(indexed, lines, {1 + dice.Below(9), dice.OneIn(2), dice.OneIn(2)});
    for (int j = 0; j < 40; ++j) {
      const std::string text = SearchQuery(dice);
      const Result<query::CheckedQuery> query = graph.Check(text);
      const Result<query::CheckedQuery> same = other.Check(text);
      ASSERT_TRUE(query.ok()) << text << "\n" << query.status().message();
      ASSERT_TRUE(same.ok());
      const Result<ResultTable> expected = RunIn(Way{}, *query, graph, pool);
      ASSERT_TRUE(expected.ok()) << text << "\n" << expected.status().message();
      rows_count += expected->rows_count();
      for (const Way& way : SomeWays(dice)) {
        const Result<ResultTable> table = RunIn(way, *same, other, pool);

        ASSERT_TRUE(table.ok()) << text << "\n" << table.status().message();
        ASSERT_EQ(table->RowsJson(), expected->RowsJson())
            << "OG_TEST_SEED=" << seed << ", graph " << i << ", " << TextOf(way) << "\n"
            << text << "\n"
            << *ExplainRead(*same, other) << lines;
        ++run_count;
      }
    }
  }
  EXPECT_GT(rows_count * 2, run_count / 4);
}

}  // namespace
}  // namespace omnigraph::exec
