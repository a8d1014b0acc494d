// Objects in the memory of one process.

#include "store/memory_store.h"

#include "base/clock.h"
#include "base/strings.h"

namespace omnigraph::store {

namespace {

Status Missing(std::string_view key) {
  return Status::Error(ErrorCode::kNotFound,
                       "the storage object " + Quoted(key) + " does not exist");
}

ObjectVersion Tag(std::uint64_t version) {
  return {std::to_string(version)};
}

}  // namespace

class MemoryStore::Writer final : public ObjectWriter {
 public:
  Writer(MemoryStore& store, std::string key) : store_(store), key_(std::move(key)) {}
  Status Append(std::string_view bytes) override {
    bytes_.append(bytes);
    return Status::Ok();
  }
  Status Finish() override { return store_.PutImmutable(key_, bytes_); }

 private:
  MemoryStore& store_;
  std::string key_;
  std::string bytes_;
};

std::shared_ptr<MemoryStore> MemoryStore::Clone() const {
  auto clone = std::make_shared<MemoryStore>();
  const std::lock_guard lock(mutex_);
  clone->entries_ = entries_;
  clone->last_version_ = last_version_;
  return clone;
}

Result<MemoryStore::Entry> MemoryStore::Find(std::string_view key) const {
  OG_RETURN_IF_ERROR(CheckKey(key));
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return Missing(key);
  return found->second;
}

ObjectVersion MemoryStore::Store(std::string_view key, std::string bytes) {
  entries_.insert_or_assign(std::string(key), Entry{MakeMappedBytes(std::move(bytes)),
                                                    ++last_version_, Clock::System().NowMicros()});
  return Tag(last_version_);
}

Result<Object> MemoryStore::Read(std::string_view key, std::uint64_t size_bytes_max) {
  OG_ASSIGN_OR_RETURN(const Entry entry, Find(key));
  if (entry.bytes->size() > size_bytes_max) {
    return Status::Error(ErrorCode::kResourceExhausted,
                         "the storage object " + Quoted(key) + " has " +
                             std::to_string(entry.bytes->size()) + " bytes; at most " +
                             std::to_string(size_bytes_max) + " are read");
  }
  return Object{std::string(entry.bytes->view()), Tag(entry.version)};
}

Result<std::string> MemoryStore::ReadRange(std::string_view key, std::uint64_t offset,
                                           std::uint64_t size_bytes) {
  OG_ASSIGN_OR_RETURN(const Entry entry, Find(key));
  if (offset > entry.bytes->size() || size_bytes > entry.bytes->size() - offset) {
    return Status::Error(ErrorCode::kCorruption, "the storage object " + Quoted(key) + " has " +
                                                     std::to_string(entry.bytes->size()) +
                                                     " bytes; " + std::to_string(size_bytes) +
                                                     " bytes from byte " + std::to_string(offset) +
                                                     " on are missing");
  }
  return std::string(entry.bytes->view().substr(offset, size_bytes));
}

Result<std::shared_ptr<const MappedBytes>> MemoryStore::MapReadOnly(std::string_view key) {
  OG_ASSIGN_OR_RETURN(const Entry entry, Find(key));
  return entry.bytes;
}

Result<ObjectVersion> MemoryStore::ReadVersion(std::string_view key) {
  OG_ASSIGN_OR_RETURN(const Entry entry, Find(key));
  return Tag(entry.version);
}

Result<ObjectInfo> MemoryStore::Stat(std::string_view key) {
  OG_ASSIGN_OR_RETURN(const Entry entry, Find(key));
  return ObjectInfo{entry.bytes->size(), entry.modified_micros};
}

Result<std::vector<Object>> MemoryStore::ReadRecent(std::string_view key) {
  OG_ASSIGN_OR_RETURN(const Entry entry, Find(key));
  return std::vector<Object>{{std::string(entry.bytes->view()), Tag(entry.version)}};
}

Result<std::vector<std::string>> MemoryStore::List(std::string_view prefix, std::string_view after,
                                                   std::uint32_t count_max) {
  std::vector<std::string> keys;
  const std::lock_guard lock(mutex_);
  auto at = after >= prefix ? entries_.upper_bound(after) : entries_.lower_bound(prefix);
  for (; at != entries_.end() && keys.size() < count_max; ++at) {
    if (!at->first.starts_with(prefix)) break;
    keys.push_back(at->first);
  }
  return keys;
}

Status MemoryStore::PutImmutable(std::string_view key, std::string_view bytes, Durability) {
  OG_RETURN_IF_ERROR(CheckKey(key));
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.bytes->view() != bytes) {
    Store(key, std::string(bytes));
  }
  return Status::Ok();
}

