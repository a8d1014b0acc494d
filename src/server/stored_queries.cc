// Reads, parses, checks and lists stored queries.

#include "server/stored_queries.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json_writer.h"
#include "base/strings.h"
#include "query/compile.h"
#include "query/describe.h"
#include "text/source.h"

namespace omnigraph::server {

namespace {

std::string LabelOf(const std::string& name) {
  return "stored query '" + name + "'";
}

std::string ListingOf(const query::ast::Query& parsed) {
  std::string out;
  JsonWriter json(out);
  const std::string& name = parsed.name.text;
  json.BeginObject().Key("name").String(name).Key("tool_name").String(name);
  if (parsed.description) json.Key("description").String(*parsed.description);
  if (parsed.instruction) json.Key("instruction").String(*parsed.instruction);
  json.Key("mutation").Bool(parsed.is_mutation()).Key("params").BeginArray();
  for (const query::FieldDescription& field : query::DescribeParameters(parsed)) {
    std::string text;
    query::AppendJson(field, text);
    json.Raw(text);
  }
  json.EndArray().EndObject();
  return out;
}

/// Texts that several queries may share, each parsed once.
class ParsedTexts {
 public:
  struct Parsed {
    text::Source source;  ///< Called like the first query that asked for it.
    query::ast::File file;
  };

  /// Names `name` if the text does not parse.
  Result<const Parsed*> Get(const std::string& name,
                            const std::shared_ptr<const std::string>& text) {
    const auto found = texts_.find(text);
    if (found != texts_.end()) return &found->second;
    text::Source source(LabelOf(name), *text);
    OG_ASSIGN_OR_RETURN(query::ast::File file, query::ParseFile(source));
    return &texts_.emplace(text, Parsed{std::move(source), std::move(file)}).first->second;
  }

 private:
  std::map<std::shared_ptr<const std::string>, Parsed> texts_;
};

Result<StoredQuery> ParseOne(StoredQuerySource source, ParsedTexts& texts) {
  auto parsed = texts.Get(source.name, source.text);
  if (!parsed.ok()) {
    return std::move(parsed).status().WithContext(LabelOf(source.name) + " failed to parse");
  }
  const auto& queries = (*parsed)->file.queries;
  const auto found = std::find_if(queries.begin(), queries.end(), [&](const auto& candidate) {
    return candidate.name.text == source.name;
  });
  if (found == queries.end()) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         LabelOf(source.name) +
                             " failed to parse: the text declares no query of that name; the name "
                             "it is stored under must match the query symbol");
  }
  StoredQuery stored;
  stored.is_mutation = found->is_mutation();
  stored.has_vector_parameter = std::any_of(
      found->parameters.begin(), found->parameters.end(),
      [](const auto& parameter) { return parameter.type.vector_dimension.has_value(); });
  stored.listing_json = ListingOf(*found);
  stored.name = std::move(source.name);
  stored.text = std::move(source.text);
  return stored;
}

Status CheckOne(const StoredQuery& stored, const schema::Catalog& catalog, ParsedTexts& texts) {
  OG_ASSIGN_OR_RETURN(const ParsedTexts::Parsed* parsed, texts.Get(stored.name, stored.text));
  OG_ASSIGN_OR_RETURN(const query::ast::Query* tree, query::SelectQuery(parsed->file, stored.name));
  if (query::CheckQuery(parsed->source, *tree, catalog).ok()) return Status::Ok();
  const text::Source labelled(LabelOf(stored.name), *stored.text);
  return query::CheckQuery(labelled, *tree, catalog).status();
}

/// Adds a failure as a paragraph of its own.
void AddParagraph(std::string_view text, std::string& out) {
  out.append("\n  ");
  for (const char c : text) {
    out.push_back(c);
    if (c == '\n') out.append("  ");
  }
}

Result<std::string> ReadWholeFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "read stored queries: cannot read file " + Quoted(path.string()));
  }
  return std::move(text).str();
}

Result<std::vector<std::filesystem::path>> ListQueryFiles(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return std::vector<std::filesystem::path>{path};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    if (entry.path().extension() == ".gq") files.push_back(entry.path());
  }
  if (error) {
    return Status::Error(ErrorCode::kInvalidArgument, "read stored queries: cannot list " +
                                                          Quoted(path) + ": " + error.message());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Result<StoredQueries> StoredQueries::Parse(std::vector<StoredQuerySource> sources) {
  StoredQueries result;
  ParsedTexts texts;
  std::string problems;
  for (StoredQuerySource& source : sources) {
    auto parsed = ParseOne(std::move(source), texts);
    if (!parsed.ok()) {
      AddParagraph(parsed.status().message(), problems);
      continue;
    }
    std::string name = parsed->name;
    result.queries_.insert_or_assign(std::move(name), std::move(*parsed));
  }
  if (problems.empty()) return result;
  return Status::Error(ErrorCode::kInvalidArgument, "stored queries cannot be served:" + problems);
}

Status StoredQueries::CheckAgainst(const schema::Catalog& catalog,
                                   std::string_view graph_label) const {
  ParsedTexts texts;
  std::string problems;
  std::size_t problems_count = 0;
  for (const auto& [name, stored] : queries_) {
    const Status checked = CheckOne(stored, catalog, texts);
    if (checked.ok()) continue;
    AddParagraph(LabelOf(name) + ": " + std::string(checked.message()), problems);
    ++problems_count;
  }
  if (problems_count == 0) return Status::Ok();
  return Status::Error(ErrorCode::kInvalidArgument,
                       "schema check of graph " + Quoted(graph_label) + ": " +
                           std::to_string(problems_count) + " of " +
                           std::to_string(queries_.size()) +
                           " stored queries do not fit the schema:" + problems);
}

const StoredQuery* StoredQueries::Find(std::string_view name) const {
  const auto found = queries_.find(name);
  return found == queries_.end() ? nullptr : &found->second;
}

Result<std::vector<StoredQuerySource>> ReadQueryFiles(const std::string& path) {
  OG_ASSIGN_OR_RETURN(const auto files, ListQueryFiles(path));
  std::vector<StoredQuerySource> sources;
  std::map<std::string, std::string> origins;
  for (const std::filesystem::path& file : files) {
    OG_ASSIGN_OR_RETURN(std::string read, ReadWholeFile(file));
    const auto text = std::make_shared<const std::string>(std::move(read));
    OG_ASSIGN_OR_RETURN(const query::ast::File parsed,
                        query::ParseFile(text::Source(file.string(), *text)));
    for (const query::ast::Query& declared : parsed.queries) {
      const auto [other, is_new] = origins.emplace(declared.name.text, file.string());
      if (!is_new) {
        return Status::Error(ErrorCode::kInvalidArgument,
                             LabelOf(declared.name.text) + " is declared in " +
                                 Quoted(other->second) + " and in " + Quoted(file.string()));
      }
      sources.push_back({declared.name.text, text});
    }
  }
  return sources;
}

}  // namespace omnigraph::server
