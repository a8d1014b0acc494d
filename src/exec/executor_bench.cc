// How long the read workloads take inside the process: planning, execution and JSON.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <string>

#include "base/check.h"
#include "exec/executor.h"
#include "exec/test_graph.h"

namespace omnigraph::exec {
namespace {

constexpr std::size_t kPersonsCount = 10000;
constexpr std::size_t kEdgesCount = 150000;

constexpr std::string_view kSchema = R"(
node Person { slug: String @key  name: String  age: I32  city: String }
node Doc { slug: String @key  body: String @index  year: I32  embedding: Vector(384) @index }
edge Knows: Person -> Person
edge Authored: Person -> Doc
)";

constexpr std::size_t kDocsCount = 5000;
constexpr std::size_t kDimensions = 384;
constexpr std::size_t kVocabulary = 4000;

// A frequent word more often than a rare one.
std::string Word(std::mt19937& random) {
  return "w" + std::to_string(random() % kVocabulary * (random() % 1000) / 1000);
}

std::string VectorText(std::mt19937& random) {
  std::string text = "[";
  for (std::size_t i = 0; i < kDimensions; ++i)
    text += (i > 0 ? ",0." : "0.") + std::to_string(1000 + random() % 9000);
  return text + "]";
}

std::string DocLines(std::mt19937& random) {
  std::string lines;
  for (std::size_t i = 0; i < kDocsCount; ++i) {
    std::string body;
    for (std::size_t words = 20 + random() % 20; words > 0; --words)
      body += Word(random) + " ";
    const std::string slug = "\"d" + std::to_string(i) + "\"";
    lines += R"({"type":"Doc","data":{"slug":)" + slug + R"(,"year":)" +
             std::to_string(2000 + random() % 25) + R"(,"body":")" + body + R"(","embedding":)" +
             VectorText(random) + "}}\n";
    lines += R"({"edge":"Authored","from":"p)" + std::to_string(random() % kPersonsCount) +
             R"(","to":)" + slug + "}\n";
  }
  return lines;
}

// Persons in blocks of 64 that know each other, and some that everybody knows.
const testing::TestGraph& Graph() {
  static const testing::TestGraph graph = [] {
    std::mt19937 random(7);
    std::string lines;
    for (std::size_t i = 0; i < kPersonsCount; ++i) {
      lines += R"({"type":"Person","data":{"slug":"p)" + std::to_string(i) + R"(","name":"Name )" +
               std::to_string(random() % 5000) + R"(","age":)" + std::to_string(random() % 80) +
               R"(,"city":"City )" + std::to_string(random() % 50) + "\"}}\n";
    }
    for (std::size_t i = 0; i < kEdgesCount; ++i) {
      const std::size_t from = random() % kPersonsCount;
      std::size_t to = from / 64 * 64 + random() % 64;
      if (random() % 3 > 0) to = (random() % kPersonsCount) * (random() % 100) / 100;
      lines += R"({"edge":"Knows","from":"p)" + std::to_string(from) + R"(","to":"p)" +
               std::to_string(std::min(to, kPersonsCount - 1)) + "\"}\n";
    }
    lines += DocLines(random);
    return testing::TestGraph(kSchema, lines, {std::size_t{1} << 30});
  }();
  return graph;
}

void RunQuery(benchmark::State& state, std::string body) {
  if (const std::size_t at = body.find("VECTOR"); at != std::string::npos) {
    std::mt19937 random(3);
    body.replace(at, 6, VectorText(random));
  }
  const Result<query::CheckedQuery> query = Graph().Check("query q($s: String) { " + body + " }");
  OG_CHECK(query.ok());
  std::size_t seed = 0;
  for (auto _ : state) {
    seed = (seed + 7919) % kPersonsCount;
    const types::Value parameter = types::Value::String("p" + std::to_string(seed));
    const Result<ResultTable> table = ExecuteRead(*query, {&parameter, 1}, Graph(), {});
    OG_CHECK(table.ok());
    benchmark::DoNotOptimize(table->rows_count());
  }
  state.SetLabel(body.substr(0, 60));
}

struct Workload {
  const char* name;
  const char* body;
};

constexpr Workload kWorkloads[] = {
    {"point",
     "match { $p: Person { slug: $s } } return { $p.slug as slug, $p.name as name, "
     "$p.age as age, $p.city as city }"},
    {"filter_agg",
     "match { $p: Person $p.age >= 30 $p.age < 40 } return { $p.city as city, "
     "count($p) as n, avg($p.age) as a } order { n desc }"},
    {"hop1", "match { $p: Person { slug: $s } $p knows $a } return { count($a) as n }"},
    {"hop2", "match { $p: Person { slug: $s } $p knows $a $a knows $b } return { count($b) as n }"},
    {"hop3",
     "match { $p: Person { slug: $s } $p knows $a $a knows $b $b knows $c } "
     "return { count($c) as n }"},
    {"hop2_rows",
     "match { $p: Person { slug: $s } $p knows $a $a knows $b } "
     "return { $b.slug as slug, $b.age as age } limit 100"},
    {"fof_top",
     "match { $p: Person $p knows $a $a knows $b } "
     "return { $p.slug as slug, count($b) as n } order { n desc } limit 10"},
    {"reach3", "match { $p: Person { slug: $s } $p knows{1,3} $x } return { count($x) as n }"},
    {"tri_seed",
     "match { $a: Person { slug: $s } $a knows $b $b knows $c $c knows $a } "
     "return { count($c) as n }"},
    {"tri_all",
     "match { $a: Person $a knows $b $b knows $c $c knows $a } "
     "return { count($c) as n }"},
    {"order_limit", "match { $p: Person } return { $p.slug } order { $p.age desc } limit 10"},
    {"order_all", "match { $p: Person } return { $p.slug, $p.name } order { $p.name }"},
    {"bm25",
     "match { $d: Doc } return { $d.slug as slug } order { bm25($d.body, \"w17 w230 w900\") } "
     "limit 10"},
    {"search", "match { $d: Doc search($d.body, \"w230 w900\") } return { count($d) as n }"},
    {"ann",
     "match { $d: Doc } return { $d.slug as slug } order { nearest($d.embedding, VECTOR) } "
     "limit 10"},
    {"ann_filter",
     "match { $d: Doc { year: 2007 } } return { $d.slug as slug } "
     "order { nearest($d.embedding, VECTOR) } limit 10"},
    {"hybrid_vec",
     "match { $d: Doc $a authored $d $a knows $f $f knows $g } "
     "return { $d.slug as slug, count($g) as n } order { nearest($d.embedding, VECTOR) } limit 10"},
    {"hybrid_text",
     "match { $d: Doc $a authored $d $a knows $f $f knows $g } return { $d.slug as slug, count($g) "
     "as n } order { bm25($d.body, \"w17 w230\") } limit 10"},
    {"not_known", "match { $p: Person not { $x knows $p } } return { count($p) as n }"},
};

[[maybe_unused]] const bool kAreRegistered = [] {
  for (const Workload& workload : kWorkloads) {
    benchmark::RegisterBenchmark(workload.name, [body = std::string(workload.body)](
                                                    benchmark::State& state) {
      RunQuery(state, body);
    })->Unit(benchmark::kMicrosecond);
  }
  return true;
}();

}  // namespace
}  // namespace omnigraph::exec
