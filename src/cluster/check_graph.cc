// Implements cluster/check_graph.h.

#include "cluster/check_graph.h"

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "base/strings.h"
#include "cluster/address.h"
#include "cluster/desired_state.h"
#include "cluster/source_finding.h"
#include "query/check.h"
#include "query/parser.h"
#include "schema/compile.h"

namespace omnigraph::cluster {
namespace {

/// A query file that could be read and parsed.
struct QueryFile {
  std::shared_ptr<const text::Source> source;
  query::ast::File tree;
  std::string digest;
};

/// Checks one graph. Lives for one call of `CheckGraph`.
class GraphChecker {
 public:
  GraphChecker(const ConfigFolder& folder, const std::string& id, DesiredState& desired,
               Findings& findings)
      : folder_(folder), id_(id), path_("graphs." + id), desired_(desired), findings_(findings) {}

  void CheckSchema(const std::string& declared) {
    const std::string path = path_ + ".schema";
    Result<SourceFile> file = folder_.Read(declared, kSourceFileBytesMax);
    if (!file.ok()) {
      findings_.Error("schema_file_missing", path,
                      "cannot read the schema: " + std::string(file.status().message()));
      return;
    }
    if (file->is_outside) WarnOutside(declared, path, findings_);
    desired_.resources[SchemaAddress(id_)] = {ResourceKind::kSchema, Sha256Hex(file->bytes),
                                              declared};
    const text::Source source(declared, file->bytes);
    const schema::CompileOutcome outcome = schema::Compile(source);
    AddSourceErrors(source, outcome.diagnostics,
                    outcome.is_catalog_error() ? "schema_catalog_error" : "schema_parse_error",
                    path, findings_);
    schema_ = outcome.schema;
    desired_.schema_texts[id_] = std::move(file->bytes);
  }

  void CheckQueries(const QueriesEntry& entry) {
    if (const auto* named = std::get_if<std::map<std::string, std::string>>(&entry)) {
      for (const auto& [name, file] : *named)
        CheckNamedQuery(name, file);
    } else if (const auto* single = std::get_if<std::string>(&entry)) {
      Discover(*single);
    } else {
      for (const std::string& declared : std::get<std::vector<std::string>>(entry)) {
        Discover(declared);
      }
    }
  }

 private:
  std::string QueriesPath() const { return path_ + ".queries"; }
  std::string QueryPath(const std::string& name) const { return QueriesPath() + "." + name; }

  void Discover(const std::string& declared) {
    if (!folder_.IsFolder(declared)) {
      RegisterAll(declared);
      return;
    }
    Result<SourceListing> listing = folder_.ListQueries(declared);
    if (!listing.ok()) {
      findings_.Error("query_dir_unreadable", QueriesPath(),
                      "cannot list the query folder: " + std::string(listing.status().message()));
      return;
    }
    if (listing->is_outside) WarnOutside(declared, QueriesPath(), findings_);
    if (listing->names.empty()) {
      findings_.Warn("query_dir_empty", QueriesPath(),
                     "the query folder " + Quoted(declared) + " holds no .gq file");
    }
    const std::string prefix = declared.ends_with('/') ? declared : declared + "/";
    for (const std::string& name : listing->names)
      RegisterAll(prefix + name);
  }

  void RegisterAll(const std::string& declared) {
    const QueryFile* file = Load(declared, QueriesPath(), QueriesPath());
    if (file == nullptr) return;
    for (const query::ast::Query& found : file->tree.queries) {
      Register(found.name.text, declared, *file, found);
    }
  }

