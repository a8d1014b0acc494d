// Implements cluster/state_lock.h.

#include "cluster/state_lock.h"

#include <algorithm>
#include <utility>

#include "cluster/address.h"
#include "cluster/strict_json.h"
#include "types/datetime.h"

namespace omnigraph::cluster {
namespace {

constexpr std::uint64_t kLockBytesMax = 64 * 1024;

}  // namespace

std::string SerializeLock(const LockRecord& record) {
  Json json;
  json["version"] = 1;
  json["lock_id"] = record.lock_id;
  json["operation"] = record.operation;
  json["created_at"] = record.created_at;
  json["pid"] = record.pid;
  return PrettyJson(json);
}

LockReading ReadLock(store::ObjectStore& store) {
  LockReading reading;
  Result<store::Object> object = store.Read(kLockKey, kLockBytesMax);
  if (!object.ok()) {
    const bool is_absent = object.status().code() == ErrorCode::kNotFound;
    reading.problem = is_absent ? LockProblem::kAbsent : LockProblem::kUnreadable;
    reading.message = object.status().message();
    return reading;
  }
  reading.version = object->version;
  const std::optional<Json> json = ParseJson(object->bytes);
  std::string problem = json ? std::string() : std::string("it is not JSON");
  if (json) {
    FieldReader fields(*json, "the lock", &problem);
    const std::uint64_t version = fields.Unsigned("version");
    if (problem.empty() && version != 1) {
      reading.problem = LockProblem::kOtherVersion;
      reading.message = "it has version " + std::to_string(version) + ", this program reads 1";
      return reading;
    }
    LockRecord record;
    record.lock_id = fields.Text("lock_id");
    record.operation = fields.Text("operation");
    record.created_at = fields.Text("created_at");
    record.pid = fields.Unsigned("pid");
    fields.Finish();
    if (problem.empty()) reading.record = std::move(record);
  }
  if (!problem.empty()) {
    reading.problem = LockProblem::kInvalid;
    reading.message = std::move(problem);
  }
  return reading;
}

Result<store::ObjectVersion> AcquireLock(store::ObjectStore& store, const LockRecord& record) {
  return store.Create(kLockKey, SerializeLock(record));
}

Status ReleaseLock(store::ObjectStore& store, std::string_view lock_id) {
  // An unknown outcome is settled by looking again: what is still there under our id is ours.
  constexpr int kAttempts = 3;
  Status last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const LockReading reading = ReadLock(store);
    if (reading.problem == LockProblem::kUnreadable) {
      last = Status::Error(ErrorCode::kUnavailable, reading.message);
      continue;
    }
    if (!reading.record || reading.record->lock_id != lock_id) return Status::Ok();
    Result<store::SwapOutcome> outcome = store.DeleteIf(kLockKey, reading.version);
    if (!outcome.ok()) return outcome.status();
    if (outcome->result == store::SwapResult::kApplied) return Status::Ok();
    last = outcome->result == store::SwapResult::kUnknown
               ? outcome->cause
               : Status::Error(ErrorCode::kConflict, "the lock changed while it was removed");
  }
  return last;
}

std::optional<std::uint64_t> LockAgeSeconds(std::string_view created_at, std::int64_t now_micros) {
  const std::optional<std::int64_t> created = types::ParseDateTime(created_at);
  if (!created) return std::nullopt;
  const std::int64_t age_seconds = now_micros / 1'000'000 - *created / 1'000;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(age_seconds, 0));
}

}  // namespace omnigraph::cluster
