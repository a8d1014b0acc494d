// Keeps the rows of a commit from being cleaned up while somebody makes them reachable again.
//
// Who wants to use an old commit (a tag, a branch, a revert) takes a lease, *then* reads the
// record, makes its ref, and lets go. `Cleanup` strips records of their tables, *then* looks at
// leases and refs, and removes only what none of them needs. So one of the two always sees the
// other.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "store/object_store.h"

namespace omnigraph::history {

/// Older leases were left by processes that died; they do not count.
inline constexpr std::int64_t kLeaseAgeMicrosMax = std::int64_t{24} * 3600 * 1'000'000;

/// An object under `leases/`, removed when this goes.
class CommitLease {
 public:
  /// Errors: as of the store.
  static Result<CommitLease> Take(std::shared_ptr<store::ObjectStore> store,
                                  std::string_view commit_id);
  CommitLease(CommitLease&& other) noexcept = default;
  CommitLease& operator=(CommitLease&& other) noexcept {
    std::swap(store_, other.store_);
    std::swap(key_, other.key_);
    return *this;
  }
  ~CommitLease();

 private:
  CommitLease(std::shared_ptr<store::ObjectStore> store, std::string key)
      : store_(std::move(store)), key_(std::move(key)) {}

  std::shared_ptr<store::ObjectStore> store_;  // Null once moved from.
  std::string key_;
};

struct LeaseList {
  std::vector<std::string> commit_ids;
  std::vector<std::string> expired_keys;  ///< Objects that may go.
};

/// Every lease. Cost: one listing and a read per lease.
Result<LeaseList> ListLeases(store::ObjectStore& store);

}  // namespace omnigraph::history
