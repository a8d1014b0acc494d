// A store that fails on plan.

#include "store/faulty_store.h"

#include "base/strings.h"

namespace omnigraph::store {

namespace {

Status Injected(std::string_view what, std::string_view key) {
  return Status::Error(ErrorCode::kUnavailable,
                       "storage object " + Quoted(key) + ": injected fault: " + std::string(what));
}

bool TakesEffectNow(Fault fault) {
  return fault == Fault::kNone || fault == Fault::kFailedAfter || fault == Fault::kLostReply ||
         fault == Fault::kCrashAfter;
}

bool IsCrash(Fault fault) {
  return fault == Fault::kCrashBefore || fault == Fault::kCrashAfter;
}

}  // namespace

class FaultyStore::Writer final : public ObjectWriter {
 public:
  Writer(FaultyStore& store, std::string key, std::unique_ptr<ObjectWriter> inner)
      : store_(store), key_(std::move(key)), inner_(std::move(inner)) {}

  Status Append(std::string_view bytes) override {
    OG_RETURN_IF_ERROR(store_.CheckAlive());
    return inner_->Append(bytes);
  }

  Status Finish() override {
    // A delayed effect may run after this writer is gone.
    return store_.Run(EffectKind::kPut, key_, [&store = store_, key = key_, inner = inner_] {
      const bool is_new = !store.inner_->Stat(key).ok();
      Status finished = inner->Finish();
      if (finished.ok() && is_new) store.NoteUnsynced(key, Durability::kBeforeNextSwap);
      return finished;
    });
  }

