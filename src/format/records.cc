// Implements format/records.h: JSON headers by hand out, by nlohmann-json in.

#include "format/records.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/hash.h"
#include "base/json_writer.h"
#include "base/strings.h"
#include "format/container.h"
#include "store/damage.h"

namespace omnigraph::format {
namespace {

using nlohmann::json;

constexpr std::size_t kReceiptKeySize = 32;
constexpr std::size_t kUlidSize = 26;

constexpr std::string_view kOperationNames[] = {"init",         "mutate",   "load",  "merge",
                                                "schema_apply", "optimize", "revert"};

void AppendOptional(JsonWriter& writer, std::string_view key,
                    const std::optional<std::string>& value) {
  if (value) writer.Key(key).String(*value);
}

template <typename Integer>
void AppendIntegers(JsonWriter& writer, std::string_view key, const std::vector<Integer>& values) {
  if (values.empty()) return;
  writer.Key(key).BeginArray();
  for (const Integer value : values)
    writer.Uint(value);
  writer.EndArray();
}

void AppendTable(JsonWriter& writer, const TableState& table) {
  writer.BeginObject().Key("key").String(table.table_key).Key("type").Uint(table.type_id);
  writer.Key("version").Uint(table.table_version);
  AppendOptional(writer, "branch", table.branch);
  writer.Key("rows").Uint(table.rows_count).Key("row_ids_end").Uint(table.row_ids_end);
  if (!table.manifest.empty()) writer.Key("manifest").String(table.manifest);
  AppendIntegers(writer, "segments", table.segments);
  if (!table.path.empty()) writer.Key("path").String(table.path);
  writer.EndObject();
}

void AppendErasures(JsonWriter& writer, const std::vector<Erasure>& erasures) {
  if (erasures.empty()) return;
  writer.Key("erasures").BeginArray();
  for (const Erasure& erasure : erasures) {
    writer.BeginObject().Key("type").Uint(erasure.type_id);
    writer.Key("generation").Uint(erasure.generation).EndObject();
  }
  writer.EndArray();
}

// The tables of `before` that are no more.
void AppendDropped(JsonWriter& writer, const Commit& commit, const Commit* before) {
  if (before == nullptr) return;
  std::vector<std::string_view> dropped;
  for (const TableState& table : before->tables) {
    if (commit.FindTable(table.table_key) == nullptr) dropped.push_back(table.table_key);
  }
  if (dropped.empty()) return;
  writer.Key("dropped").BeginArray();
  for (const std::string_view key : dropped)
    writer.String(key);
  writer.EndArray();
}

// `before` is the commit that the run lists before this one, or null.
void AppendCommit(JsonWriter& writer, const Commit& commit, const Commit* before) {
  writer.BeginObject().Key("id").String(commit.id);
  AppendOptional(writer, "parent", commit.parent);
  AppendOptional(writer, "merged_parent", commit.merged_parent);
  writer.Key("version").Uint(commit.version).Key("generation").Uint(commit.generation);
  AppendOptional(writer, "branch", commit.branch);
  if (!commit.branch_incarnation.empty()) {
    writer.Key("branch_incarnation").String(commit.branch_incarnation);
  }
  AppendOptional(writer, "actor", commit.actor);
  writer.Key("created_at").Int(commit.created_at_micros);
  writer.Key("operation").String(OperationName(commit.operation));
  writer.Key("write_id").String(commit.write_id).Key("schema").String(commit.schema_digest);
  if (!commit.schema_identity.empty()) {
    writer.Key("schema_identity").String(commit.schema_identity);
  }
  if (commit.receipt) {
    writer.Key("receipt").BeginObject().Key("key").String(commit.receipt->key);
    writer.Key("request").String(commit.receipt->request);
    writer.Key("answer").String(commit.receipt->answer).EndObject();
  }
  AppendErasures(writer, commit.erasures);
  AppendDropped(writer, commit, before);
  writer.Key("tables").BeginArray();
  for (const TableState& table : commit.tables) {
    const TableState* old = before == nullptr ? nullptr : before->FindTable(table.table_key);
    if (old == nullptr || !(*old == table)) AppendTable(writer, table);
  }
  writer.EndArray().EndObject();
}

void AppendSegment(JsonWriter& writer, const Segment& segment) {
  writer.BeginObject().Key("id").String(segment.id).Key("type").Uint(segment.type_id);
  writer.Key("generation").Uint(segment.generation);
  if (segment.inserted_count > 0) {
    writer.Key("inserted").Uint(segment.inserted_count);
    writer.Key("first_row_id").Uint(segment.first_row_id);
  }
  AppendIntegers(writer, "updated", segment.updated);
  AppendIntegers(writer, "deleted", segment.deleted);
  if (!segment.generated_id_base.empty()) {
    writer.Key("generated_id_base").String(segment.generated_id_base);
  }
  if (segment.removes_all_before) writer.Key("removes_all_before").Bool(true);
  writer.EndObject();
}

void AppendReceipts(JsonWriter& writer, const ReceiptIndex& receipts) {
  if (receipts.empty()) return;
  writer.Key("receipts").BeginObject().Key("recent").BeginArray();
  for (const ReceiptIndex::Entry& entry : receipts.recent)
    writer.String(entry.key + entry.commit_id);
  writer.EndArray().Key("pages").BeginArray();
  for (const ReceiptIndex::Page& page : receipts.pages) {
    writer.BeginObject().Key("digest").String(page.digest);
    writer.Key("entries").Uint(page.entries_count);
    writer.Key("newest").Int(page.newest_micros).EndObject();
  }
  writer.EndArray().EndObject();
}

// Reads fields of a JSON object and remembers whether all were there in the right kind.
class Fields {
 public:
  explicit Fields(const json& object) : object_(object) { ok_ = object.is_object(); }

