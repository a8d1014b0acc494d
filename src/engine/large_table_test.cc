// Updates and deletes of a table that is large enough for indexes and neighbour lists, against a
// model: what they are about must not depend on how it was found.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "engine/local_graph.h"
#include "exec/result_table.h"
#include "store/memory_store.h"

namespace omnigraph::engine {
namespace {

constexpr std::string_view kSchema = R"(
node Person { slug: String @key
  mail: String @unique
  team: String @index
  age: I32 }
edge Knows: Person -> Person @card(0..40) { since: I32? }
)";

constexpr std::string_view kQueries = R"(
query by_key($v: String) { delete Person where slug = $v }
query by_mail($v: String) { delete Person where mail = $v }
query by_team($v: String) { delete Person where team = $v }
query from($v: String) { delete Knows where from = $v }
query to($v: String) { delete Knows where to = $v }
query since($v: I32) { delete Knows where since = $v }
query older($v: I32) { update Person set { age: 0 } where age >= $v }
query mail_age($v: String) { update Person set { age: 1000 } where mail = $v }
query add($a: String, $b: String) { insert Knows { from: $a, to: $b, since: 1 } }
query people() { match { $p: Person } return { count($p) as n } }
query ages($v: I32) { match { $p: Person $p.age = $v } return { count($p) as n } }
query friends($v: String) { match { $p: Person { slug: $v } $p $k: knows $f }
  return { count($k.since) as n } }
query fans($v: String) { match { $p: Person { slug: $v } $f $k: knows $p }
  return { count($k.since) as n } }
query of_mail($v: String) { match { $p: Person { mail: $v } } return { $p.slug as slug } }
query of_team($v: String) { match { $p: Person { team: $v } } return { count($p) as n } }
)";

struct Person {
  std::string mail;
  std::string team;
  int age;
};
struct Knows {
  std::string from;
  std::string to;
  int since;
};

class LargeTableTest : public ::testing::Test {
 protected:
  static constexpr int kPeople = 5000;
  static constexpr int kEdges = 9000;

  LargeTableTest() {
    std::string lines;
    for (int i = 0; i < kPeople; ++i) {
      const std::string number = std::to_string(i);
      const Person person = {"m" + number, "t" + std::to_string(i % 400), i % 90};
      lines += R"({"type":"Person","data":{"slug":"p)" + number + R"(","mail":")" + person.mail +
               R"(","team":")" + person.team + R"(","age":)" + std::to_string(person.age) + "}}\n";
      people_["p" + number] = person;
    }
    for (int i = 0; i < kEdges; ++i) {
      const Knows edge = {Someone(), Someone(), 1900 + static_cast<int>(engine_() % 400)};
      lines += R"({"edge":"Knows","from":")" + edge.from + R"(","to":")" + edge.to +
               R"(","data":{"since":)" + std::to_string(edge.since) + "}}\n";
      edges_.push_back(edge);
    }
    const auto made = Graph::Init(store_, "g", kSchema, false);
    EXPECT_TRUE(made.ok()) << made.message();
    graph_ = *Graph::Open(store_, OpenOptions{});
    LoadRequest request;
    request.source_name = "large.jsonl";
    request.mode = LoadMode::kAppend;
    request.read = [rest = std::string_view(lines)](
                       char* buffer, std::size_t size_max) mutable -> Result<std::size_t> {
      const std::size_t size = std::min(size_max, rest.size());
      std::memcpy(buffer, rest.data(), size);
      rest.remove_prefix(size);
      return size;
    };
    const auto loaded = graph_->Load(Caller(), request);
    EXPECT_TRUE(loaded.ok()) << loaded.status().message();
  }

  std::string Someone() { return "p" + std::to_string(engine_() % kPeople); }
  std::string SomeoneAlive() {
    return std::next(people_.begin(), static_cast<std::ptrdiff_t>(engine_() % people_.size()))
        ->first;
  }
  static std::string Params(const std::string& v) { return R"({"v":")" + v + "\"}"; }

  std::string Rows(std::string_view name, const std::string& params) {
    QueryRequest request;
    request.source = kQueries;
    request.name = name;
    request.params_json = params;
    const auto answer = graph_->Query(Caller(), request);
    if (!answer.ok()) return std::string(answer.status().message());
    return std::string(answer->table->RowsJson());
  }
  std::uint64_t Mutate(std::string_view name, const std::string& params, std::size_t edges_gone) {
    MutationRequest request;
    request.source = kQueries;
    request.name = name;
    request.params_json = params;
    const auto answer = graph_->Mutate(Caller(), request);
    EXPECT_TRUE(answer.ok()) << answer.status().message();
    if (!answer.ok()) return 0;
    EXPECT_EQ(answer->affected_edges, edges_gone) << name << params;
    return answer->affected_nodes;
  }
  static std::string Count(std::size_t n) { return R"({"n":)" + std::to_string(n) + "}"; }

  template <typename IsGone>
  std::size_t EraseEdges(IsGone is_gone) {
    return std::erase_if(edges_, is_gone);
  }
  // What a deletion of people takes along.
  template <typename IsGone>
  void ExpectPeopleGone(std::string_view query, const std::string& params, IsGone is_gone) {
    std::vector<std::string> gone;
    for (const auto& [slug, person] : people_) {
      if (is_gone(slug, person)) gone.push_back(slug);
    }
    for (const std::string& slug : gone)
      people_.erase(slug);
    const auto is_one = [&](const std::string& slug) {
      return std::find(gone.begin(), gone.end(), slug) != gone.end();
    };
    const std::size_t edges =
        EraseEdges([&](const Knows& edge) { return is_one(edge.from) || is_one(edge.to); });
    EXPECT_EQ(Mutate(query, params, edges), gone.size()) << query << params;
  }

  void ExpectTheModel(const std::string& slug) {
    EXPECT_EQ(Rows("people", "{}"), Count(people_.size()));
    const auto count = [&](auto matches) {
      return Count(static_cast<std::size_t>(std::count_if(edges_.begin(), edges_.end(), matches)));
    };
    EXPECT_EQ(Rows("friends", Params(slug)),
              count([&](const Knows& edge) { return edge.from == slug; }));
    EXPECT_EQ(Rows("fans", Params(slug)),
              count([&](const Knows& edge) { return edge.to == slug; }));
    const Person& person = people_.at(slug);
    EXPECT_EQ(Rows("of_mail", Params(person.mail)), R"({"slug":")" + slug + "\"}");
    const auto in_team = [&](const auto& one) { return one.second.team == person.team; };
    EXPECT_EQ(
        Rows("of_team", Params(person.team)),
        Count(static_cast<std::size_t>(std::count_if(people_.begin(), people_.end(), in_team))));
  }

  std::minstd_rand0 engine_{11};
  std::map<std::string, Person> people_;
  std::vector<Knows> edges_;
  std::shared_ptr<store::ObjectStore> store_ = std::make_shared<store::MemoryStore>();
  std::shared_ptr<Graph> graph_;
};

