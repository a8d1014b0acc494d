// `cluster status` and `cluster force-unlock`: look at the ledger and the lock, without taking it.

#include <utility>

#include "base/strings.h"
#include "cluster/address.h"
#include "cluster/commands.h"
#include "cluster/observe.h"
#include "cluster/session.h"
#include "cluster/sidecar.h"

namespace omnigraph::cluster {
namespace {

const std::string& LockPath() {
  static const std::string path(kLockKey);
  return path;
}

void WarnAboutLock(const LockReading& reading, Findings& findings) {
  switch (reading.problem) {
    case LockProblem::kNone:
    case LockProblem::kAbsent:
      return;
    case LockProblem::kUnreadable:
      findings.Warn("state_lock_read_error", LockPath(),
                    "cannot read the lock: " + reading.message);
      return;
    case LockProblem::kInvalid:
      findings.Warn("invalid_state_lock", LockPath(),
                    "the lock's record cannot be used: " + reading.message);
      return;
    case LockProblem::kOtherVersion:
      findings.Warn("unsupported_state_lock_version", LockPath(),
                    "the lock was taken by another version of the program: " + reading.message);
      return;
  }
}

void CopyLedger(const Ledger& ledger, StateReport& report) {
  for (const auto& [address, resource] : ledger.resources) {
    report.resource_digests.emplace(address, resource.digest);
  }
  report.statuses = ledger.statuses;
  report.observations = ledger.observations;
}

StateReport Finish(Session& session, StateReport report) {
  report.state = session.state;
  report.findings = std::move(session.findings);
  return report;
}

/// Why the lock may not be removed; adds nothing if it may.
void CheckUnlock(const LockReading& reading, const std::string& lock_id, Findings& findings) {
  switch (reading.problem) {
    case LockProblem::kNone:
      break;
    case LockProblem::kAbsent:
      findings.Error("state_lock_missing", LockPath(), "nobody holds the lock; nothing to unlock");
      return;
    case LockProblem::kUnreadable:
      findings.Error("state_lock_read_error", LockPath(),
                     "cannot read the lock: " + reading.message);
      return;
    case LockProblem::kInvalid:
      findings.Error("invalid_state_lock", LockPath(),
                     "the lock's record cannot be used, so its id cannot be compared: " +
                         reading.message + "; inspect the object and remove it by hand");
      return;
    case LockProblem::kOtherVersion:
      findings.Error("unsupported_state_lock_version", LockPath(),
                     "the lock was taken by another version of the program: " + reading.message);
      return;
  }
  if (reading.record->lock_id == lock_id) return;
  findings.Error("state_lock_id_mismatch", LockPath(),
                 "the lock has the id " + reading.record->lock_id + ", not " + Quoted(lock_id) +
                     "; nothing was removed");
}

}  // namespace

StateReport RunStatus(const Machine& machine, const ConfigOptions& options) {
  Session session(machine, options.config_dir, "status");
  StateReport report;
  report.config_dir = options.config_dir;
  if (!session.LoadHeader() || !session.OpenStorage()) return Finish(session, std::move(report));
  const LockReading lock = ReadLock(session.storage->objects());
  if (lock.problem != LockProblem::kAbsent && lock.problem != LockProblem::kUnreadable) {
    session.ShowLock(lock);
  }
  if (session.ReadStoredLedger()) {
    if (session.stored.state == StoredLedger::State::kAbsent) {
      session.findings.Warn("state_missing", std::string(kLedgerKey),
                            "there is no ledger yet; 'cluster import' creates it");
    }
    CopyLedger(session.stored.ledger, report);
    Ledger unchanged = session.stored.ledger;
    VerifyPayloads(*session.storage, /*is_recording=*/false, unchanged, session.findings);
  }
  WarnAboutLock(lock, session.findings);
  WarnAboutPendingSidecars(session.storage->objects(), session.findings);
  return Finish(session, std::move(report));
}

ForceUnlockReport RunForceUnlock(const Machine& machine, const ConfigOptions& options,
                                 const std::string& lock_id) {
  Session session(machine, options.config_dir, "force-unlock");
  ForceUnlockReport report;
  report.config_dir = options.config_dir;
  if (session.LoadHeader() && session.OpenStorage()) {
    const LockReading lock = ReadLock(session.storage->objects());
    const bool is_present =
        lock.problem != LockProblem::kAbsent && lock.problem != LockProblem::kUnreadable;
    if (is_present) session.ShowLock(lock);
    const StoredLedger ledger = ReadLedger(session.storage->objects());
    if (ledger.is_found()) session.ShowLedger(ledger.ledger, ledger.cas);
    CheckUnlock(lock, lock_id, session.findings);
    if (!session.findings.has_errors()) {
      const omnigraph::Status removed = ReleaseLock(session.storage->objects(), lock_id);
      report.lock_removed = removed.ok();
      session.state.locked = !removed.ok();
      if (!removed.ok()) {
        session.findings.Error("state_lock_error", LockPath(),
                               "cannot remove the lock: " + std::string(removed.message()));
      }
    }
  }
  report.state = session.state;
  report.findings = std::move(session.findings);
  return report;
}

}  // namespace omnigraph::cluster