  std::string Text(const char* key) {
    const json* value = Find(key);
    if (value != nullptr && value->is_string()) return value->get<std::string>();
    ok_ = false;
    return {};
  }
  std::optional<std::string> OptionalText(const char* key) {
    if (Find(key) == nullptr) return std::nullopt;
    return Text(key);
  }
  std::uint64_t Uint(const char* key) {
    const json* value = Find(key);
    if (value != nullptr && value->is_number_unsigned()) return value->get<std::uint64_t>();
    ok_ = false;
    return 0;
  }
  std::uint64_t OptionalUint(const char* key) { return Find(key) == nullptr ? 0 : Uint(key); }
  std::uint32_t Uint32(const char* key) {
    const std::uint64_t value = Uint(key);
    ok_ = ok_ && value <= UINT32_MAX;
    return static_cast<std::uint32_t>(value);
  }
  std::int64_t Int(const char* key) {
    const json* value = Find(key);
    if (value != nullptr && value->is_number_integer()) return value->get<std::int64_t>();
    ok_ = false;
    return 0;
  }
  bool OptionalBool(const char* key) {
    const json* value = Find(key);
    return value != nullptr && value->is_boolean() && value->get<bool>();
  }
  std::vector<std::uint32_t> OptionalIntegers(const char* key) {
    std::vector<std::uint32_t> values;
    for (const json& item : Items(key, false)) {
      ok_ = ok_ && item.is_number_unsigned() && item.get<std::uint64_t>() <= UINT32_MAX;
      if (ok_) values.push_back(item.get<std::uint32_t>());
    }
    return values;
  }
  /// The value of a key that may be missing, else null.
  const json* Value(const char* key) const { return Find(key); }
  const json& Items(const char* key, bool is_required = true) {
    static const json kNothing = json::array();
    const json* value = Find(key);
    if (value != nullptr && value->is_array()) return *value;
    ok_ = ok_ && value == nullptr && !is_required;
    return kNothing;
  }
  bool ok() const { return ok_; }
  void Require(bool condition) { ok_ = ok_ && condition; }

