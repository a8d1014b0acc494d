// Random loads against a model: whatever sequence of modes and inputs, the tables hold what the
// model holds, and a load is refused exactly when the model says so.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>

#include "graph/load_fixture.h"

namespace omnigraph::graph {
namespace {

constexpr std::string_view kSchema = R"(
node A { k: String @key  u: I32? @unique  v: [I32]? }
node B { n: I32 @key }
node M { t: String? }
edge E: A -> B @card(0..3) { w: I32?  @unique(src, dst) }
edge F: A -> A { w: I32? }
edge G: M -> B
)";

struct Node {
  std::optional<int> unique;
  std::string text;
};
struct Edge {
  std::string from, to, text;
};

// The graph as maps, and the rules of loads in their shortest form.
struct Model {
  std::map<std::string, Node> a, b, m;
  std::map<std::string, Edge> e, f, g;
};

struct Record {
  char type = 'A';
  std::string id;  // Empty: generated.
  Node node;
  Edge edge;
};

class RandomLoads {
 public:
  explicit RandomLoads(unsigned seed) : engine_(seed) {}

  unsigned Below(unsigned limit) { return static_cast<unsigned>(engine_()) % limit; }

  std::vector<Record> Next() {
    std::vector<Record> records;
    const std::string types = Below(3) == 0 ? "AB" : Below(2) == 0 ? "ABMEFG" : "EFM";
    for (unsigned i = Below(7); i > 0; --i)
      records.push_back(NextRecord(types[Below(static_cast<unsigned>(types.size()))]));
    return records;
  }

