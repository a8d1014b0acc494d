// The storage root of a cluster: its ledger and its small documents, by key.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/ledger.h"
#include "cluster/machine.h"
#include "store/object_store.h"

namespace omnigraph::cluster {

class Storage {
 public:
  /// Errors: as the opener.
  static Result<Storage> Open(const Machine& machine, std::string root_uri);

  /// An absolute path or a bucket URI.
  const std::string& root_uri() const { return root_uri_; }
  store::ObjectStore& objects() const { return *objects_; }
  /// The path or URI of a key.
  std::string UriOf(std::string_view key) const;
  std::string GraphUri(std::string_view graph) const;

 private:
  Storage(std::string root_uri, std::shared_ptr<store::ObjectStore> objects)
      : root_uri_(std::move(root_uri)), objects_(std::move(objects)) {}

  std::string root_uri_;
  std::shared_ptr<store::ObjectStore> objects_;
};

/// What lies under the ledger's key.
struct StoredLedger {
  enum class State : unsigned char { kAbsent, kValid, kInvalid, kOtherVersion, kUnreadable };
  State state = State::kAbsent;
  Ledger ledger;        ///< kValid; else empty.
  std::string bytes;    ///< Unless absent or unreadable.
  std::string cas;      ///< "sha256:…" of the bytes; empty without any.
  std::string problem;  ///< kInvalid, kOtherVersion, kUnreadable.
  store::ObjectVersion version;

  bool is_found() const { return state != State::kAbsent && state != State::kUnreadable; }
};

StoredLedger ReadLedger(store::ObjectStore& objects);

struct LedgerWrite {
  enum class Result : unsigned char { kWritten, kMoved, kFailed };
  Result result = Result::kFailed;
  std::string cas;      ///< kWritten: of the new document.
  std::string message;  ///< kMoved, kFailed.
};

/// Replaces the document that was read with `ledger` if nobody changed it since; creates it if
/// there was none. An unknown outcome is settled by reading again.
LedgerWrite WriteLedger(store::ObjectStore& objects, const StoredLedger& before,
                        const Ledger& ledger);

/// Keys `<prefix><name>.json`, ascending; deeper and other keys are left out.
Result<std::vector<std::string>> ListDocuments(store::ObjectStore& objects,
                                               std::string_view prefix);

/// Graph ids that have objects under "graphs/<id>.omni/", ascending. One request per graph.
Result<std::vector<std::string>> ListGraphRoots(store::ObjectStore& objects);

/// Replaces a document of this process' own making; used for sidecars and approvals, which have one
/// writer at a time.
Status RewriteDocument(store::ObjectStore& objects, std::string_view key, std::string_view bytes);

}  // namespace omnigraph::cluster