 private:
  const json* Find(const char* key) const {
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }
  const json& object_;
  bool ok_ = true;
};

// A flipped bit must not make another graph of it.
std::string CheckOf(const GraphMarker& marker) {
  const std::uint64_t checksum = Checksum64(std::to_string(marker.format) + " " + marker.graph_id);
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes += static_cast<char>(checksum >> shift & 0xff);
  return ToHex(bytes);
}

Status Malformed(std::string_view object) {
  return store::DamagedObject(object, "its header is malformed");
}

bool ReadTable(const json& item, std::size_t segments_count, TableState* table) {
  Fields fields(item);
  table->table_key = fields.Text("key");
  table->type_id = fields.Uint32("type");
  table->table_version = fields.Uint("version");
  table->branch = fields.OptionalText("branch");
  table->rows_count = fields.Uint("rows");
  table->row_ids_end = fields.Uint("row_ids_end");
  table->manifest = fields.OptionalText("manifest").value_or("");
  table->segments = fields.OptionalIntegers("segments");
  table->path = fields.OptionalText("path").value_or("");
  for (const std::uint32_t segment : table->segments)
    fields.Require(segment < segments_count);
  fields.Require(table->row_ids_end <= UINT32_MAX && table->rows_count <= table->row_ids_end);
  return fields.ok();
}

bool ReadOperation(std::string_view name, Operation* operation) {
  for (std::size_t i = 0; i < std::size(kOperationNames); ++i) {
    if (kOperationNames[i] == name) {
      *operation = static_cast<Operation>(i);
      return true;
    }
  }
  return false;
}

bool ReadCommit(const json& item, std::size_t segments_count, const Commit* before,
                Commit* commit) {
  Fields fields(item);
  commit->id = fields.Text("id");
  commit->parent = fields.OptionalText("parent");
  commit->merged_parent = fields.OptionalText("merged_parent");
  commit->version = fields.Uint("version");
  commit->generation = fields.Uint("generation");
  commit->branch = fields.OptionalText("branch");
  commit->branch_incarnation = fields.OptionalText("branch_incarnation").value_or("");
  commit->actor = fields.OptionalText("actor");
  commit->created_at_micros = fields.Int("created_at");
  fields.Require(ReadOperation(fields.Text("operation"), &commit->operation));
  commit->write_id = fields.Text("write_id");
  commit->schema_digest = fields.Text("schema");
  commit->schema_identity = fields.OptionalText("schema_identity").value_or("");
  for (const json& erasure : fields.Items("erasures", false)) {
    Fields numbers(erasure);
    commit->erasures.push_back({numbers.Uint32("type"), numbers.Uint("generation")});
    fields.Require(numbers.ok());
  }
  if (const json* receipt = fields.Value("receipt")) {
    Fields texts(*receipt);
    commit->receipt = Receipt{texts.Text("key"), texts.Text("request"), texts.Text("answer")};
    fields.Require(texts.ok());
  }
  if (before != nullptr) commit->tables = before->tables;
  for (const json& dropped : fields.Items("dropped", false)) {
    fields.Require(dropped.is_string());
    std::erase_if(commit->tables,
                  [&](const TableState& state) { return dropped == state.table_key; });
  }
  for (const json& table_item : fields.Items("tables")) {
    TableState table;
    if (!ReadTable(table_item, segments_count, &table)) return false;
    const auto at = std::lower_bound(
        commit->tables.begin(), commit->tables.end(), table.table_key,
        [](const TableState& state, const std::string& key) { return state.table_key < key; });
    if (at != commit->tables.end() && at->table_key == table.table_key) {
      *at = std::move(table);
    } else {
      commit->tables.insert(at, std::move(table));
    }
  }
  return fields.ok();
}

bool ReadReceipts(const json& item, ReceiptIndex* receipts) {
  Fields fields(item);
  for (const json& entry : fields.Items("recent")) {
    fields.Require(entry.is_string());
    const std::string text = entry.is_string() ? entry.get<std::string>() : std::string();
    fields.Require(text.size() == kReceiptKeySize + kUlidSize);
    if (!fields.ok()) return false;
    receipts->recent.push_back({text.substr(0, kReceiptKeySize), text.substr(kReceiptKeySize)});
  }
  for (const json& entry : fields.Items("pages")) {
    Fields page(entry);
    receipts->pages.push_back({page.Text("digest"), page.Uint("entries"), page.Int("newest")});
    fields.Require(page.ok());
  }
  return fields.ok();
}

bool ReadSegment(const json& item, std::string_view bytes, Segment* segment) {
  Fields fields(item);
  segment->id = fields.Text("id");
  segment->type_id = fields.Uint32("type");
  segment->generation = fields.Uint("generation");
  segment->inserted_count = fields.OptionalUint("inserted");
  segment->first_row_id = fields.OptionalUint("first_row_id");
  segment->updated = fields.OptionalIntegers("updated");
  segment->deleted = fields.OptionalIntegers("deleted");
  segment->generated_id_base = fields.OptionalText("generated_id_base").value_or("");
  segment->removes_all_before = fields.OptionalBool("removes_all_before");
  if (!bytes.empty()) segment->bytes = std::make_shared<const std::string>(bytes);
  fields.Require(segment->first_row_id <= UINT32_MAX && segment->inserted_count <= UINT32_MAX);
  return fields.ok();
}

void AppendFragment(JsonWriter& writer, const FragmentInfo& fragment) {
  writer.BeginObject().Key("name").String(fragment.name).Key("rows").Uint(fragment.rows_count);
  if (fragment.has_row_ids) {
    writer.Key("has_row_ids").Bool(true);
  } else {
    writer.Key("first_row_id").Uint(fragment.first_row_id);
  }
  writer.Key("generation").Uint(fragment.generation);
  if (!fragment.generated_id_base.empty()) {
    writer.Key("generated_id_base").String(fragment.generated_id_base);
  }
  writer.Key("bytes").Uint(fragment.size_bytes).Key("xxh3").Uint(fragment.checksum);
  if (fragment.has_key_index) writer.Key("key_index_xxh3").Uint(fragment.key_index_checksum);
  writer.EndObject();
}

bool ReadFragment(const json& item, FragmentInfo* fragment) {
  Fields fields(item);
  fragment->name = fields.Text("name");
  fragment->rows_count = fields.Uint("rows");
  fragment->has_row_ids = fields.OptionalBool("has_row_ids");
  fragment->first_row_id = fields.OptionalUint("first_row_id");
  fragment->generation = fields.Uint("generation");
  fragment->generated_id_base = fields.OptionalText("generated_id_base").value_or("");
  fragment->size_bytes = fields.Uint("bytes");
  fragment->checksum = fields.Uint("xxh3");
  fragment->has_key_index = item.is_object() && item.contains("key_index_xxh3");
  fragment->key_index_checksum = fields.OptionalUint("key_index_xxh3");
  fields.Require(IsUlid(fragment->name));
  fields.Require(fragment->first_row_id + fragment->rows_count <= UINT32_MAX);
  return fields.ok();
}

constexpr std::string_view kRefPrefix = "refs/";
constexpr std::string_view kTagPrefix = "tags/";
constexpr std::size_t kRefPieceSizeMin = 200;
constexpr std::string_view kRefContinuation = ".d/";

bool IsPlainInRefKey(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

std::string KeyOfName(std::string_view prefix, std::string_view name) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string key(prefix);
  std::size_t piece_begin = key.size();
  for (const char& c : name) {
    if (IsPlainInRefKey(c)) {
      key += c;
    } else {
      const auto value = static_cast<unsigned char>(c);
      key += '%';
      key += kDigits[value >> 4];
      key += kDigits[value & 15];
    }
    // Long names go on in a folder, whose name none can have ('.' is spelt %2e).
    const bool is_last = &c == &name.back();
    if (!is_last && key.size() - piece_begin >= kRefPieceSizeMin) {
      key += kRefContinuation;
      piece_begin = key.size();
    }
  }
  return key;
}

std::optional<std::string> NameOfKey(std::string_view prefix, std::string_view key) {
  if (!key.starts_with(prefix)) return std::nullopt;
  key.remove_prefix(prefix.size());
  std::string name;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key.substr(i).starts_with(kRefContinuation)) {
      i += kRefContinuation.size() - 1;
      continue;
    }
    if (key[i] != '%') {
      if (!IsPlainInRefKey(key[i])) return std::nullopt;
      name += key[i];
      continue;
    }
    const auto digit = [](char c) {
      return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    if (i + 2 >= key.size() || digit(key[i + 1]) < 0 || digit(key[i + 2]) < 0) return std::nullopt;
    name += static_cast<char>(digit(key[i + 1]) * 16 + digit(key[i + 2]));
    i += 2;
  }
  return name;
}

}  // namespace

