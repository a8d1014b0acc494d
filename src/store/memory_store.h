// Objects in the memory of one process, for tests and for graphs that nobody keeps.

#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "store/object_store.h"

namespace omnigraph::store {

class MemoryStore final : public ObjectStore {
 public:
  MemoryStore() = default;

  /// A store with the same objects and versions, independent from now on.
  std::shared_ptr<MemoryStore> Clone() const;

  std::string Describe() const override { return "memory:"; }
  Result<Object> Read(std::string_view key, std::uint64_t size_bytes_max) override;
  Result<std::string> ReadRange(std::string_view key, std::uint64_t offset,
                                std::uint64_t size_bytes) override;
  Result<std::shared_ptr<const MappedBytes>> MapReadOnly(std::string_view key) override;
  Result<ObjectVersion> ReadVersion(std::string_view key) override;
  Result<ObjectInfo> Stat(std::string_view key) override;
  Result<std::vector<Object>> ReadRecent(std::string_view key) override;
  Result<std::vector<std::string>> List(std::string_view prefix, std::string_view after,
                                        std::uint32_t count_max) override;
  Status PutImmutable(std::string_view key, std::string_view bytes,
                      Durability durability = Durability::kBeforeNextSwap) override;
  Result<std::unique_ptr<ObjectWriter>> OpenWriter(std::string_view key) override;
  Status Sync(std::span<const std::string> keys) override;
  Result<ObjectVersion> Create(std::string_view key, std::string_view bytes) override;
  Result<SwapOutcome> CompareAndSwap(std::string_view key, std::string_view bytes,
                                     const ObjectVersion& expected) override;
  Result<SwapOutcome> DeleteIf(std::string_view key, const ObjectVersion& expected) override;
  Status TrimRecent(std::string_view key, const ObjectVersion& oldest_kept) override;
  Status Delete(std::string_view key) override;
  Status DeletePrefix(std::string_view prefix) override;

 private:
  class Writer;
  struct Entry {
    std::shared_ptr<const MappedBytes> bytes;
    std::uint64_t version = 0;
    std::int64_t modified_micros = 0;
  };

  Result<Entry> Find(std::string_view key) const;
  /// Requires mutex_.
  ObjectVersion Store(std::string_view key, std::string bytes);
  /// Requires mutex_. What keeps `key` from being changed under `expected`, if anything does.
  std::optional<SwapOutcome> Obstacle(std::string_view key, const ObjectVersion& expected) const;

  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;  // Guarded by mutex_.
  std::uint64_t last_version_ = 0;                     // Guarded by mutex_.
};

}  // namespace omnigraph::store
