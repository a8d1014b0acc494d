// The lock `__cluster/lock.json`: tells people who is at work. It never expires and is never broken
// by a program; what decides between two writers is the compare-and-swap of the ledger.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "store/object_store.h"

namespace omnigraph::cluster {

struct LockRecord {
  std::string lock_id;
  std::string operation;   ///< plan, apply, approve, refresh or import.
  std::string created_at;  ///< RFC 3339.
  std::uint64_t pid = 0;
};

enum class LockProblem : unsigned char { kNone, kAbsent, kUnreadable, kInvalid, kOtherVersion };

/// What lies under the lock's key.
struct LockReading {
  std::optional<LockRecord> record;  ///< Present with `kNone`.
  LockProblem problem = LockProblem::kNone;
  std::string message;           ///< With a problem: what was found.
  store::ObjectVersion version;  ///< Unless absent or unreadable.
};

LockReading ReadLock(store::ObjectStore& store);

std::string SerializeLock(const LockRecord& record);

/// Takes the lock if nobody holds it.
///
/// Errors: `kAlreadyExists` if it is held; others as `ObjectStore::Create`.
Result<store::ObjectVersion> AcquireLock(store::ObjectStore& store, const LockRecord& record);

/// Removes the lock if it is still that of `lock_id`. OK also if it is gone or somebody else's.
Status ReleaseLock(store::ObjectStore& store, std::string_view lock_id);

/// Seconds from `created_at` to now, at least 0; nothing if it cannot be read.
std::optional<std::uint64_t> LockAgeSeconds(std::string_view created_at, std::int64_t now_micros);

}  // namespace omnigraph::cluster