std::string TableState::DataPath() const {
  return path.empty() ? TablePath(table_key) : path;
}

std::string_view OperationName(Operation operation) {
  return kOperationNames[static_cast<std::size_t>(operation)];
}

const TableState* Commit::FindTable(std::string_view table_key) const {
  const auto at = std::lower_bound(
      tables.begin(), tables.end(), table_key,
      [](const TableState& state, std::string_view key) { return state.table_key < key; });
  return at != tables.end() && at->table_key == table_key ? &*at : nullptr;
}

std::string EncodeCommitRun(const CommitRun& run) {
  std::string header;
  header.reserve(512 * run.commits.size() + 160 * run.commits.front().tables.size() +
                 128 * run.segments.size());
  JsonWriter writer(header);
  writer.BeginObject();
  AppendOptional(writer, "created_from", run.created_from);
  if (!run.branch_incarnation.empty()) writer.Key("incarnation").String(run.branch_incarnation);
  AppendReceipts(writer, run.receipts);
  writer.Key("commits").BeginArray();
  const Commit* before = nullptr;
  for (const Commit& commit : run.commits) {
    AppendCommit(writer, commit, before);
    before = &commit;
  }
  writer.EndArray().Key("segments").BeginArray();
  std::vector<std::string_view> sections;
  for (const Segment& segment : run.segments) {
    AppendSegment(writer, segment);
    sections.push_back(segment.bytes ? std::string_view(*segment.bytes) : std::string_view());
  }
  writer.EndArray().EndObject();
  return EncodeContainer(header, sections);
}

