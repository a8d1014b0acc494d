// Implements tests/schemas/evolution_graph.h.

#include "evolution_graph.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace omnigraph::schemas {
namespace {

using nlohmann::json;

Records RecordsOf(const std::string& lines) {
  Records records;
  std::size_t begin = 0;
  while (begin < lines.size()) {
    const std::size_t end = lines.find('\n', begin);
    json line = json::parse(lines.substr(begin, end - begin));
    begin = end + 1;
    json data = line["data"];
    const std::string type = line.contains("type") ? line["type"] : line["edge"];
    std::string key = type + "/" + data["id"].get<std::string>();
    data.erase("id");
    if (line.contains("edge")) {
      data["from"] = line["from"];
      data["to"] = line["to"];
    }
    for (auto member = data.begin(); member != data.end();)
      member = member->is_null() ? data.erase(member) : std::next(member);
    OG_CHECK(records.emplace(std::move(key), std::move(data)).second);
  }
  return records;
}

}  // namespace

Records RowMapping::Apply(const Records& before) const {
  Records after;
  for (const auto& [key, data] : before) {
    const std::size_t slash = key.find('/');
    const std::string type = key.substr(0, slash);
    if (dropped_types.contains(type)) continue;
    const auto renamed = renamed_types.find(type);
    const std::string new_type = renamed == renamed_types.end() ? type : renamed->second;
    json mapped = json::object();
    for (const auto& [name, value] : data.items()) {
      const std::string property = type + "." + name;
      if (dropped_properties.contains(property)) continue;
      const auto moved = renamed_properties.find(property);
      mapped[moved == renamed_properties.end() ? name : moved->second] = value;
    }
    for (const auto& [property, value] : added) {
      if (property.starts_with(new_type + "."))
        mapped.emplace(property.substr(new_type.size() + 1), value);
    }
    after.emplace(new_type + key.substr(slash), std::move(mapped));
  }
  return after;
}

Status LoadInto(engine::Graph& graph, const std::string& text, engine::LoadMode mode) {
  engine::LoadRequest request;
  request.source_name = "rows";
  request.mode = mode;
  request.read = [&text, at = std::size_t{0}](char* buffer,
                                              std::size_t size_max) mutable -> Result<std::size_t> {
    const std::size_t size = std::min(size_max, text.size() - at);
    std::memcpy(buffer, text.data() + at, size);
    at += size;
    return size;
  };
  return graph.Load(engine::Caller(), request).status();
}

EvolutionGraph::EvolutionGraph(std::shared_ptr<store::ObjectStore> store, std::string_view schema)
    : store_(std::move(store)) {
  const Status created = engine::Graph::Init(store_, "g", schema, false);
  OG_CHECK(created.ok());
  Reopen();
}

void EvolutionGraph::Reopen() {
  graph_ = AnotherHandle();
}

std::shared_ptr<engine::Graph> EvolutionGraph::AnotherHandle() const {
  auto opened = engine::Graph::Open(store_, engine::OpenOptions{});
  OG_CHECK(opened.ok());
  return *std::move(opened);
}

Status EvolutionGraph::Load(const std::string& text, engine::LoadMode mode) {
  return LoadInto(*graph_, text, mode);
}

Result<engine::SchemaChangeAnswer> EvolutionGraph::Apply(std::string_view source,
                                                         engine::SchemaChangeRequest request) {
  request.source = source;
  return graph_->ApplySchema(engine::Caller(), request);
}

Result<engine::SchemaChangeAnswer> EvolutionGraph::Plan(std::string_view source,
                                                        engine::SchemaChangeRequest request) {
  request.source = source;
  return graph_->PlanSchema(engine::Caller(), request);
}

Result<Records> EvolutionGraph::Read(const std::string& snapshot) {
  std::string lines;
  engine::ExportRequest request;
  request.target.snapshot = snapshot;
  request.write = [&lines](std::string_view some) {
    lines += some;
    return Status::Ok();
  };
  OG_RETURN_IF_ERROR(graph_->Export(engine::Caller(), request));
  return RecordsOf(lines);
}

engine::SchemaAnswer EvolutionGraph::Schema(const std::string& snapshot) {
  engine::ReadTarget target;
  target.snapshot = snapshot;
  auto answer = graph_->Schema(engine::Caller(), target);
  OG_CHECK(answer.ok());
  return *std::move(answer);
}

std::string EvolutionGraph::HeadCommit() {
  auto answer = graph_->Snapshot(engine::Caller(), {});
  OG_CHECK(answer.ok());
  return answer->graph_commit_id;
}

}  // namespace omnigraph::schemas
