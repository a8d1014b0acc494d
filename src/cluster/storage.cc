// Implements cluster/storage.h.

#include "cluster/storage.h"

#include <utility>

#include "base/hash.h"
#include "cluster/address.h"
#include "store/uri.h"

namespace omnigraph::cluster {
namespace {

constexpr std::uint32_t kListPageCount = 1000;
/// Sorts after every character that a key may have.
constexpr char kAfterEveryKey = '~';

std::string CasOf(std::string_view bytes) {
  return "sha256:" + Sha256Hex(bytes);
}

LedgerWrite Written(std::string_view bytes) {
  return {LedgerWrite::Result::kWritten, CasOf(bytes), {}};
}

LedgerWrite Moved() {
  return {
      LedgerWrite::Result::kMoved,
      {},
      "the ledger was changed by somebody else since it was read; nothing was recorded: run the "
      "command again"};
}

/// Finds out what an uncertain write of `bytes` came to.
LedgerWrite Settle(store::ObjectStore& objects, const StoredLedger& before, std::string_view bytes,
                   const Status& cause) {
  const StoredLedger now = ReadLedger(objects);
  if (now.bytes == bytes) return Written(bytes);
  const bool is_unmoved = now.state == StoredLedger::State::kUnreadable ||
                          (now.is_found() == before.is_found() && now.cas == before.cas);
  if (!is_unmoved) return Moved();
  return {
      LedgerWrite::Result::kFailed, {}, "cannot write the ledger: " + std::string(cause.message())};
}

}  // namespace

Result<Storage> Storage::Open(const Machine& machine, std::string root_uri) {
  OG_ASSIGN_OR_RETURN(std::shared_ptr<store::ObjectStore> objects, machine.open_store(root_uri));
  return Storage(std::move(root_uri), std::move(objects));
}

std::string Storage::UriOf(std::string_view key) const {
  return store::JoinUri(root_uri_, key);
}

std::string Storage::GraphUri(std::string_view graph) const {
  return UriOf(GraphRootKey(graph));
}

StoredLedger ReadLedger(store::ObjectStore& objects) {
  StoredLedger stored;
  Result<store::Object> object = objects.Read(kLedgerKey, kLedgerBytesMax);
  if (!object.ok()) {
    if (object.status().code() == ErrorCode::kNotFound) return stored;
    stored.state = StoredLedger::State::kUnreadable;
    stored.problem = object.status().message();
    return stored;
  }
  stored.bytes = std::move(object->bytes);
  stored.version = std::move(object->version);
  stored.cas = CasOf(stored.bytes);
  LedgerReading reading = ParseLedger(stored.bytes);
  stored.problem = std::move(reading.problem);
  if (reading.ledger) {
    stored.state = StoredLedger::State::kValid;
    stored.ledger = *std::move(reading.ledger);
  } else {
    stored.state = reading.is_other_version ? StoredLedger::State::kOtherVersion
                                            : StoredLedger::State::kInvalid;
  }
  return stored;
}

LedgerWrite WriteLedger(store::ObjectStore& objects, const StoredLedger& before,
                        const Ledger& ledger) {
  const std::string bytes = SerializeLedger(ledger);
  if (!before.is_found()) {
    const Result<store::ObjectVersion> created = objects.Create(kLedgerKey, bytes);
    if (created.ok()) return Written(bytes);
    if (created.status().code() == ErrorCode::kAlreadyExists) return Moved();
    return Settle(objects, before, bytes, created.status());
  }
  const Result<store::SwapOutcome> outcome =
      objects.CompareAndSwap(kLedgerKey, bytes, before.version);
  if (!outcome.ok()) return Settle(objects, before, bytes, outcome.status());
  if (outcome->result == store::SwapResult::kApplied) return Written(bytes);
  return Settle(objects, before, bytes, outcome->cause);
}

Result<std::vector<std::string>> ListDocuments(store::ObjectStore& objects,
                                               std::string_view prefix) {
  std::vector<std::string> documents;
  std::string after;
  while (true) {
    OG_ASSIGN_OR_RETURN(const std::vector<std::string> keys,
                        objects.List(prefix, after, kListPageCount));
    if (keys.empty()) return documents;
    for (const std::string& key : keys) {
      const std::string_view name = std::string_view(key).substr(prefix.size());
      if (name.find('/') == std::string_view::npos && name.ends_with(".json")) {
        documents.push_back(key);
      }
    }
    after = keys.back();
  }
}

Result<std::vector<std::string>> ListGraphRoots(store::ObjectStore& objects) {
  std::vector<std::string> ids;
  std::string after;
  while (true) {
    OG_ASSIGN_OR_RETURN(const std::vector<std::string> keys, objects.List(kGraphsPrefix, after, 1));
    if (keys.empty()) return ids;
    const std::string_view rest = std::string_view(keys[0]).substr(kGraphsPrefix.size());
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) {
      after = keys[0];
      continue;
    }
    const std::string_view root = rest.substr(0, slash);
    if (root.ends_with(kGraphSuffix)) {
      ids.emplace_back(root.substr(0, root.size() - kGraphSuffix.size()));
    }
    after = std::string(kGraphsPrefix) + std::string(root) + "/" + kAfterEveryKey;
  }
}

Status RewriteDocument(store::ObjectStore& objects, std::string_view key, std::string_view bytes) {
  OG_ASSIGN_OR_RETURN(const store::ObjectVersion version, objects.ReadVersion(key));
  OG_ASSIGN_OR_RETURN(const store::SwapOutcome outcome,
                      objects.CompareAndSwap(key, bytes, version));
  switch (outcome.result) {
    case store::SwapResult::kApplied:
      return Status::Ok();
    case store::SwapResult::kUnknown:
      return outcome.cause;
    case store::SwapResult::kMoved:
    case store::SwapResult::kGone:
      break;
  }
  return Status::Error(ErrorCode::kConflict,
                       "the document '" + std::string(key) + "' changed meanwhile");
}

}  // namespace omnigraph::cluster