Result<CommitRun> DecodeCommitRun(std::string_view bytes, std::string_view object) {
  OG_ASSIGN_OR_RETURN(const Container container, DecodeContainer(bytes, object));
  const json header = json::parse(container.header_json, nullptr, false);
  Fields fields(header);
  CommitRun run;
  run.created_from = fields.OptionalText("created_from");
  run.branch_incarnation = fields.OptionalText("incarnation").value_or("");
  if (const json* receipts = fields.Value("receipts")) {
    if (!ReadReceipts(*receipts, &run.receipts)) return Malformed(object);
  }
  const json& segments = fields.Items("segments");
  if (segments.size() != container.sections.size()) return Malformed(object);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    Segment segment;
    if (!ReadSegment(segments[i], container.sections[i], &segment)) return Malformed(object);
    run.segments.push_back(std::move(segment));
  }
  for (const json& item : fields.Items("commits")) {
    Commit commit;
    const Commit* before = run.commits.empty() ? nullptr : &run.commits.back();
    if (!ReadCommit(item, run.segments.size(), before, &commit)) return Malformed(object);
    run.commits.push_back(std::move(commit));
  }
  if (!fields.ok() || run.commits.empty()) return Malformed(object);
  return run;
}

std::string EncodeManifest(const Manifest& manifest) {
  std::string header;
  JsonWriter writer(header);
  writer.BeginObject().Key("type").Uint(manifest.type_id).Key("fragments").BeginArray();
  for (const FragmentInfo& fragment : manifest.fragments)
    AppendFragment(writer, fragment);
  writer.EndArray().EndObject();
  return EncodeContainer(header, {manifest.deleted});
}

Result<Manifest> DecodeManifest(std::string_view bytes, std::string_view object) {
  OG_ASSIGN_OR_RETURN(const Container container, DecodeContainer(bytes, object));
  if (container.sections.size() != 1) return Malformed(object);
  const json header = json::parse(container.header_json, nullptr, false);
  Fields fields(header);
  Manifest manifest;
  manifest.type_id = fields.Uint32("type");
  manifest.deleted = container.sections[0];
  for (const json& item : fields.Items("fragments")) {
    FragmentInfo fragment;
    if (!ReadFragment(item, &fragment)) return Malformed(object);
    manifest.fragments.push_back(std::move(fragment));
  }
  if (!fields.ok()) return Malformed(object);
  return manifest;
}

