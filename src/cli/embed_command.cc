// embed: makes the vectors of a file of records before it is loaded. Opens no graph.

#include <memory>
#include <string>
#include <utility>

#include "base/json_writer.h"
#include "base/strings.h"
#include "cli/files.h"
#include "cli/handlers.h"
#include "cli/invocation.h"
#include "embed/embedder.h"
#include "embed/seed_rows.h"
#include "text/yaml.h"

namespace omnigraph::cli {
namespace {

// What a spec that names no model means, and offline vectors stand for.
constexpr std::string_view kDefaultModel = "gemini-embedding-2-preview";
constexpr std::string_view kDefaultOutput = "./build/seed.embedded.jsonl";
constexpr std::int64_t kDimensionMax = 65'536;

struct Job {
  std::string input;
  std::string output;
  embed::SeedSpec spec;
};

struct EmbedView {
  const Job& job;
  const embed::SeedCounts& counts;
  embed::SeedMode mode;
  std::string model;
};

void AppendText(const EmbedView& view, std::string& out) {
  out += "embedded " + std::to_string(view.counts.embedded) + " rows (selected " +
         std::to_string(view.counts.selected) + ", cleaned " + std::to_string(view.counts.cleaned) +
         ") from " + view.job.input + " -> " + view.job.output + " [" +
         std::string(embed::SeedModeName(view.mode)) + " " +
         std::to_string(view.job.spec.dimension) + "d]\n";
}

void AppendJson(const EmbedView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("input").String(view.job.input).Key("output").String(view.job.output);
  json.Key("rows").Uint(view.counts.rows).Key("selected_rows").Uint(view.counts.selected);
  json.Key("embedded_rows").Uint(view.counts.embedded);
  json.Key("cleaned_rows").Uint(view.counts.cleaned);
  json.Key("mode").String(embed::SeedModeName(view.mode));
  json.Key("dimension").Uint(view.job.spec.dimension).Key("model").String(view.model);
  json.EndObject();
}

Status Invalid(const std::string& path, std::string message) {
  return Status::Error(ErrorCode::kInvalidArgument, path + ": " + std::move(message));
}

Result<std::string> TextAt(const text::YamlNode& parent, std::string_view key,
                           const std::string& path) {
  const text::YamlNode* node = parent.Find(key);
  const std::string* text = node == nullptr ? nullptr : node->AsText();
  if (text == nullptr) return Invalid(path, "'" + std::string(key) + "' must be a text");
  return *text;
}

Result<embed::SeedSpec> ReadSpec(const text::YamlNode& node, const std::string& path) {
  embed::SeedSpec spec;
  const text::YamlNode* dimension = node.Find("dimension");
  const auto count = dimension == nullptr ? std::nullopt : dimension->AsInteger();
  if (!count || *count < 1 || *count > kDimensionMax) {
    return Invalid(path, "'dimension' must be a number from 1 to " + std::to_string(kDimensionMax));
  }
  spec.dimension = static_cast<std::uint32_t>(*count);
  if (node.Find("model") != nullptr) {
    OG_ASSIGN_OR_RETURN(spec.model, TextAt(node, "model", path));
  }
  const text::YamlNode* types = node.Find("types");
  if (types == nullptr || !types->is_mapping() || types->entries().empty()) {
    return Invalid(path, "'types' must say for each type which property gets the vector");
  }
  for (const text::YamlEntry& entry : types->entries()) {
    embed::SeedSpec::Target& target = spec.types[entry.key];
    OG_ASSIGN_OR_RETURN(target.property, TextAt(entry.value, "target", path));
    const text::YamlNode* fields = entry.value.Find("fields");
    if (fields == nullptr || !fields->is_sequence() || fields->items().empty()) {
      return Invalid(path, "'fields' of type " + entry.key + " must list properties");
    }
    for (const text::YamlNode& field : fields->items())
      target.fields.push_back(field.scalar());
  }
  return spec;
}

// JSON is read as the YAML that it is.
Result<text::YamlNode> ReadDocument(const std::string& path) {
  OG_ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  return text::ParseYaml(text::Source(path, std::move(text)));
}

Result<Job> ReadManifest(const std::string& path) {
  OG_ASSIGN_OR_RETURN(const text::YamlNode manifest, ReadDocument(path));
  const auto section = [&](std::string_view name) { return manifest.Find(name); };
  Job job;
  const std::string folder = FolderOf(path);
  if (const text::YamlNode* sources = section("sources")) {
    OG_ASSIGN_OR_RETURN(job.input, TextAt(*sources, "raw_seed", path));
  } else if (const text::YamlNode* seed = section("seed")) {
    OG_ASSIGN_OR_RETURN(job.input, TextAt(*seed, "data", path));
  } else {
    return Invalid(path, "there is no 'sources' with a 'raw_seed'");
  }
  job.input = PathBelow(folder, job.input);
  job.output = kDefaultOutput;
  const text::YamlNode* artifacts = section("artifacts");
  if (artifacts != nullptr && artifacts->Find("embedded_seed") != nullptr) {
    OG_ASSIGN_OR_RETURN(job.output, TextAt(*artifacts, "embedded_seed", path));
  }
  job.output = PathBelow(folder, job.output);
  const text::YamlNode* embeddings = section("embeddings");
  if (embeddings == nullptr) return Invalid(path, "there is no section 'embeddings'");
  OG_ASSIGN_OR_RETURN(job.spec, ReadSpec(*embeddings, path));
  return job;
}

Result<Job> ReadJob(const CommandLine& line) {
  if (const auto manifest = line.Find("seed")) {
    OG_ASSIGN_OR_RETURN(Job job, ReadManifest(*manifest));
    if (const auto output = line.Find("output")) job.output = *output;
    return job;
  }
  for (const char* key : {"input", "output", "spec"}) {
    if (line.Has(key)) continue;
    return Status::Error(ErrorCode::kInvalidArgument,
                         "embed needs --seed <MANIFEST>, or --input, --output and --spec; --" +
                             std::string(key) + " is missing");
  }
  Job job;
  job.input = line.Get("input");
  job.output = line.Get("output");
  OG_ASSIGN_OR_RETURN(const text::YamlNode spec, ReadDocument(line.Get("spec")));
  OG_ASSIGN_OR_RETURN(job.spec, ReadSpec(spec, line.Get("spec")));
  return job;
}

embed::SeedMode ModeOf(const CommandLine& line) {
  if (line.Has("clean")) return embed::SeedMode::kClean;
  if (line.Has("reembed-all")) return embed::SeedMode::kReembedAll;
  return line.Has("select") ? embed::SeedMode::kReembedSelected : embed::SeedMode::kFillMissing;
}

// Only the preview model is pinned by specs: other models are chosen in the environment alone.
Status CheckModel(const embed::SeedSpec& spec, std::string_view used) {
  if (used != kDefaultModel || spec.model.empty() || spec.model == used) return Status::Ok();
  return Status::Error(ErrorCode::kInvalidArgument,
                       "the spec names model '" + spec.model + "', and vectors would come from '" +
                           std::string(used) +
                           "', the only one supported here; other models are chosen with "
                           "OMNIGRAPH_EMBED_PROVIDER and OMNIGRAPH_EMBED_MODEL");
}

}  // namespace

Result<int> RunEmbed(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  OG_ASSIGN_OR_RETURN(const Job job, ReadJob(line));
  embed::SeedSelection selection;
  for (const std::string& type : line.All("type"))
    selection.types.insert(type);
  for (const std::string& text : line.All("select")) {
    OG_ASSIGN_OR_RETURN(selection.selectors.emplace_back(), embed::ParseSelector(text));
  }
  const embed::SeedMode mode = ModeOf(line);
  const auto embedder = embed::EmbedderFromEnvironment(invocation.environment());
  const std::string model(embedder->model().empty() ? kDefaultModel : embedder->model());
  OG_RETURN_IF_ERROR(CheckModel(job.spec, model));

  OG_ASSIGN_OR_RETURN(const std::string input, ReadFile(job.input));
  embed::SeedCounts counts;
  OG_ASSIGN_OR_RETURN(const std::string output,
                      embed::EmbedRows(input, job.spec, selection, mode, embedder.get(), &counts));
  OG_RETURN_IF_ERROR(ReplaceFile(job.output, output));
  OG_RETURN_IF_ERROR(invocation.Print(EmbedView{job, counts, mode, model}));
  return 0;
}

}  // namespace omnigraph::cli