  void CheckNamedQuery(const std::string& name, const std::string& declared) {
    if (!IsResourceId(name)) {
      findings_.Error("invalid_resource_id", QueryPath(name),
                      "the query name " + Quoted(name) +
                          " must start with a letter or '_' and go on with letters, digits, '_' "
                          "and '-'");
      return;
    }
    const QueryFile* file = Load(declared, QueryPath(name) + ".file", QueryPath(name));
    if (file == nullptr) return;
    for (const query::ast::Query& found : file->tree.queries) {
      if (found.name.text != name) continue;
      Register(name, declared, *file, found);
      return;
    }
    findings_.Error("query_key_mismatch", QueryPath(name),
                    Quoted(declared) + " declares no query of the name " + Quoted(name) +
                        "; the key must be the name behind 'query'");
  }

  /// Reads and parses a file once; null, and reported, if it cannot be used.
  const QueryFile* Load(const std::string& declared, const std::string& missing_path,
                        const std::string& parse_path) {
    const auto [place, added] = files_.try_emplace(declared);
    if (!added && place->second) return &*place->second;
    Result<SourceFile> file = folder_.Read(declared, kSourceFileBytesMax);
    if (!file.ok()) {
      findings_.Error("query_file_missing", missing_path,
                      "cannot read the query file: " + std::string(file.status().message()));
      return nullptr;
    }
    if (file->is_outside) WarnOutside(declared, missing_path, findings_);
    QueryFile parsed;
    parsed.digest = Sha256Hex(file->bytes);
    parsed.source = std::make_shared<const text::Source>(declared, std::move(file->bytes));
    text::Diagnostics diagnostics;
    parsed.tree = query::Parse(*parsed.source, diagnostics);
    if (diagnostics.has_errors()) {
      AddSourceErrors(*parsed.source, std::move(diagnostics).Take(), "query_parse_error",
                      parse_path, findings_);
      return nullptr;
    }
    place->second = std::move(parsed);
    return &*place->second;
  }

  void Register(const std::string& name, const std::string& declared, const QueryFile& file,
                const query::ast::Query& tree) {
    const std::string address = QueryAddress(id_, name);
    const auto [place, added] = desired_.resources.try_emplace(address);
    if (!added) {
      findings_.Error("duplicate_query_name", QueryPath(name),
                      "the query " + Quoted(name) + " is declared in " +
                          Quoted(place->second.declared_path) + " and again in " +
                          Quoted(declared));
      return;
    }
    place->second = {ResourceKind::kQuery, file.digest, declared};
    CheckTypes(name, *file.source, tree);
  }

  void CheckTypes(const std::string& name, const text::Source& source,
                  const query::ast::Query& tree) {
    if (schema_ == nullptr) {
      findings_.Warn(
          "query_typecheck_skipped", QueryPath(name),
          "the query was not checked because the schema of graph '" + id_ + "' is not valid");
      return;
    }
    const query::CheckOutcome outcome = query::Check(tree, *schema_->catalog);
    AddSourceErrors(source, outcome.diagnostics, "query_typecheck_error", QueryPath(name),
                    findings_);
  }

  const ConfigFolder& folder_;
  const std::string& id_;
  const std::string path_;
  DesiredState& desired_;
  Findings& findings_;
  std::shared_ptr<const schema::Schema> schema_;
  std::map<std::string, std::optional<QueryFile>> files_;
};

}  // namespace

void CheckGraph(const ConfigFolder& folder, const std::string& id, const GraphEntry& entry,
                DesiredState& desired, Findings& findings) {
  if (!IsResourceId(id)) {
    findings.Error("invalid_resource_id", "graphs." + id,
                   "the graph id " + Quoted(id) +
                       " must start with a letter or '_' and go on with letters, digits, '_' and "
                       "'-'");
    return;
  }
  if (!IsServableGraphId(id)) {
    findings.Warn("graph_id_not_servable", "graphs." + id,
                  "no server can serve a graph of the id " + Quoted(id) + "; a servable id has " +
                      std::string(kServableGraphIdRule));
  }
  GraphChecker checker(folder, id, desired, findings);
  checker.CheckSchema(entry.schema);
  checker.CheckQueries(entry.queries);
}

}  // namespace omnigraph::cluster
