// Implements cluster/history.h.

#include "cluster/history.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/hash.h"
#include "base/strings.h"
#include "cluster/address.h"
#include "cluster/strict_json.h"

namespace omnigraph::cluster {
namespace {

constexpr std::uint64_t kRecordBytesMax = std::uint64_t{64} << 20;
constexpr std::size_t kRevisionDigits = 20;  // As many as the largest number has.
constexpr std::string_view kCasPrefix = "sha256:";
constexpr std::size_t kCasDigitsMin = 8;

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string RevisionPrefix(std::uint64_t revision) {
  std::string digits = std::to_string(revision);
  digits.insert(0, kRevisionDigits - digits.size(), '0');
  return std::string(kHistoryPrefix) + digits + "-";
}

std::string ContentKey(std::string_view digest, std::string_view extension) {
  return std::string(kHistoryPrefix) + "content/" + std::string(digest) + std::string(extension);
}

std::string ResourcesText(const std::map<std::string, AppliedResource>& resources) {
  Json json = Json::object();
  for (const auto& [address, resource] : resources) {
    Json entry = {{"digest", resource.digest}};
    if (resource.applies_to) entry["applies_to"] = *resource.applies_to;
    json[address] = std::move(entry);
  }
  return PrettyJson(json);
}

Json ChangeJson(const Change& change) {
  Json json;
  json["resource"] = change.resource;
  json["operation"] = OperationName(change.operation);
  if (change.before_digest) json["before_digest"] = *change.before_digest;
  if (change.after_digest) json["after_digest"] = *change.after_digest;
  if (change.binding_change) json["binding_change"] = true;
  return json;
}

std::string SerializeRecord(const RevisionRecord& record) {
  Json json;
  json["schema_version"] = 1;
  json["state_revision"] = record.state_revision;
  json["state_cas"] = record.state_cas;
  json["parent_revision"] = OrNull(record.parent_revision);
  json["parent_cas"] = OrNull(record.parent_cas);
  json["operation"] = record.operation;
  json["actor"] = OrNull(record.actor);
  json["recorded_at"] = record.recorded_at;
  json["rollback_to"] = OrNull(record.rollback_to);
  json["config_digest"] = OrNull(record.config_digest);
  json["resources_digest"] = record.resources_digest;
  json["changes"] = Json::array();
  for (const Change& change : record.changes)
    json["changes"].push_back(ChangeJson(change));
  json["approvals"] = Json::array();
  for (const UsedApproval& approval : record.approvals) {
    json["approvals"].push_back({{"approval_id", approval.approval_id},
                                 {"resource", approval.resource},
                                 {"approved_by", approval.approved_by}});
  }
  return PrettyJson(json);
}

Change ReadChange(const Json& json, std::string* problem) {
  FieldReader fields(json, "a change", problem);
  Change change;
  change.resource = fields.Text("resource");
  const std::string operation = fields.Text("operation");
  for (const Operation known : {Operation::kCreate, Operation::kUpdate, Operation::kDelete}) {
    if (operation == OperationName(known)) change.operation = known;
  }
  change.before_digest = fields.OptionalText("before_digest");
  change.after_digest = fields.OptionalText("after_digest");
  change.binding_change = json.is_object() && json.contains("binding_change");
  fields.Ignore("binding_change");
  fields.Finish();
  return change;
}

void ReadLists(const Json& json, RevisionRecord& record, std::string* problem) {
  for (const char* name : {"changes", "approvals"}) {
    if ((!json.contains(name) || !json[name].is_array()) && problem->empty()) {
      *problem = "field '" + std::string(name) + "' in the record is not a list";
    }
  }
  if (!problem->empty()) return;
  for (const Json& item : json["changes"])
    record.changes.push_back(ReadChange(item, problem));
  for (const Json& item : json["approvals"]) {
    FieldReader fields(item, "an approval", problem);
    record.approvals.push_back(
        {fields.Text("approval_id"), fields.Text("resource"), fields.Text("approved_by")});
    fields.Finish();
  }
}

Result<RevisionRecord> ParseRecord(const std::string& key, const std::string& bytes) {
  RevisionRecord record;
  std::string problem;
  const std::optional<Json> json = ParseJson(bytes);
  if (!json) problem = "it is not JSON";
  if (json) {
    FieldReader fields(*json, "the record", &problem);
    const std::uint64_t version = fields.Unsigned("schema_version");
    if (problem.empty() && version != 1) {
      problem = "it has schema_version " + std::to_string(version) + ", this program reads 1";
    }
    record.state_revision = fields.Unsigned("state_revision");
    record.state_cas = fields.Text("state_cas");
    record.parent_revision = fields.OptionalUnsigned("parent_revision");
    record.parent_cas = fields.OptionalText("parent_cas");
    record.operation = fields.Text("operation");
    record.actor = fields.OptionalText("actor");
    record.recorded_at = fields.Text("recorded_at");
    record.rollback_to = fields.OptionalUnsigned("rollback_to");
    record.config_digest = fields.OptionalText("config_digest");
    record.resources_digest = fields.Text("resources_digest");
    fields.Ignore("changes");
    fields.Ignore("approvals");
    fields.Finish();
    ReadLists(*json, record, &problem);
  }
  if (problem.empty()) return record;
  return Status::Error(ErrorCode::kCorruption,
                       "the history record '" + key + "' cannot be used: " + problem);
}

Result<RevisionRecord> ReadRecord(store::ObjectStore& objects, const std::string& key) {
  OG_ASSIGN_OR_RETURN(const store::Object object, objects.Read(key, kRecordBytesMax));
  return ParseRecord(key, object.bytes);
}

/// The approvals that `after` has consumed and `before` had not.
std::vector<UsedApproval> NewlyUsed(const Ledger& before, const Ledger& after,
                                    const std::vector<Approval>& approvals) {
  std::vector<UsedApproval> used;
  for (const Approval& approval : approvals) {
    const std::string& id = approval.approval_id;
    if (after.approval_records.contains(id) && !before.approval_records.contains(id)) {
      used.push_back({id, approval.resource, approval.approved_by});
    }
  }
  return used;
}

/// Keeps the source of a schema unless it is kept or nobody knows it any more.
Status KeepSchema(Session& session, std::string_view graph, const std::string& digest) {
  store::ObjectStore& objects = session.storage->objects();
  const std::string key = ContentKey(digest, ".pg");
  if (objects.ReadVersion(key).ok()) return Status::Ok();
  const auto& texts = session.config.desired.schema_texts;
  const auto text = texts.find(std::string(graph));
  if (text != texts.end() && Sha256Hex(text->second) == digest) {
    return objects.PutImmutable(key, text->second);
  }
  const Result<LiveGraph> live = session.machine.graphs->Observe(session.storage->GraphUri(graph));
  if (!live.ok() || Sha256Hex(live->schema_source) != digest) return Status::Ok();
  return objects.PutImmutable(key, live->schema_source);
}

/// Writes the content of a revision, then its record.
Status Keep(Session& session, const std::map<std::string, AppliedResource>& resources,
            RevisionRecord record) {
  store::ObjectStore& objects = session.storage->objects();
  for (const auto& [address, resource] : resources) {
    const Address parts = ParseAddress(address);
    if (parts.kind != ResourceKind::kSchema) continue;
    OG_RETURN_IF_ERROR(KeepSchema(session, parts.graph, resource.digest));
  }
  const std::string text = ResourcesText(resources);
  record.resources_digest = Sha256Hex(text);
  record.recorded_at = session.machine.Now();
  OG_RETURN_IF_ERROR(objects.PutImmutable(ContentKey(record.resources_digest, ".json"), text));
  return objects.PutImmutable(
      RevisionPrefix(record.state_revision) + session.machine.ulids->Next() + ".json",
      SerializeRecord(record));
}

}  // namespace

Status AdoptStoredLedger(Session& session) {
  const StoredLedger& stored = session.stored;
  if (stored.state != StoredLedger::State::kValid) return Status::Ok();
  store::ObjectStore& objects = session.storage->objects();
  OG_ASSIGN_OR_RETURN(const std::vector<std::string> keys,
                      ListDocuments(objects, RevisionPrefix(stored.ledger.state_revision)));
  for (const std::string& key : keys) {
    const Result<RevisionRecord> record = ReadRecord(objects, key);
    if (record.ok() && record->state_cas == stored.cas) return Status::Ok();
  }
  RevisionRecord record;
  record.state_revision = stored.ledger.state_revision;
  record.state_cas = stored.cas;
  record.operation = "adopted";
  record.config_digest = stored.ledger.config_digest;
  return Keep(session, stored.ledger.resources, std::move(record));
}

Status RecordRevision(Session& session, const Ledger& ledger, const RevisionCause& cause,
                      const std::vector<Approval>& approvals) {
  OG_RETURN_IF_ERROR(AdoptStoredLedger(session));
  const StoredLedger& stored = session.stored;
  RevisionRecord record;
  record.state_revision = ledger.state_revision;
  record.state_cas = std::string(kCasPrefix) + Sha256Hex(SerializeLedger(ledger));
  if (stored.state == StoredLedger::State::kValid) {
    record.parent_revision = stored.ledger.state_revision;
    record.parent_cas = stored.cas;
  }
  record.operation = cause.operation;
  record.actor = cause.actor;
  record.rollback_to = cause.rollback_to;
  record.config_digest = ledger.config_digest;
  record.changes = DiffResources(stored.ledger.resources, ledger.resources);
  record.approvals = NewlyUsed(stored.ledger, ledger, approvals);
  return Keep(session, ledger.resources, std::move(record));
}

Result<History> History::Open(store::ObjectStore& objects, const StoredLedger& head) {
  History history(objects, head);
  OG_ASSIGN_OR_RETURN(const std::vector<std::string> keys, ListDocuments(objects, kHistoryPrefix));
  for (const std::string& key : keys) {
    const std::string_view name = std::string_view(key).substr(kHistoryPrefix.size());
    const std::optional<std::uint64_t> revision = ParseUint64(name.substr(0, kRevisionDigits));
    if (revision) history.keys_.emplace(*revision, key);
  }
  return history;
}

Result<std::optional<RevisionRecord>> History::Lookup(std::uint64_t revision,
                                                      std::string_view cas) const {
  auto [begin, end] = keys_.equal_range(revision);
  Status damage;
  // The last one first: a repeated attempt writes the same ledger under a record of its own.
  while (end != begin) {
    --end;
    Result<RevisionRecord> record = ReadRecord(objects_, end->second);
    if (!record.ok()) {
      damage = std::move(record).status();  // Matters only if no other record is the one.
    } else if (record->state_cas == cas) {
      return std::optional(*std::move(record));
    }
  }
  if (!damage.ok()) return damage;
  return std::optional<RevisionRecord>();
}

Result<std::vector<RevisionRecord>> History::Newest(std::size_t count_max,
                                                    bool* is_complete) const {
  std::vector<RevisionRecord> newest;
  *is_complete = true;
  std::optional<std::uint64_t> revision = head_.ledger.state_revision;
  std::optional<std::string> cas = head_.cas;
  while (revision && cas && newest.size() < count_max) {
    OG_ASSIGN_OR_RETURN(std::optional<RevisionRecord> record, Lookup(*revision, *cas));
    if (!record) {
      *is_complete = false;
      return newest;
    }
    revision = record->parent_revision;
    cas = record->parent_cas;
    if (record->operation == "adopted") *is_complete = false;
    newest.push_back(*std::move(record));
  }
  return newest;
}

Result<RevisionRecord> History::FindByCas(std::string_view prefix) const {
  const bool is_long_enough = prefix.size() >= kCasPrefix.size() + kCasDigitsMin;
  if (!is_long_enough) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         Quoted(prefix) + " names no revision: give at least " +
                             std::to_string(kCasDigitsMin) + " digits of the ledger's digest");
  }
  Status damage;
  for (auto at = keys_.rbegin(); at != keys_.rend(); ++at) {
    Result<RevisionRecord> record = ReadRecord(objects_, at->second);
    if (!record.ok()) {
      damage = std::move(record).status();
    } else if (record->state_cas.starts_with(prefix)) {
      return record;
    }
  }
  if (!damage.ok()) return damage;
  return Status::Error(ErrorCode::kNotFound, "no revision has the digest " + Quoted(prefix));
}

