// Queries that nobody should send: each ends with a typed error soon after its deadline, and
// within its memory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <new>
#include <string>

#include "base/thread_pool.h"
#include "exec/executor.h"
#include "exec/test_graph.h"

namespace {

// Bytes that the program holds, and the most that it ever held since the last `StartMeasuring`.
std::atomic<std::int64_t> held_bytes{0};
std::atomic<std::int64_t> held_bytes_max{0};

void* Counted(void* memory) {
  if (memory == nullptr) std::abort();
  const auto size = static_cast<std::int64_t>(malloc_usable_size(memory));
  const std::int64_t held = held_bytes.fetch_add(size, std::memory_order_relaxed) + size;
  std::int64_t most = held_bytes_max.load(std::memory_order_relaxed);
  while (held > most && !held_bytes_max.compare_exchange_weak(most, held)) {
  }
  return memory;
}

void Release(void* memory) {
  if (memory == nullptr) return;
  held_bytes.fetch_sub(static_cast<std::int64_t>(malloc_usable_size(memory)),
                       std::memory_order_relaxed);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  return Counted(std::malloc(size));
}
// The sanitizers bring their own, which would not go with the `delete` below.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return Counted(std::malloc(size));
}
void operator delete(void* memory) noexcept {
  Release(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  Release(memory);
}

namespace omnigraph::exec {
namespace {

using std::chrono::milliseconds;
using testing::TestGraph;

constexpr milliseconds kDeadline{100};
constexpr milliseconds kGrace{200};
constexpr std::int64_t kMemoryBytes = 8 << 20;
// Vectors double, and a growing one stands twice for a moment; and what is not counted at all:
// plans, columns, batches on their way.
constexpr std::int64_t kMemoryFactor = 3;
constexpr std::int64_t kMemoryBeside = 4 << 20;

// A hub that everybody knows and that knows everybody, a clique, and a long chain.
const TestGraph& Graph() {
  static const TestGraph graph = [] {
    std::string lines;
    const auto edge = [&lines](std::size_t from, std::size_t to) {
      lines += R"({"edge":"Knows","from":"p)" + std::to_string(from) + R"(","to":"p)" +
               std::to_string(to) + "\"}\n";
    };
    constexpr std::size_t kCount = 600;
    constexpr std::size_t kClique = 60;
    for (std::size_t i = 0; i < kCount; ++i) {
      lines += R"({"type":"P","data":{"name":"p)" + std::to_string(i) + R"(","n":)" +
               std::to_string(i % 7) + R"(,"text":"some words about graphs number )" +
               std::to_string(i) + R"(","v":[1.0,)" + std::to_string(i) + "]}}\n";
      if (i > 0) edge(0, i);
      if (i > 0) edge(i, 0);
      if (i > kClique) edge(i - 1, i);
    }
    for (std::size_t i = 1; i <= kClique; ++i) {
      for (std::size_t j = 1; j <= kClique; ++j)
        edge(i, j);
    }
    return TestGraph(
        "node P { name: String @key  n: I32 @index  text: String @index  v: Vector(2) @index }\n"
        "edge Knows: P -> P { w: I32? }",
        lines);
  }();
  return graph;
}

// A walk of that many steps that comes back to where it was.
std::string LongWalk(std::size_t steps) {
  std::string text = "match { $x0: P ";
  for (std::size_t i = 0; i < steps; ++i)
    text += "$x" + std::to_string(i) + " knows $x" + std::to_string(i + 1) + " ";
  return text + "} return { min($x0.name) as a, max($x" + std::to_string(steps) + ".name) as b }";
}

std::string Nots(std::size_t depth) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) {
    text += "not { $x" + std::to_string(i) + " knows $x" + std::to_string(i + 1) + " $x" +
            std::to_string(i + 1) + " knows $x" + std::to_string(i) + " ";
  }
  return text + std::string(depth, '}');
}

