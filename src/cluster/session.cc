// Implements cluster/session.h.

#include "cluster/session.h"

#include <utility>

#include "base/strings.h"
#include "cluster/address.h"
#include "cluster/observe.h"
#include "cluster/storage_root.h"

namespace omnigraph::cluster {

Session::Session(const Machine& machine_ports, const std::string& config_dir, std::string operation)
    : machine(machine_ports), folder(config_dir), operation_(std::move(operation)) {}

Session::~Session() {
  Unlock();
}

bool Session::Load(bool is_full, bool deny_warnings) {
  config = is_full ? LoadConfig(folder) : LoadConfigHeader(folder);
  if (deny_warnings) config.findings.DenyWarnings();
  findings.Append(config.findings);
  if (!config.config) return false;
  const Result<std::string> root = ResolveStorageRoot(folder.directory(), config.config->storage);
  if (root.ok()) {
    state.state_path = *root + "/" + std::string(kLedgerKey);
    state.lock_path = *root + "/" + std::string(kLockKey);
  }
  return !config.findings.has_errors();
}

bool Session::LoadConfiguration(bool deny_warnings) {
  return Load(true, deny_warnings);
}

bool Session::LoadHeader() {
  return Load(false, false);
}

bool Session::OpenStorage() {
  const Result<std::string> root = ResolveStorageRoot(folder.directory(), config.config->storage);
  Result<Storage> opened =
      root.ok() ? Storage::Open(machine, *root) : Result<Storage>(root.status());
  if (!opened.ok()) {
    findings.Error("storage_root_invalid", "storage",
                   "cannot open the storage root " + Quoted(root.ok() ? *root : std::string()) +
                       ": " + std::string(opened.status().message()));
    return false;
  }
  storage = *std::move(opened);
  return true;
}

void Session::ShowLock(const LockReading& reading) {
  state.locked = true;
  if (!reading.record) return;
  state.lock.lock_id = reading.record->lock_id;
  state.lock.operation = reading.record->operation;
  state.lock.created_at = reading.record->created_at;
  state.lock.pid = reading.record->pid;
  state.lock.age_seconds = LockAgeSeconds(reading.record->created_at, machine.clock->NowMicros());
}

bool Session::Lock() {
  if (!config.config->is_locking()) {
    findings.Warn("state_lock_disabled", "state.lock",
                  "state.lock is false: 'cluster " + operation_ +
                      "' runs without the lock, and only the ledger's compare-and-swap keeps two "
                      "runs apart");
    return true;
  }
  const LockRecord record{machine.ulids->Next(), operation_, machine.Now(), machine.pid};
  const Result<store::ObjectVersion> acquired = AcquireLock(storage->objects(), record);
  LockReading reading;
  if (!acquired.ok()) reading = ReadLock(storage->objects());
  // A write whose answer was lost is settled by looking: our id is there, or it is not.
  const bool is_ours = reading.record && reading.record->lock_id == record.lock_id;
  if (acquired.ok() || is_ours) {
    is_holding_lock_ = true;
    state.lock_acquired = true;
    state.acquired_lock_id = record.lock_id;
    return !FailsAt("cluster_lock.after_acquire");
  }
  if (acquired.status().code() != ErrorCode::kAlreadyExists) {
    findings.Error("state_lock_error", std::string(kLockKey),
                   "cannot take the lock: " + std::string(acquired.status().message()));
    return false;
  }
  if (reading.problem == LockProblem::kAbsent) {
    findings.Error("state_lock_held", std::string(kLockKey),
                   "another command held the lock until a moment ago; run the command again");
    return false;
  }
  ShowLock(reading);
  std::string message = "another command holds the lock";
  if (reading.record) {
    message += " (lock id " + reading.record->lock_id + ", " + reading.record->operation +
               " since " + reading.record->created_at + ", pid " +
               std::to_string(reading.record->pid) +
               "); wait for it, or if its process is gone run: omnigraph cluster force-unlock " +
               reading.record->lock_id + " --config " + folder.directory();
  } else {
    message += ", and its record cannot be read: " + reading.message +
               "; no command writes such a record: if none is at work, inspect the object and "
               "remove it by hand";
  }
  findings.Error("state_lock_held", std::string(kLockKey), std::move(message));
  return false;
}

void Session::Unlock() {
  if (!is_holding_lock_) return;
  is_holding_lock_ = false;
  const Status released = ReleaseLock(storage->objects(), *state.acquired_lock_id);
  if (released.ok()) return;
  findings.Error("state_lock_error", std::string(kLockKey),
                 "cannot remove the lock " + *state.acquired_lock_id + ": " +
                     std::string(released.message()) + "; run: omnigraph cluster force-unlock " +
                     *state.acquired_lock_id);
}

void Session::ShowLedger(const Ledger& ledger, const std::string& cas) {
  state.state_found = true;
  state.state_cas = cas;
  state.applied_config_digest = ledger.config_digest;
  state.state_revision = ledger.state_revision;
  state.resource_count = ledger.resources.size();
}

bool Session::ReadStoredLedger() {
  stored = ReadLedger(storage->objects());
  const std::string key(kLedgerKey);
  if (stored.is_found()) ShowLedger(stored.ledger, stored.cas);
  switch (stored.state) {
    case StoredLedger::State::kAbsent:
    case StoredLedger::State::kValid:
      return true;
    case StoredLedger::State::kInvalid:
      findings.Error("invalid_state_json", key,
                     "the ledger cannot be used: " + stored.problem +
                         "; restore it from a backup, or let 'cluster import' set it aside and "
                         "rebuild it");
      return false;
    case StoredLedger::State::kOtherVersion:
      findings.Error("unsupported_state_version", "state.version",
                     "the ledger was written by another version of the program: " + stored.problem);
      return false;
    case StoredLedger::State::kUnreadable:
      findings.Error("state_read_error", key, "cannot read the ledger: " + stored.problem);
      return false;
  }
  return false;
}

bool Session::RequireLedger() {
  if (!ReadStoredLedger()) return false;
  if (stored.state == StoredLedger::State::kValid) return true;
  findings.Error("state_missing", std::string(kLedgerKey),
                 "there is no ledger yet; run 'cluster import' once to create it");
  return false;
}

Result<std::string> Session::ReadSource(const std::string& address) const {
  const DesiredResource& wanted = config.desired.resources.at(address);
  if (!config.desired.is_archived) {
    OG_ASSIGN_OR_RETURN(SourceFile file, folder.Read(wanted.declared_path, kSourceFileBytesMax));
    return std::move(file.bytes);
  }
  const Address parts = ParseAddress(address);
  if (parts.kind == ResourceKind::kSchema) {
    const auto text = config.desired.schema_texts.find(std::string(parts.graph));
    if (text != config.desired.schema_texts.end()) return text->second;
    return Status::Error(ErrorCode::kNotFound, "the history does not hold this schema");
  }
  PayloadReading payload = ReadPayload(storage->objects(), address, wanted.digest);
  if (payload.state == PayloadReading::State::kIntact) return std::move(payload.bytes);
  return Status::Error(ErrorCode::kNotFound,
                       "the catalog does not hold this content" +
                           (payload.message.empty() ? "" : ": " + payload.message));
}

bool Session::IsStopping() {
  if (machine.stop_signal == nullptr || machine.stop_signal->load() == 0) return false;
  if (!is_stop_reported_) {
    is_stop_reported_ = true;
    findings.Error("interrupted", "cluster." + operation_,
                   "stopped by signal " + std::to_string(machine.stop_signal->load()) +
                       " between two steps; run the command again to go on");
  }
  return true;
}

bool Session::FailsAt(std::string_view point) {
  if (!machine.failpoint) return false;
  const Status armed = machine.failpoint(point);
  if (armed.ok()) return false;
  findings.Error("injected_failpoint", std::string(point), std::string(armed.message()));
  return true;
}

}  // namespace omnigraph::cluster
