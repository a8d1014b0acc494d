// A store that passes every call on to another one; tests override what they want to disturb.

#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/object_store.h"

namespace omnigraph::faults {

class ForwardingStore : public store::ObjectStore {
 public:
  explicit ForwardingStore(std::shared_ptr<store::ObjectStore> inner) : inner_(std::move(inner)) {}

  /// Runs before every call, on the caller's thread.
  virtual void BeforeCall() {}

  std::string Describe() const override { return inner_->Describe(); }
  Result<store::Object> Read(std::string_view key, std::uint64_t size_bytes_max) override {
    BeforeCall();
    return inner_->Read(key, size_bytes_max);
  }
  Result<std::string> ReadRange(std::string_view key, std::uint64_t offset,
                                std::uint64_t size_bytes) override {
    BeforeCall();
    return inner_->ReadRange(key, offset, size_bytes);
  }
  Result<std::shared_ptr<const store::MappedBytes>> MapReadOnly(std::string_view key) override {
    BeforeCall();
    return inner_->MapReadOnly(key);
  }
  Result<store::ObjectVersion> ReadVersion(std::string_view key) override {
    BeforeCall();
    return inner_->ReadVersion(key);
  }
  Result<store::ObjectInfo> Stat(std::string_view key) override {
    BeforeCall();
    return inner_->Stat(key);
  }
  Result<std::vector<store::Object>> ReadRecent(std::string_view key) override {
    BeforeCall();
    return inner_->ReadRecent(key);
  }
  bool KeepsRecentValues() const override { return inner_->KeepsRecentValues(); }
  Result<std::vector<std::string>> List(std::string_view prefix, std::string_view after,
                                        std::uint32_t count_max) override {
    BeforeCall();
    return inner_->List(prefix, after, count_max);
  }
  Status PutImmutable(std::string_view key, std::string_view bytes,
                      store::Durability durability) override {
    BeforeCall();
    return inner_->PutImmutable(key, bytes, durability);
  }
  Status PutImmutableUnderNames(std::span<const std::string> keys,
                                std::string_view bytes) override {
    BeforeCall();
    return inner_->PutImmutableUnderNames(keys, bytes);
  }
  Result<std::unique_ptr<store::ObjectWriter>> OpenWriter(std::string_view key) override {
    BeforeCall();
    return inner_->OpenWriter(key);
  }
  Status Sync(std::span<const std::string> keys) override {
    BeforeCall();
    return inner_->Sync(keys);
  }
  Result<store::ObjectVersion> Create(std::string_view key, std::string_view bytes) override {
    BeforeCall();
    return inner_->Create(key, bytes);
  }
  Result<store::SwapOutcome> CompareAndSwap(std::string_view key, std::string_view bytes,
                                            const store::ObjectVersion& expected) override {
    BeforeCall();
    return inner_->CompareAndSwap(key, bytes, expected);
  }
  Result<store::SwapOutcome> DeleteIf(std::string_view key,
                                      const store::ObjectVersion& expected) override {
    BeforeCall();
    return inner_->DeleteIf(key, expected);
  }
  Status TrimRecent(std::string_view key, const store::ObjectVersion& oldest_kept) override {
    BeforeCall();
    return inner_->TrimRecent(key, oldest_kept);
  }
  Status Delete(std::string_view key) override {
    BeforeCall();
    return inner_->Delete(key);
  }
  Status DeletePrefix(std::string_view prefix) override {
    BeforeCall();
    return inner_->DeletePrefix(prefix);
  }
  Result<std::uint64_t> RemoveAbandoned() override {
    BeforeCall();
    return inner_->RemoveAbandoned();
  }

 private:
  const std::shared_ptr<store::ObjectStore> inner_;
};

}  // namespace omnigraph::faults
