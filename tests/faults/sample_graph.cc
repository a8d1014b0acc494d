// Implements sample_graph.h.

#include "sample_graph.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "base/clock.h"
#include "engine/maintenance.h"
#include "exec/result_table.h"

namespace omnigraph::faults {

using engine::Caller;

const std::string_view kSampleSchema = R"(
node Person { name: String @key
  age: I32?
  text: String? }
node Place { name: String @key }
edge Knows: Person -> Person { since: I32? }
edge Visits: Person -> Place
)";

const std::string_view kSampleQueries = R"(
query people() { match { $p: Person } return { $p.name, $p.age } order { $p.name } }
query person() { match { $p: Person { name: "Ada" } } return { $p.age } }
query places() { match { $p: Place } return { $p.name } order { $p.name } }
query friends() { match { $p: Person  $p knows $f } return { $p.name, $f.name }
  order { $p.name, $f.name } }
query add($name: String) { insert Person { name: $name, age: 1 } }
query link($a: String, $b: String) { insert Knows { from: $a, to: $b } }
query grow($name: String, $age: I32) { update Person set { age: $age } where name = $name }
query remove($name: String) { delete Person where name = $name }
query found($name: String) { insert Place { name: $name } }
query mixed($name: String) {
  insert Person { name: $name, age: 5 }
  insert Place { name: $name }
  insert Visits { from: $name, to: $name }
  update Person set { age: 6 } where name = $name
}
)";

namespace {

constexpr std::size_t kUlidSize = 26;

// With "*" in place of every string that is a ULID.
std::string WithoutMadeUpIds(const std::string& line) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    text += line[i];
    if (line[i] != '"' || i + kUlidSize + 1 >= line.size()) continue;
    if (line[i + kUlidSize + 1] != '"' || !IsUlid(line.substr(i + 1, kUlidSize))) continue;
    text += '*';
    i += kUlidSize;
  }
  return text;
}

}  // namespace

int Scale() {
  const char* const text = std::getenv("OMNIGRAPH_FAULTS_SCALE");
  return text == nullptr ? 1 : std::max(1, std::atoi(text));
}

Result<std::shared_ptr<engine::Graph>> OpenSample(std::shared_ptr<store::ObjectStore> store) {
  return engine::Graph::Open(std::move(store), engine::OpenOptions{});
}

Result<engine::MutationAnswer> Mutate(engine::Graph& graph, std::string_view name,
                                      std::string_view params_json, std::string branch,
                                      std::string actor) {
  engine::MutationRequest request;
  request.source = kSampleQueries;
  request.name = name;
  request.params_json = params_json;
  request.branch = std::move(branch);
  Caller caller;
  caller.actor = std::move(actor);
  return graph.Mutate(caller, request);
}

engine::LoadRequest TextLoad(std::string_view text, engine::LoadMode mode) {
  engine::LoadRequest request;
  request.source_name = "rows.jsonl";
  request.mode = mode;
  request.read = [text](char* buffer, std::size_t size_max) mutable -> Result<std::size_t> {
    const std::size_t size = std::min(size_max, text.size());
    std::memcpy(buffer, text.data(), size);
    text.remove_prefix(size);
    return size;
  };
  return request;
}

Status Load(engine::Graph& graph, const engine::LoadRequest& request) {
  return graph.Load(Caller(), request).status();
}

std::string People(std::string_view prefix, int count, std::size_t text_size) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += R"({"type":"Person","data":{"name":")" + std::string(prefix) + std::to_string(i) +
            R"(","age":7,"text":")" + std::string(text_size, 'x') + "\"}}\n";
  }
  return text;
}

Result<Answer> Read(engine::Graph& graph, std::string_view name, engine::ReadTarget target) {
  engine::QueryRequest request;
  request.source = kSampleQueries;
  request.name = name;
  request.target = std::move(target);
  OG_ASSIGN_OR_RETURN(const engine::QueryAnswer answer, graph.Query(Caller(), request));
  return Answer{std::string(answer.table->RowsJson()), answer.graph_commit_id};
}

Result<std::string> Export(engine::Graph& graph, engine::ReadTarget target) {
  std::string all;
  engine::ExportRequest request;
  request.target = std::move(target);
  request.write = [&all](std::string_view lines) {
    all += lines;
    return Status::Ok();
  };
  OG_RETURN_IF_ERROR(graph.Export(Caller(), request));
  std::istringstream lines(all);
  std::vector<std::string> sorted;
  for (std::string line; std::getline(lines, line);)
    sorted.push_back(WithoutMadeUpIds(line));
  std::sort(sorted.begin(), sorted.end());
  std::string text;
  for (const std::string& line : sorted)
    text += line + "\n";
  return text;
}

Result<std::string> StateOf(engine::Graph& graph) {
  OG_ASSIGN_OR_RETURN(const std::vector<std::string> branches, graph.ListBranches(Caller()));
  std::string state;
  for (const std::string& branch : branches) {
    OG_ASSIGN_OR_RETURN(const engine::SchemaAnswer schema, graph.Schema(Caller(), {branch, ""}));
    OG_ASSIGN_OR_RETURN(const std::string rows, Export(graph, {branch, ""}));
    state += "== " + branch + " " + schema.source_digest.substr(0, 12) + "\n" + rows;
  }
  return state;
}

Status FillSample(std::shared_ptr<store::ObjectStore> store) {
  OG_RETURN_IF_ERROR(engine::Graph::Init(store, "g", kSampleSchema, false));
  OG_ASSIGN_OR_RETURN(const auto graph, OpenSample(store));
  OG_RETURN_IF_ERROR(Load(*graph, TextLoad(People("a", 8))));
  OG_RETURN_IF_ERROR(Load(*graph, TextLoad(R"(
{"type":"Person","data":{"name":"Ada","age":36}}
{"type":"Person","data":{"name":"Bob","age":25}}
{"type":"Person","data":{"name":"Cyd","age":41}}
{"type":"Place","data":{"name":"Quay"}}
{"edge":"Knows","from":"Ada","to":"Bob"}
{"edge":"Knows","from":"a1","to":"Ada"}
{"edge":"Visits","from":"Bob","to":"Quay"}
)")));
  OG_RETURN_IF_ERROR(graph->Optimize(Caller()).status());  // Rows in fragments.
  OG_RETURN_IF_ERROR(Load(*graph, TextLoad(People("b", 8))));
  OG_RETURN_IF_ERROR(Mutate(*graph, "grow", R"({"name":"a2","age":8})").status());
  OG_RETURN_IF_ERROR(Mutate(*graph, "remove", R"({"name":"b3"})").status());
  OG_RETURN_IF_ERROR(graph->CreateBranch(Caller(), "side", "main"));
  OG_RETURN_IF_ERROR(graph->CreateBranch(Caller(), "twin", "main"));
  OG_RETURN_IF_ERROR(Mutate(*graph, "add", R"({"name":"Sid"})", "side").status());
  OG_RETURN_IF_ERROR(Mutate(*graph, "remove", R"({"name":"a4"})", "side").status());
  OG_RETURN_IF_ERROR(Mutate(*graph, "add", R"({"name":"Max"})").status());
  return Mutate(*graph, "link", R"({"a":"Max","b":"Cyd"})").status();
}

}  // namespace omnigraph::faults