std::string CommitKey(std::string_view commit_id) {
  return "commits/" + std::string(commit_id);
}

std::string SchemaKey(std::string_view digest) {
  return "schemas/" + std::string(digest) + ".pg";
}

std::string SchemaIdentityKey(std::string_view digest) {
  return "schemas/" + std::string(digest) + ".json";
}

std::string ManifestKey(std::string_view digest) {
  return "manifests/" + std::string(digest);
}

std::string FragmentKey(std::string_view table_path, std::string_view fragment_name) {
  return "data/" + std::string(table_path) + "/" + std::string(fragment_name) + ".arrow";
}

std::string KeyIndexKey(std::string_view table_path, std::string_view fragment_name) {
  return "data/" + std::string(table_path) + "/" + std::string(fragment_name) + ".key";
}

std::string ReceiptPageKey(std::string_view digest) {
  return "receipts/" + std::string(digest);
}

std::string RefKey(std::string_view branch) {
  return KeyOfName(kRefPrefix, branch);
}

std::optional<std::string> BranchOfRefKey(std::string_view key) {
  return NameOfKey(kRefPrefix, key);
}

std::string TagKey(std::string_view tag) {
  return KeyOfName(kTagPrefix, tag);
}

std::optional<std::string> TagOfKey(std::string_view key) {
  return NameOfKey(kTagPrefix, key);
}

std::string TablePath(std::string_view table_key) {
  const std::size_t colon = table_key.find(':');
  OG_CHECK(colon != std::string_view::npos);
  const std::uint64_t hash = Fnv1a64(table_key.substr(colon + 1));
  std::string hex;
  for (int shift = 60; shift >= 0; shift -= 4)
    hex += "0123456789abcdef"[hash >> shift & 15];
  return std::string(table_key.substr(0, colon)) + "s/" + hex;
}

std::string EncodeTag(const TagRecord& tag) {
  std::string text;
  JsonWriter writer(text);
  writer.BeginObject().Key("commit").String(tag.commit_id);
  AppendOptional(writer, "actor", tag.actor);
  writer.Key("created_at").Int(tag.created_at_micros).EndObject();
  return text + "\n";
}

Result<TagRecord> DecodeTag(std::string_view bytes, std::string_view object) {
  const json document = json::parse(bytes, nullptr, false);
  Fields fields(document);
  TagRecord tag;
  tag.commit_id = fields.Text("commit");
  tag.actor = fields.OptionalText("actor");
  tag.created_at_micros = fields.Int("created_at");
  if (!fields.ok()) return Malformed(object);
  return tag;
}

std::string EncodeGraphMarker(const GraphMarker& marker) {
  std::string text;
  JsonWriter writer(text);
  writer.BeginObject().Key("format").Uint(marker.format).Key("graph_id").String(marker.graph_id);
  writer.Key("check").String(CheckOf(marker)).EndObject();
  return text + "\n";
}

Result<GraphMarker> DecodeGraphMarker(std::string_view bytes) {
  const json document = json::parse(bytes, nullptr, false);
  Fields fields(document);
  GraphMarker marker;
  marker.format = fields.Uint32("format");
  if (fields.ok() && fields.Value("check") != nullptr) {
    marker.graph_id = fields.Text("graph_id");
    if (!fields.ok() || fields.Text("check") != CheckOf(marker)) return Malformed(kGraphMarkerKey);
  }
  if (fields.ok() && marker.format > kFormatNumber) {
    return Status::Error(ErrorCode::kPreconditionFailed,
                         "the graph has storage format " + std::to_string(marker.format) +
                             ", this build reads up to " + std::to_string(kFormatNumber) +
                             "; upgrade omnigraph");
  }
  marker.graph_id = fields.Text("graph_id");
  if (!fields.ok()) return Malformed(kGraphMarkerKey);
  return marker;
}

}  // namespace omnigraph::format
