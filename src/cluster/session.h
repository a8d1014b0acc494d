// The steps that all cluster commands share, in their order: configuration, storage, lock, ledger.
// Each step adds its findings; a command goes on while the steps succeed. The destructor releases
// the lock.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/config_folder.h"
#include "cluster/desired_state.h"
#include "cluster/finding.h"
#include "cluster/machine.h"
#include "cluster/report.h"
#include "cluster/state_lock.h"
#include "cluster/storage.h"

namespace omnigraph::cluster {

class Session {
 public:
  /// `operation` is the command's word, as it stands in the lock.
  Session(const Machine& machine, const std::string& config_dir, std::string operation);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Reads the whole configuration; with `deny_warnings` its warnings count as errors.
  bool LoadConfiguration(bool deny_warnings = false);
  /// Reads only what `cluster.yaml` itself says.
  bool LoadHeader();
  bool OpenStorage();
  /// Takes the lock, unless the configuration turns locking off.
  bool Lock();
  void Unlock();
  /// Reads the ledger. An absent one is fine here; one that cannot be used is reported.
  bool ReadStoredLedger();
  /// `ReadStoredLedger`, and an absent one is an error that names 'cluster import'.
  bool RequireLedger();

  /// The text of a desired resource: from the config folder, or from the catalog and the history if
  /// a past revision is desired. The caller compares its digest.
  Result<std::string> ReadSource(const std::string& address) const;

  /// Whether the process was asked to stop; reports it once.
  bool IsStopping();
  /// Whether the named crash point is armed; reports it.
  bool FailsAt(std::string_view point);

  /// Notes the document in `state`.
  void ShowLedger(const Ledger& ledger, const std::string& cas);
  /// Notes a lock that somebody else holds.
  void ShowLock(const LockReading& reading);

  const Machine& machine;
  const ConfigFolder folder;
  LoadedConfig config;
  std::optional<Storage> storage;  ///< Once `OpenStorage` succeeded.
  StoredLedger stored;
  StateObservations state;
  Findings findings;

 private:
  bool Load(bool is_full, bool deny_warnings);

  const std::string operation_;
  bool is_holding_lock_ = false;
  bool is_stop_reported_ = false;
};

}  // namespace omnigraph::cluster
