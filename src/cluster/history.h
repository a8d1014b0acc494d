// The history of the ledger: every document that was in force, who wrote it and what it changed.
//
// Records and the texts they need are immutable objects below `__history/`. A record is
// written before the ledger moves and names the ledger's bytes by their digest; the swap of the
// ledger decides. A record whose ledger lost the swap, or whose command died before it, is on no
// chain and is never shown.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cluster/approval.h"
#include "cluster/ledger.h"
#include "cluster/revision_record.h"
#include "cluster/session.h"

namespace omnigraph::cluster {

/// Who moves the ledger, and on what behalf.
struct RevisionCause {
  std::string operation;
  std::optional<std::string> actor;
  std::optional<std::uint64_t> rollback_to;
};

/// Keeps the record of `ledger`, which is about to replace the session's stored one, and the schema
/// sources that it names, as far as they are known. If the stored ledger has no record yet, because
/// it was written before there was a history, one is made for it.
Status RecordRevision(Session& session, const Ledger& ledger, const RevisionCause& cause,
                      const std::vector<Approval>& approvals);

/// Keeps a record of a stored ledger that has none, while the graphs still are what it says.
/// Nothing happens if it has one or if there is no ledger.
Status AdoptStoredLedger(Session& session);

/// Finds revisions, beginning with the one in force.
class History {
 public:
  /// Lists the records. Both must outlive the history.
  static Result<History> Open(store::ObjectStore& objects, const StoredLedger& head);

  /// The newest `count_max` revisions, newest first. Stops where a record is missing; `is_complete`
  /// tells whether the first revision was reached or only `count_max`.
  Result<std::vector<RevisionRecord>> Newest(std::size_t count_max, bool* is_complete) const;

  /// The record of "current", a revision of the chain ("7"), or one named by at least eight digits
  /// of its ledger's digest ("sha256:41ac09d2").
  ///
  /// Errors: `kInvalidArgument` for other texts, `kNotFound` if there is no such record.
  Result<RevisionRecord> Find(std::string_view name) const;

  /// The resources of a revision. Errors: `kNotFound` if they are lost, `kCorruption` if damaged.
  Result<std::map<std::string, AppliedResource>> Resources(const RevisionRecord& record) const;

  /// The source of a schema by its digest. Errors: as `Resources`.
  Result<std::string> SchemaSource(std::string_view digest) const;

 private:
  History(store::ObjectStore& objects, const StoredLedger& head) : objects_(objects), head_(head) {}

  Result<std::optional<RevisionRecord>> Lookup(std::uint64_t revision, std::string_view cas) const;
  Result<RevisionRecord> FindByCas(std::string_view prefix) const;

  store::ObjectStore& objects_;
  const StoredLedger& head_;
  std::multimap<std::uint64_t, std::string> keys_;  // By revision; later records later.
};

}  // namespace omnigraph::cluster