TEST_F(LargeTableTest, WhatIsChangedDoesNotDependOnHowItIsFound) {
  for (int step = 0; step < 30; ++step) {
    SCOPED_TRACE(step);
    const std::string slug = SomeoneAlive();
    switch (step % 6) {
      case 0:
        ExpectPeopleGone("by_key", Params(slug),
                         [&](const auto& key, const Person&) { return key == slug; });
        break;
      case 1: {
        const std::string mail = people_.at(slug).mail;
        ExpectPeopleGone("by_mail", Params(mail),
                         [&](const auto&, const Person& person) { return person.mail == mail; });
        EXPECT_EQ(Rows("of_mail", Params(mail)), "");
        break;
      }
      case 2: {
        const std::string team = people_.at(slug).team;
        ExpectPeopleGone("by_team", Params(team),
                         [&](const auto&, const Person& person) { return person.team == team; });
        break;
      }
      case 3:
        Mutate("from", Params(slug),
               EraseEdges([&](const Knows& edge) { return edge.from == slug; }));
        break;
      case 4:
        Mutate("to", Params(slug), EraseEdges([&](const Knows& edge) { return edge.to == slug; }));
        break;
      default: {
        const int year = 1900 + static_cast<int>(engine_() % 400);
        Mutate("since", R"({"v":)" + std::to_string(year) + "}",
               EraseEdges([&](const Knows& edge) { return edge.since == year; }));
        const std::string other = SomeoneAlive();
        Mutate("add", R"({"a":")" + slug + R"(","b":")" + other + "\"}", 1);
        edges_.push_back({slug, other, 1});
      }
    }
    ExpectTheModel(SomeoneAlive());
  }
}

TEST_F(LargeTableTest, UpdatesFindWhatEarlierOnesLeft) {
  for (int step = 0; step < 12; ++step) {
    SCOPED_TRACE(step);
    Person& person = people_.at(SomeoneAlive());
    EXPECT_EQ(Mutate("mail_age", Params(person.mail), 0), 1u);
    person.age = 1000;
    const int least = 89 - step;
    std::uint64_t older = 0;
    for (auto& [slug, one] : people_) {
      if (one.age < least) continue;
      one.age = 0;
      ++older;
    }
    EXPECT_EQ(Mutate("older", R"({"v":)" + std::to_string(least) + "}", 0), older);
    const auto is_zero = [](const auto& one) { return one.second.age == 0; };
    EXPECT_EQ(
        Rows("ages", R"({"v":0})"),
        Count(static_cast<std::size_t>(std::count_if(people_.begin(), people_.end(), is_zero))));
  }
}

}  // namespace
}  // namespace omnigraph::engine
