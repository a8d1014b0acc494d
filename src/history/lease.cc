// Implements history/lease.h.

#include "history/lease.h"

#include "base/clock.h"
#include "format/records.h"

namespace omnigraph::history {
namespace {

constexpr std::uint64_t kLeaseBytesMax = 4096;
constexpr std::string_view kPrefix = "leases/";

}  // namespace

Result<CommitLease> CommitLease::Take(std::shared_ptr<store::ObjectStore> store,
                                      std::string_view commit_id) {
  std::string key = std::string(kPrefix) + UlidGenerator::System().Next();
  format::TagRecord record;
  record.commit_id = commit_id;
  record.created_at_micros = Clock::System().NowMicros();
  OG_RETURN_IF_ERROR(store->Create(key, format::EncodeTag(record)).status());
  return CommitLease(std::move(store), std::move(key));
}

CommitLease::~CommitLease() {
  if (store_) (void)store_->Delete(key_);  // What stays expires.
}

Result<LeaseList> ListLeases(store::ObjectStore& store) {
  LeaseList list;
  const std::int64_t oldest = Clock::System().NowMicros() - kLeaseAgeMicrosMax;
  OG_RETURN_IF_ERROR(store::ForEachKey(store, kPrefix, [&](const std::string& key) -> Status {
    const Result<store::Object> object = store.Read(key, kLeaseBytesMax);
    if (!object.ok()) {
      if (object.status().code() == ErrorCode::kNotFound) return Status::Ok();
      return object.status();
    }
    OG_ASSIGN_OR_RETURN(format::TagRecord record, format::DecodeTag(object->bytes, key));
    if (record.created_at_micros < oldest) {
      list.expired_keys.push_back(key);
    } else {
      list.commit_ids.push_back(std::move(record.commit_id));
    }
    return Status::Ok();
  }));
  return list;
}

}  // namespace omnigraph::history