Result<std::unique_ptr<ObjectWriter>> MemoryStore::OpenWriter(std::string_view key) {
  OG_RETURN_IF_ERROR(CheckKey(key));
  return std::unique_ptr<ObjectWriter>(std::make_unique<Writer>(*this, std::string(key)));
}

Status MemoryStore::Sync(std::span<const std::string> keys) {
  for (const std::string& key : keys)
    OG_RETURN_IF_ERROR(Find(key).status());
  return Status::Ok();
}

Result<ObjectVersion> MemoryStore::Create(std::string_view key, std::string_view bytes) {
  OG_RETURN_IF_ERROR(CheckKey(key));
  const std::lock_guard lock(mutex_);
  if (entries_.contains(key)) {
    return Status::Error(ErrorCode::kAlreadyExists,
                         "create storage object " + Quoted(key) + ": it exists already");
  }
  return Store(key, std::string(bytes));
}

std::optional<SwapOutcome> MemoryStore::Obstacle(std::string_view key,
                                                 const ObjectVersion& expected) const {
  SwapOutcome outcome;
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    outcome.result = SwapResult::kGone;
    return outcome;
  }
  if (Tag(found->second.version) == expected) return std::nullopt;
  outcome.result = SwapResult::kMoved;
  outcome.current = Object{std::string(found->second.bytes->view()), Tag(found->second.version)};
  return outcome;
}

Result<SwapOutcome> MemoryStore::CompareAndSwap(std::string_view key, std::string_view bytes,
                                                const ObjectVersion& expected) {
  OG_RETURN_IF_ERROR(CheckKey(key));
  const std::lock_guard lock(mutex_);
  if (std::optional<SwapOutcome> obstacle = Obstacle(key, expected)) return *std::move(obstacle);
  SwapOutcome outcome;
  outcome.result = SwapResult::kApplied;
  outcome.version = Store(key, std::string(bytes));
  return outcome;
}

Result<SwapOutcome> MemoryStore::DeleteIf(std::string_view key, const ObjectVersion& expected) {
  OG_RETURN_IF_ERROR(CheckKey(key));
  const std::lock_guard lock(mutex_);
  if (std::optional<SwapOutcome> obstacle = Obstacle(key, expected)) return *std::move(obstacle);
  entries_.erase(entries_.find(key));
  SwapOutcome outcome;
  outcome.result = SwapResult::kApplied;
  return outcome;
}

Status MemoryStore::TrimRecent(std::string_view key, const ObjectVersion& /*oldest_kept*/) {
  return Find(key).status();
}

Status MemoryStore::Delete(std::string_view key) {
  OG_RETURN_IF_ERROR(CheckKey(key));
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found != entries_.end()) entries_.erase(found);
  return Status::Ok();
}

Status MemoryStore::DeletePrefix(std::string_view prefix) {
  if (!prefix.empty() && !prefix.ends_with('/')) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "the prefix " + Quoted(prefix) + " does not end in '/'");
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) { return entry.first.starts_with(prefix); });
  return Status::Ok();
}

}  // namespace omnigraph::store