 private:
  FaultyStore& store_;
  std::string key_;
  std::shared_ptr<ObjectWriter> inner_;
};

// ---- The plan ----------------------------------------------------------------------------------

void FaultyStore::SetPlan(std::map<std::uint64_t, Fault> plan) {
  const std::lock_guard lock(mutex_);
  plan_ = std::move(plan);
  trace_.clear();
}

void FaultyStore::SetLosesPower(bool loses_power) {
  const std::lock_guard lock(mutex_);
  loses_power_ = loses_power;
}

std::uint64_t FaultyStore::effects_count() const {
  const std::lock_guard lock(mutex_);
  return trace_.size();
}

std::vector<Effect> FaultyStore::trace() const {
  const std::lock_guard lock(mutex_);
  return trace_;
}

bool FaultyStore::is_crashed() const {
  const std::lock_guard lock(mutex_);
  return is_crashed_;
}

void FaultyStore::Reopen() {
  std::function<void()> delayed;
  {
    const std::lock_guard lock(mutex_);
    is_crashed_ = false;
    plan_.clear();
    delayed.swap(delayed_);
  }
  if (delayed) delayed();
}

Status FaultyStore::CheckAlive() const {
  if (!is_crashed()) return Status::Ok();
  return Injected("the process has crashed", "");
}

Result<Fault> FaultyStore::Begin(EffectKind kind, std::string_view key) {
  OG_RETURN_IF_ERROR(CheckAlive());
  std::function<void()> delayed;
  Fault fault = Fault::kNone;
  {
    const std::lock_guard lock(mutex_);
    const auto planned = plan_.find(trace_.size());
    if (planned != plan_.end()) fault = planned->second;
    trace_.push_back({kind, std::string(key), fault});
    delayed.swap(delayed_);
  }
  if (delayed) delayed();
  return fault;
}

void FaultyStore::Crash() {
  std::map<std::string, Durability> lost;
  {
    const std::lock_guard lock(mutex_);
    is_crashed_ = true;
    lost.swap(unsynced_);
    if (!loses_power_) return;
  }
  for (const auto& [key, durability] : lost)
    (void)inner_->Delete(key);
}

void FaultyStore::NoteUnsynced(const std::string& key, Durability durability) {
  const std::lock_guard lock(mutex_);
  unsynced_.insert_or_assign(key, durability);
}

void FaultyStore::NoteSynced(std::span<const std::string> keys) {
  const std::lock_guard lock(mutex_);
  std::erase_if(unsynced_,
                [](const auto& entry) { return entry.second == Durability::kBeforeNextSwap; });
  for (const std::string& key : keys)
    unsynced_.erase(key);
}

Status FaultyStore::Run(EffectKind kind, std::string_view key, std::function<Status()> effect) {
  OG_ASSIGN_OR_RETURN(const Fault fault, Begin(kind, key));
  Status status = TakesEffectNow(fault) ? effect() : Status::Ok();
  if (IsCrash(fault)) Crash();
  switch (fault) {
    case Fault::kNone:
      return status;
    case Fault::kRefused:
      return Injected("refused", key);
    case Fault::kFailedAfter:
      return Injected("failed", key);
    case Fault::kDelayed: {
      const std::lock_guard lock(mutex_);
      delayed_ = [effect = std::move(effect)] { (void)effect(); };
      return Injected("no reply", key);
    }
    case Fault::kLostRequest:
    case Fault::kLostReply:
      return Injected("no reply", key);
    case Fault::kCrashBefore:
    case Fault::kCrashAfter:
      return Injected("the process has crashed", key);
  }
  return status;
}

Result<SwapOutcome> FaultyStore::RunSwap(EffectKind kind, std::string_view key,
                                         std::function<Result<SwapOutcome>()> effect) {
  OG_ASSIGN_OR_RETURN(const Fault fault, Begin(kind, key));
  if (fault == Fault::kNone) return effect();
  if (fault == Fault::kRefused) return Injected("refused", key);
  if (TakesEffectNow(fault)) (void)effect().ok();
  if (IsCrash(fault)) Crash();
  if (fault == Fault::kDelayed) {
    const std::lock_guard lock(mutex_);
    delayed_ = [effect = std::move(effect)] { (void)effect().ok(); };
  }
  SwapOutcome outcome;
  outcome.result = SwapResult::kUnknown;
  outcome.cause = Injected(IsCrash(fault) ? "the process has crashed" : "no reply", key);
  return outcome;
}

// ---- Reading -----------------------------------------------------------------------------------

Result<Object> FaultyStore::Read(std::string_view key, std::uint64_t size_bytes_max) {
  OG_RETURN_IF_ERROR(CheckAlive());
  return inner_->Read(key, size_bytes_max);
}

Result<std::string> FaultyStore::ReadRange(std::string_view key, std::uint64_t offset,
                                           std::uint64_t size_bytes) {
  OG_RETURN_IF_ERROR(CheckAlive());
  return inner_->ReadRange(key, offset, size_bytes);
}

Result<std::shared_ptr<const MappedBytes>> FaultyStore::MapReadOnly(std::string_view key) {
  OG_RETURN_IF_ERROR(CheckAlive());
  return inner_->MapReadOnly(key);
}

Result<ObjectVersion> FaultyStore::ReadVersion(std::string_view key) {
  OG_RETURN_IF_ERROR(CheckAlive());
  return inner_->ReadVersion(key);
}

Result<ObjectInfo> FaultyStore::Stat(std::string_view key) {
  OG_RETURN_IF_ERROR(CheckAlive());
  return inner_->Stat(key);
}

Result<std::vector<Object>> FaultyStore::ReadRecent(std::string_view key) {
  OG_RETURN_IF_ERROR(CheckAlive());
  return inner_->ReadRecent(key);
}

Result<std::vector<std::string>> FaultyStore::List(std::string_view prefix, std::string_view after,
                                                   std::uint32_t count_max) {
  OG_RETURN_IF_ERROR(CheckAlive());
  return inner_->List(prefix, after, count_max);
}

// ---- Effects -----------------------------------------------------------------------------------

Status FaultyStore::PutImmutable(std::string_view key, std::string_view bytes,
                                 Durability durability) {
  return Run(EffectKind::kPut, key,
             [this, key = std::string(key), bytes = std::string(bytes), durability] {
               const bool is_new = !inner_->Stat(key).ok();
               Status put = inner_->PutImmutable(key, bytes, durability);
               if (put.ok() && is_new) NoteUnsynced(key, durability);
               return put;
             });
}

Result<std::unique_ptr<ObjectWriter>> FaultyStore::OpenWriter(std::string_view key) {
  OG_RETURN_IF_ERROR(CheckAlive());
  OG_ASSIGN_OR_RETURN(std::unique_ptr<ObjectWriter> inner, inner_->OpenWriter(key));
  return std::unique_ptr<ObjectWriter>(
      std::make_unique<Writer>(*this, std::string(key), std::move(inner)));
}

Status FaultyStore::Sync(std::span<const std::string> keys) {
  return Run(EffectKind::kSync, keys.empty() ? "" : keys.front(),
             [this, keys = std::vector<std::string>(keys.begin(), keys.end())] {
               Status synced = inner_->Sync(keys);
               if (synced.ok()) NoteSynced(keys);
               return synced;
             });
}

Result<ObjectVersion> FaultyStore::Create(std::string_view key, std::string_view bytes) {
  const auto version = std::make_shared<ObjectVersion>();
  OG_RETURN_IF_ERROR(Run(EffectKind::kCreate, key,
                         [this, version, key = std::string(key), bytes = std::string(bytes)] {
                           OG_ASSIGN_OR_RETURN(*version, inner_->Create(key, bytes));
                           NoteSynced({});
                           return Status::Ok();
                         }));
  return *version;
}

Result<SwapOutcome> FaultyStore::CompareAndSwap(std::string_view key, std::string_view bytes,
                                                const ObjectVersion& expected) {
  return RunSwap(EffectKind::kSwap, key,
                 [this, key = std::string(key), bytes = std::string(bytes),
                  expected]() -> Result<SwapOutcome> {
                   Result<SwapOutcome> outcome = inner_->CompareAndSwap(key, bytes, expected);
                   if (outcome.ok()) NoteSynced({});
                   return outcome;
                 });
}

Result<SwapOutcome> FaultyStore::DeleteIf(std::string_view key, const ObjectVersion& expected) {
  return RunSwap(EffectKind::kDeleteIf, key,
                 [this, key = std::string(key), expected]() -> Result<SwapOutcome> {
                   Result<SwapOutcome> outcome = inner_->DeleteIf(key, expected);
                   if (outcome.ok()) NoteSynced({});
                   return outcome;
                 });
}

Status FaultyStore::TrimRecent(std::string_view key, const ObjectVersion& oldest_kept) {
  return Run(EffectKind::kTrim, key, [this, key = std::string(key), oldest_kept] {
    Status trimmed = inner_->TrimRecent(key, oldest_kept);
    if (trimmed.ok()) NoteSynced({});
    return trimmed;
  });
}

Status FaultyStore::Delete(std::string_view key) {
  return Run(EffectKind::kDelete, key,
             [this, key = std::string(key)] { return inner_->Delete(key); });
}

Status FaultyStore::DeletePrefix(std::string_view prefix) {
  return Run(EffectKind::kDelete, prefix,
             [this, prefix = std::string(prefix)] { return inner_->DeletePrefix(prefix); });
}

}  // namespace omnigraph::store