Result<RevisionRecord> History::Find(std::string_view name) const {
  if (name.starts_with(kCasPrefix)) return FindByCas(name);
  const bool is_current = name == "current";
  const std::optional<std::uint64_t> wanted = ParseUint64(name);
  if (!is_current && !wanted) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         Quoted(name) +
                             " names no revision; give its number, 'current', or its "
                             "state_cas as 'cluster history --json' shows it");
  }
  std::optional<std::uint64_t> revision = head_.ledger.state_revision;
  std::optional<std::string> cas = head_.cas;
  while (revision && cas) {
    OG_ASSIGN_OR_RETURN(std::optional<RevisionRecord> record, Lookup(*revision, *cas));
    if (!record) break;
    if (is_current || *revision == *wanted) return *std::move(record);
    revision = record->parent_revision;
    cas = record->parent_cas;
  }
  return Status::Error(
      ErrorCode::kNotFound,
      (is_current ? std::string("the revision in force") : "revision " + std::string(name)) +
          " is not in the history of this ledger; 'cluster history' lists what is");
}

Result<std::map<std::string, AppliedResource>> History::Resources(
    const RevisionRecord& record) const {
  const std::string key = ContentKey(record.resources_digest, ".json");
  OG_ASSIGN_OR_RETURN(const store::Object object, objects_.Read(key, kRecordBytesMax));
  const std::optional<Json> json = ParseJson(object.bytes);
  if (!json || !json->is_object() || Sha256Hex(object.bytes) != record.resources_digest) {
    return Status::Error(ErrorCode::kCorruption,
                         "'" + key + "' holds other bytes than its name says");
  }
  std::map<std::string, AppliedResource> resources;
  std::string problem;
  for (const auto& [address, entry] : json->items()) {
    FieldReader fields(entry, "resource '" + address + "'", &problem);
    AppliedResource& resource = resources[address];
    resource.digest = fields.Text("digest");
    resource.applies_to = fields.OptionalTexts("applies_to");
    fields.Finish();
  }
  if (problem.empty()) return resources;
  return Status::Error(ErrorCode::kCorruption, "'" + key + "' cannot be used: " + problem);
}

Result<std::string> History::SchemaSource(std::string_view digest) const {
  const std::string key = ContentKey(digest, ".pg");
  OG_ASSIGN_OR_RETURN(store::Object object, objects_.Read(key, kSourceFileBytesMax));
  if (Sha256Hex(object.bytes) == digest) return std::move(object.bytes);
  return Status::Error(ErrorCode::kCorruption,
                       "'" + key + "' holds other bytes than its name says");
}

}  // namespace omnigraph::cluster
