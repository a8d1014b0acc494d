// A store for tests that refuses chosen calls on chosen keys, as one whose permissions are wrong.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/memory_store.h"

namespace omnigraph::cluster {

class RefusingStore final : public store::ObjectStore {
 public:
  enum class Call : unsigned char { kRead, kList, kPut, kCreate, kSwap, kDelete };

  /// From now on `call` fails for keys that start with `prefix`.
  void Refuse(Call call, std::string prefix) { refused_.emplace_back(call, std::move(prefix)); }

  std::string Describe() const override { return inner_.Describe(); }
  Result<store::Object> Read(std::string_view key, std::uint64_t size_bytes_max) override {
    OG_RETURN_IF_ERROR(Check(Call::kRead, key));
    return inner_.Read(key, size_bytes_max);
  }
  Result<std::string> ReadRange(std::string_view key, std::uint64_t offset,
                                std::uint64_t size_bytes) override {
    return inner_.ReadRange(key, offset, size_bytes);
  }
  Result<std::shared_ptr<const store::MappedBytes>> MapReadOnly(std::string_view key) override {
    return inner_.MapReadOnly(key);
  }
  Result<store::ObjectVersion> ReadVersion(std::string_view key) override {
    return inner_.ReadVersion(key);
  }
  Result<store::ObjectInfo> Stat(std::string_view key) override { return inner_.Stat(key); }
  Result<std::vector<store::Object>> ReadRecent(std::string_view key) override {
    return inner_.ReadRecent(key);
  }
  Result<std::vector<std::string>> List(std::string_view prefix, std::string_view after,
                                        std::uint32_t count_max) override {
    OG_RETURN_IF_ERROR(Check(Call::kList, prefix));
    return inner_.List(prefix, after, count_max);
  }
  Status PutImmutable(std::string_view key, std::string_view bytes,
                      store::Durability durability) override {
    OG_RETURN_IF_ERROR(Check(Call::kPut, key));
    return inner_.PutImmutable(key, bytes, durability);
  }
  Result<std::unique_ptr<store::ObjectWriter>> OpenWriter(std::string_view key) override {
    return inner_.OpenWriter(key);
  }
  Status Sync(std::span<const std::string> keys) override { return inner_.Sync(keys); }
  Result<store::ObjectVersion> Create(std::string_view key, std::string_view bytes) override {
    OG_RETURN_IF_ERROR(Check(Call::kCreate, key));
    return inner_.Create(key, bytes);
  }
  Result<store::SwapOutcome> CompareAndSwap(std::string_view key, std::string_view bytes,
                                            const store::ObjectVersion& expected) override {
    OG_RETURN_IF_ERROR(Check(Call::kSwap, key));
    return inner_.CompareAndSwap(key, bytes, expected);
  }
  Result<store::SwapOutcome> DeleteIf(std::string_view key,
                                      const store::ObjectVersion& expected) override {
    OG_RETURN_IF_ERROR(Check(Call::kDelete, key));
    return inner_.DeleteIf(key, expected);
  }
  Status TrimRecent(std::string_view key, const store::ObjectVersion& oldest_kept) override {
    return inner_.TrimRecent(key, oldest_kept);
  }
  Status Delete(std::string_view key) override {
    OG_RETURN_IF_ERROR(Check(Call::kDelete, key));
    return inner_.Delete(key);
  }
  Status DeletePrefix(std::string_view prefix) override {
    OG_RETURN_IF_ERROR(Check(Call::kDelete, prefix));
    return inner_.DeletePrefix(prefix);
  }

 private:
  Status Check(Call call, std::string_view key) const {
    for (const auto& [refused, prefix] : refused_) {
      if (refused != call || !key.starts_with(prefix)) continue;
      return Status::Error(ErrorCode::kUnavailable, "'" + std::string(key) + "': not permitted");
    }
    return Status::Ok();
  }

  store::MemoryStore inner_;
  std::vector<std::pair<Call, std::string>> refused_;
};

}  // namespace omnigraph::cluster
