// A store that fails on plan: the same plan over the same calls gives the same failures, so that a
// test can try every kind of fault at every effect of an operation.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "store/object_store.h"

namespace omnigraph::store {

enum class Fault : unsigned char {
  kNone,
  kRefused,      ///< Nothing happens, and the caller is told so.
  kFailedAfter,  ///< It happens, and the caller is told of an error. Of a swap: as kLostReply.
  kLostRequest,  ///< Nothing happens, and the caller does not know.
  kLostReply,    ///< It happens, and the caller does not know.
  kDelayed,      ///< As kLostReply, but it happens just before the next effect.
  kCrashBefore,  ///< The process ends before it happens.
  kCrashAfter,   ///< The process ends after it happened.
};

enum class EffectKind : unsigned char {
  kPut,  ///< `PutImmutable` and `ObjectWriter::Finish`.
  kSync,
  kCreate,
  kSwap,
  kDeleteIf,
  kTrim,
  kDelete,  ///< `Delete` and `DeletePrefix`.
};

struct Effect {
  EffectKind kind = EffectKind::kPut;
  std::string key;
  Fault fault = Fault::kNone;
};

class FaultyStore final : public ObjectStore {
 public:
  explicit FaultyStore(std::shared_ptr<ObjectStore> inner) : inner_(std::move(inner)) {}

  /// Starts counting effects from 0 and forgets the trace; effect `n` then suffers `plan[n]`.
  void SetPlan(std::map<std::uint64_t, Fault> plan);
  /// With true, a crash also loses the immutable objects that were not durable yet.
  void SetLosesPower(bool loses_power);
  /// How many effects there were since `SetPlan`: the upper end of a crash matrix.
  std::uint64_t effects_count() const;
  std::vector<Effect> trace() const;
  bool is_crashed() const;
  /// The next process: ends the crash and the plan. What was delayed happens now.
  void Reopen();

  std::string Describe() const override { return inner_->Describe(); }
  Result<Object> Read(std::string_view key, std::uint64_t size_bytes_max) override;
  Result<std::string> ReadRange(std::string_view key, std::uint64_t offset,
                                std::uint64_t size_bytes) override;
  Result<std::shared_ptr<const MappedBytes>> MapReadOnly(std::string_view key) override;
  Result<ObjectVersion> ReadVersion(std::string_view key) override;
  Result<ObjectInfo> Stat(std::string_view key) override;
  Result<std::vector<Object>> ReadRecent(std::string_view key) override;
  bool KeepsRecentValues() const override { return inner_->KeepsRecentValues(); }
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

  Status CheckAlive() const;
  /// Counts one effect, delivers what was delayed, and says what is planned.
  Result<Fault> Begin(EffectKind kind, std::string_view key);
  void Crash();
  /// Runs `effect` under the next planned fault; for calls whose reply is a `Status`.
  Status Run(EffectKind kind, std::string_view key, std::function<Status()> effect);
  Result<SwapOutcome> RunSwap(EffectKind kind, std::string_view key,
                              std::function<Result<SwapOutcome>()> effect);
  void NoteUnsynced(const std::string& key, Durability durability);
  void NoteSynced(std::span<const std::string> keys);

  const std::shared_ptr<ObjectStore> inner_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Fault> plan_;  // All below are guarded by mutex_.
  std::vector<Effect> trace_;
  std::function<void()> delayed_;
  bool is_crashed_ = false;
  bool loses_power_ = false;
  std::map<std::string, Durability> unsynced_;  // Objects that a loss of power would take.
};

}  // namespace omnigraph::store