 private:
  Record NextRecord(char type) {
    Record record;
    record.type = type;
    const auto name = [this](char prefix, unsigned limit) {
      return prefix + std::to_string(Below(limit));
    };
    if (type == 'A') {
      record.id = name('a', 6);
      if (Below(3) == 0) record.node.unique = static_cast<int>(Below(6));
      if (record.node.unique) record.node.text = " u=" + std::to_string(*record.node.unique);
      if (Below(2) == 0) record.node.text += " v=[1,null," + std::to_string(Below(100)) + "]";
    } else if (type == 'B') {
      record.id = std::to_string(Below(5));
    } else if (type == 'M') {
      if (Below(2) == 0) record.id = name('m', 4);
      if (Below(2) == 0) record.node.text = "t=\"" + name('t', 50) + "\"";
    } else {
      if (Below(2) == 0) record.id = name(type, 5);
      record.edge.from = type == 'G' ? name('m', 4) : name('a', 6);
      record.edge.to = type == 'F' ? name('a', 6) : std::to_string(Below(5));
      if (type != 'G' && Below(2) == 0) record.edge.text = " w=" + std::to_string(Below(9));
    }
    return record;
  }
  std::minstd_rand engine_;
};

std::string JsonOf(const std::vector<Record>& records) {
  std::string json;
  const auto member = [](std::string_view text) {  // " w=5" as a member.
    const std::size_t equals = text.find('=');
    return "\"" + std::string(text.substr(0, equals)) +
           "\":" + std::string(text.substr(equals + 1));
  };
  for (const Record& record : records) {
    std::vector<std::string> data;
    const std::string quoted = "\"" + record.id + "\"";
    std::string& text = json;
    std::istringstream parts(record.node.text + record.edge.text);
    for (std::string part; parts >> part;)
      data.push_back(member(part));
    if (record.type == 'A') data.push_back("\"k\":" + quoted);
    if (record.type == 'B') data.push_back("\"n\":" + record.id);
    if (record.type > 'B' && !record.id.empty()) data.push_back("\"id\":" + quoted);
    const bool is_edge = record.type >= 'E' && record.type <= 'G';
    text += std::string(is_edge ? "{\"edge\":\"" : "{\"type\":\"") + record.type + "\"";
    if (is_edge) text += ",\"from\":\"" + record.edge.from + "\",\"to\":\"" + record.edge.to + "\"";
    text += ",\"data\":{";
    for (std::size_t i = 0; i < data.size(); ++i)
      text += (i > 0 ? "," : "") + data[i];
    text += "}}\n";
  }
  return json;
}

// Applies the records, or says that they must be refused. Generated ids are "~" and a number.
bool ApplyTo(Model& model, const std::vector<Record>& records, LoadMode mode, int* generated) {
  Model next = model;
  std::set<char> touched;
  for (const Record& record : records)
    touched.insert(record.type);
  std::map<std::string, Node>* const nodes[] = {&next.a, &next.b, &next.m};
  std::map<std::string, Edge>* const edges[] = {&next.e, &next.f, &next.g};
  if (mode == LoadMode::kOverwrite) {
    for (const char type : touched) {
      if (type == 'A' || type == 'B' || type == 'M') {
        nodes[type == 'A' ? 0 : type == 'B' ? 1 : 2]->clear();
      } else {
        edges[type - 'E']->clear();
      }
    }
  }
  std::set<std::string> seen;
  std::set<std::string> touched_sources;
  for (const Record& record : records) {
    const std::string id = record.id.empty() ? "~" + std::to_string((*generated)++) : record.id;
    const bool is_again = !seen.insert(record.type + id).second;
    const bool is_keyed = record.type == 'A' || record.type == 'B';
    if (is_again && (is_keyed || mode != LoadMode::kMerge)) return false;
    if (record.type >= 'E' && record.type <= 'G') {
      auto& table = *edges[record.type - 'E'];
      if (mode == LoadMode::kAppend && table.contains(id)) return false;
      table[id] = record.edge;
    } else {
      auto& table = *nodes[record.type == 'A' ? 0 : record.type == 'B' ? 1 : 2];
      if (mode == LoadMode::kAppend && table.contains(id)) return false;
      table[id] = record.node;
    }
  }
  std::set<int> uniques;
  for (const auto& [id, node] : next.a) {
    if (node.unique && !uniques.insert(*node.unique).second) return false;
  }
  const std::map<std::string, Node>* const ends[][2] = {
      {&next.a, &next.b}, {&next.a, &next.a}, {&next.m, &next.b}};
  for (int i = 0; i < 3; ++i) {
    for (const Record& record : records) {  // Also those that a later one replaces.
      if (record.type != 'E' + i) continue;
      if (!ends[i][0]->contains(record.edge.from) || !ends[i][1]->contains(record.edge.to))
        return false;
    }
    std::erase_if(*edges[i], [&](const auto& entry) {
      return !ends[i][0]->contains(entry.second.from) || !ends[i][1]->contains(entry.second.to);
    });
  }
  std::set<std::pair<std::string, std::string>> pairs;
  std::map<std::string, int> counts;
  for (const auto& [id, edge] : next.e) {
    if (!pairs.insert({edge.from, edge.to}).second) return false;
    if (++counts[edge.from] > 3) return false;
  }
  model = std::move(next);
  return true;
}

std::multiset<std::string> Texts(const std::map<std::string, Edge>& edges) {
  std::multiset<std::string> texts;
  for (const auto& [id, edge] : edges)
    texts.insert(edge.from + "->" + edge.to + edge.text);
  return texts;
}

void ExpectEqual(const LoadedGraph& graph, const Model& model) {
  std::multiset<std::string> a, b, m;
  for (const auto& [id, node] : model.a) {
    const std::size_t list = node.text.find(" v=");
    const std::string unique = node.text.substr(0, list);
    std::string text = "k=\"" + id + "\"" + unique;
    if (list != std::string::npos) text += node.text.substr(list);
    a.insert(text);
  }
  for (const auto& [id, node] : model.b)
    b.insert("n=" + id);
  for (const auto& [id, node] : model.m)
    m.insert(node.text);
  EXPECT_EQ(graph.Contents("node:A"), a);
  EXPECT_EQ(graph.Contents("node:B"), b);
  EXPECT_EQ(graph.Contents("node:M"), m);
  EXPECT_EQ(graph.Contents("edge:E"), Texts(model.e));
  EXPECT_EQ(graph.Contents("edge:F"), Texts(model.f));
  EXPECT_EQ(graph.Contents("edge:G"), Texts(model.g));
}

TEST(LoadModelTest, RandomLoadsAgreeWithTheModel) {
  int accepted = 0;
  int refused = 0;
  for (unsigned seed = 1; seed <= 150; ++seed) {
    RandomLoads loads(seed);
    LoadedGraph graph(kSchema);
    graph.limits.block_bytes = 1 + seed % 90;
    Model model;
    int generated = 0;
    for (int step = 0; step < 12; ++step) {
      const std::vector<Record> records = loads.Next();
      const LoadMode modes[] = {LoadMode::kAppend, LoadMode::kMerge, LoadMode::kMerge,
                                LoadMode::kOverwrite};
      const LoadMode mode = modes[loads.Below(4)];
      const std::string json = JsonOf(records);
      const auto loaded = graph.Load(json, mode);
      const bool is_expected = ApplyTo(model, records, mode, &generated);
      ASSERT_EQ(loaded.ok(), is_expected)
          << "seed " << seed << " step " << step << " mode " << static_cast<int>(mode) << "\n"
          << json << (loaded.ok() ? "" : loaded.status().message());
      (loaded.ok() ? accepted : refused) += 1;
      ExpectEqual(graph, model);
      ASSERT_FALSE(HasFailure()) << "seed " << seed << " step " << step << "\n" << json;
    }
  }
  EXPECT_GT(accepted, 300);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace omnigraph::graph