// Of numbers that no node has.
std::string LongList() {
  std::string text = "[0";
  for (int i = 10; i < 60'000; ++i)
    text += ", " + std::to_string(i);
  return text + "]";
}

struct Attack {
  const char* name;
  std::string body;
  bool may_end = false;  // Good engines may answer this one in time.
};

std::vector<Attack> Attacks() {
  const std::string product = "match { $a: P $b: P $c: P $d: P $e: P } return ";
  std::string hops = "match { $x0: P { name: \"p1\" } ";
  std::string row;
  for (std::size_t i = 0; i < 8; ++i) {
    hops += "$x" + std::to_string(i) + " knows $x" + std::to_string(i + 1) + " ";
    row += (i > 0 ? ", $x" : "$x") + std::to_string(i + 1) + ".name as c" + std::to_string(i);
  }
  std::string in_list = "match { $p: P $q: P $r: P $s: P ";
  for (const char* variable : {"$p", "$q", "$r", "$s"}) {
    for (int i = 0; i < 200; ++i)
      in_list += std::string(variable) + ".n != " + std::to_string(1000 + i) + " ";
  }
  return {
      {"CrossProductOfFive", product + "{ min($a.name) as a, max($b.name) as b, min($c.name) as c, "
                                       "max($d.name) as d, min($e.name) as e }"},
      {"CrossProductAsRows", product + "{ $a.name, $b.name, $c.name, $d.name, $e.name }"},
      {"CrossProductSorted",
       product + "{ $a.name as a, $b.name as b, $c.name as c, $d.name as d, $e.name as e } "
                 "order { a desc, e }"},
      {"CrossProductInGroups",
       product + "{ $a.name, $b.name, $c.name, $d.name, $e.name, count($a) as n }"},
      {"CrossProductRanked",
       "match { $a: P $b: P $c: P $d: P } return { $a.name as a, $b.name as "
       "b, $c.name as c, $d.name as d } order { nearest($d.v, [1.0, 2.0]) } "
       "limit 100000"},
      {"PathsThroughAHub", hops + "} return { " + row + " }"},
      {"PathsThroughAHubSorted", hops + "} return { " + row + " } order { c0, c7 desc }"},
      {"DeepHopsFromEverybody",
       "match { $a: P $a knows{1,4000000000} $b $b knows{2,4000000000} $c $c knows{3,4000000000} "
       "$d $d.n > $a.n } return { min($a.name) as a, max($b.name) as b, count($c) as c, "
       "max($d.name) as d }"},
      {"CyclesOfSix",
       "match { $a: P $a knows $b $b knows $c $c knows $d $d knows $e $e knows $f $f knows $a } "
       "return { min($a.name) as a, min($b.name) as b, min($c.name) as c, min($d.name) as d, "
       "min($e.name) as e, min($f.name) as f }"},
      {"NestedNots",
       "match { $x0: P $y: P $z: P " + Nots(40) +
           " } return { count($x0) as n, min($y.name) as y, min($z.name) as z }",
       true},
      {"ManyConditions", in_list + "} return { min($p.name) as p, min($q.name) as q, min($r.name) "
                                   "as r, min($s.name) as s }"},
      {"LongListOverAProduct",
       "match { $a: P $b: P $c: P " + LongList() +
           " contains $a.n $b.text contains $c.text $a.text != $c.text } return { "
           "min($a.text) as a, min($b.text) as b, max($c.text) as c }"},
      {"JoinThatIsAProduct",
       "match { $a: P $b: P $c: P $d: P $a.n = $b.n $b.n = $c.n $c.n = $d.n } return { "
       "min($a.name) "
       "as a, max($b.name) as b, min($c.name) as c, max($d.name) as d }"},
      {"FuzzyProduct",
       "match { $a: P $b: P $c: P $d: P fuzzy($a.text, \"wrds abut\", 4) "
       "fuzzy($d.text, \"grphs\", 4) } return { min($a.name) as a, max($b.name) "
       "as b, max($c.name) as c, min($d.name) as d }"},
      {"AWalkOfAThousandSteps", LongWalk(1000)},
      {"MoreStepsThanAStackHolds", LongWalk(5000)},
      {"EdgesOfEdges",
       "match { $a $k1:knows $b $b $k2:knows $c $c $k3:knows $d $d $k4:knows $a } return { "
       "min($a.name) as a, count($k1.w) as w, max($c.name) as c, max($d.name) as d }",
       true},
  };
}

class HostileTest : public ::testing::TestWithParam<std::size_t> {};

// Runs with a deadline and a budget, and says what is wrong with how it ended.
std::string Misbehaviour(const Attack& attack, ThreadPool* pool) {
  ExecutionOptions options;
  options.memory_bytes_max = kMemoryBytes;
  options.pool = pool;
  const Result<query::CheckedQuery> query = Graph().Check("query q() { " + attack.body + " }");
  if (!query.ok()) return "refused: " + std::string(query.status().message());
  const std::int64_t held_before = held_bytes;
  held_bytes_max = held_before;
  const auto begin = std::chrono::steady_clock::now();
  options.deadline = Deadline::After(kDeadline);

  const Result<ResultTable> table = ExecuteRead(*query, {}, Graph(), options);

  const auto took = std::chrono::steady_clock::now() - begin;
  const std::int64_t most = held_bytes_max - held_before;
  if (took > kDeadline + kGrace) {
    return "took " + std::to_string(std::chrono::duration_cast<milliseconds>(took).count()) + " ms";
  }
  if (most > kMemoryFactor * kMemoryBytes + kMemoryBeside) {
    return "held " + std::to_string(most) + " bytes";
  }
  if (table.ok()) return attack.may_end ? "" : "gave an answer";
  const ErrorCode code = table.status().code();
  const bool is_typed =
      code == ErrorCode::kDeadlineExceeded || code == ErrorCode::kResourceExhausted;
  return is_typed ? "" : "ended with: " + std::string(table.status().message());
}

TEST_P(HostileTest, EndsInTimeAndWithinItsMemory) {
  const Attack attack = Attacks()[GetParam()];
  ThreadPool pool("test", 2);

  EXPECT_EQ(Misbehaviour(attack, nullptr), "") << attack.name << ": " << attack.body;
  EXPECT_EQ(Misbehaviour(attack, &pool), "") << attack.name << " on threads";
}

INSTANTIATE_TEST_SUITE_P(Attacks, HostileTest, ::testing::Range<std::size_t>(0, Attacks().size()),
                         [](const ::testing::TestParamInfo<std::size_t>& attack) {
                           return std::string(Attacks()[attack.param].name);
                         });

TEST(HostileLimitsTest, ACallerWhoLeavesEndsTheQueryOnAllThreads) {
  ThreadPool pool("test", 2);
  auto has_left = std::make_shared<std::atomic<bool>>(false);
  ExecutionOptions options;
  options.pool = &pool;
  options.is_cancelled = has_left;
  const Result<query::CheckedQuery> query =
      Graph().Check("query q() { " + Attacks()[0].body + " }");
  ASSERT_TRUE(query.ok());
  ThreadPool caller("caller", 1);
  caller.Submit([&] { has_left->store(true); });

  const Result<ResultTable> table = ExecuteRead(*query, {}, Graph(), options);

  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.status().code(), ErrorCode::kDeadlineExceeded);
}

TEST(HostileLimitsTest, EdgesAreCountedOverAllThreads) {
  ThreadPool pool("test", 2);
  ExecutionOptions options;
  options.pool = &pool;
  options.parallel_tuples_min = 0;
  options.edges_visited_max = 2'000'000;
  const Result<query::CheckedQuery> query = Graph().Check(
      "query q() { match { $a: P $a knows $b $b knows $c $c knows $d } "
      "return { min($a.name) as a, min($b.name) as b, min($c.name) as c, min($d.name) as d } }");
  ASSERT_TRUE(query.ok());

  const Result<ResultTable> table = ExecuteRead(*query, {}, Graph(), options);

  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.status().code(), ErrorCode::kResourceExhausted);
  EXPECT_THAT(std::string(table.status().message()),
              ::testing::HasSubstr("query.edges_visited_max = 2000000"));
}

}  // namespace
}  // namespace omnigraph::exec
