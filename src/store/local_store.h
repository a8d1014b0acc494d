// Objects as files of a directory tree; the key is the relative path.
//
// Immutable objects and states are plain files: written under a temporary name in their folder,
// synced, renamed. Refs (`IsRefKey`) are files of recent values (store/ref_file.h) to which a swap
// appends one record under an advisory lock on the file: one fdatasync. A lock dies with its
// process and carries no state. Network file systems without working locks are not supported.

#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>

#include "store/file_operations.h"
#include "store/object_store.h"

struct stat;

namespace omnigraph::store {

struct RefRecord;

struct LocalStoreOptions {
  /// The system calls; null means the real ones. Outlives the store.
  FileOperations* files = nullptr;
  /// A ref's file beyond this size makes swaps ask for `TrimRecent`.
  std::uint64_t ref_file_size_bytes_max = std::uint64_t{4} << 20;
  /// Whether `MapReadOnly` maps files instead of reading them (store/mapped_file.h).
  bool maps_files = true;
};

/// How many refs a store remembers, each by one open file.
inline constexpr std::size_t kKnownRefsMax = 64;

/// Largest value of a ref.
inline constexpr std::uint64_t kRefSizeBytesMax = std::uint64_t{256} << 20;

class LocalStore final : public ObjectStore {
 public:
  /// `root` is an absolute, folded path (`ParseStorageUri`). It need not exist yet.
  explicit LocalStore(std::string root, LocalStoreOptions options = {});
  ~LocalStore() override;

  std::string Describe() const override { return root_; }
  Result<Object> Read(std::string_view key, std::uint64_t size_bytes_max) override;
  Result<std::string> ReadRange(std::string_view key, std::uint64_t offset,
                                std::uint64_t size_bytes) override;
  Result<std::shared_ptr<const MappedBytes>> MapReadOnly(std::string_view key) override;
  Result<ObjectVersion> ReadVersion(std::string_view key) override;
  Result<ObjectInfo> Stat(std::string_view key) override;
  Result<std::vector<Object>> ReadRecent(std::string_view key) override;
  bool KeepsRecentValues() const override { return true; }
  Result<std::vector<std::string>> List(std::string_view prefix, std::string_view after,
                                        std::uint32_t count_max) override;

  Status PutImmutable(std::string_view key, std::string_view bytes,
                      Durability durability = Durability::kBeforeNextSwap) override;
  Status PutImmutableUnderNames(std::span<const std::string> keys, std::string_view bytes) override;
  Result<std::unique_ptr<ObjectWriter>> OpenWriter(std::string_view key) override;
  Status Sync(std::span<const std::string> keys) override;

  Result<ObjectVersion> Create(std::string_view key, std::string_view bytes) override;
  Result<SwapOutcome> CompareAndSwap(std::string_view key, std::string_view bytes,
                                     const ObjectVersion& expected) override;
  Result<SwapOutcome> DeleteIf(std::string_view key, const ObjectVersion& expected) override;
  Status TrimRecent(std::string_view key, const ObjectVersion& oldest_kept) override;

  std::unique_ptr<Turn> TakeTurn(std::string_view at, std::string_view name) override;
  bool IsTurnTaken(std::string_view at, std::string_view name) override;

  Status Delete(std::string_view key) override;
  Status DeletePrefix(std::string_view prefix) override;
  Result<std::uint64_t> RemoveAbandoned() override;

 private:
  class File;       // An open file that closes itself.
  class Temporary;  // A file that vanishes unless it is renamed.
  class Writer;
  class LockedRange;
  struct RefValue;  // The last record of a ref's file with what is needed to append to it.
  struct KnownRef;  // The same, remembered without its payload.

  std::string PathOf(std::string_view key) const;
  Result<std::string> CheckedPath(std::string_view key) const;
  Status Failed(std::string_view attempted, std::string_view key, int error) const;
  /// `Failed`, but never kNotFound.
  Status WriteFailed(std::string_view attempted, std::string_view key, int error) const;

  // Reading.
  Result<File> OpenForReading(std::string_view key);
  Result<std::string> ReadWhole(File& file, std::string_view key, std::uint64_t size_bytes_max);
  Status ReadExactly(File& file, std::string_view key, std::uint64_t offset, char* bytes,
                     std::size_t size_bytes);

  // Writing files.
  Status WriteFully(File& file, std::string_view key, std::uint64_t offset, std::string_view bytes);
  std::string NextTemporaryPath(const std::string& folder);
  Result<Temporary> OpenTemporary(std::string_view key, unsigned mode);
  Result<Temporary> WriteTemporary(std::string_view key, std::string_view bytes, unsigned mode);
  Result<bool> HoldsBytes(std::string_view key, std::string_view bytes, Durability durability);
  Status Place(Temporary temporary, std::string_view key, Durability durability);
  int LinkInPlace(const Temporary& temporary, const std::string& path);

  // Conditional changes, under the lock of the file.
  Result<File> OpenLocked(std::string_view key);
  Result<SwapOutcome> SwapPlain(File& file, std::string_view key, std::string_view bytes,
                                const ObjectVersion& expected);
  Result<SwapOutcome> AppendToRef(File& file, std::string_view key, std::string_view bytes,
                                  const ObjectVersion& expected);

  // Files of refs.
  Result<RefValue> ReadRef(File& file, std::string_view key);
  Result<std::string> ReadAvailable(File& file, std::string_view key, std::uint64_t offset,
                                    std::uint64_t size_bytes);
  Result<std::string> ReadAll(File& file, std::string_view key);
  Status HoldsNoValue(std::string_view key) const;
  Result<std::vector<RefRecord>> RecordsBackTo(File& file, std::string_view key,
                                               const ObjectVersion& oldest, std::string* bytes);
  Status RewriteRef(std::string_view key, std::span<const RefRecord> records);

  // What refs held when they were last seen, so that "nothing has changed" needs no payload.
  std::shared_ptr<const KnownRef> FindKnown(std::string_view key);
  void Remember(std::string_view key, std::shared_ptr<File> file, const RefValue& value);
  void Forget(std::string_view key);
  /// Whether a file of that identity and size still ends with the record that `known` tells of.
  bool EndsAsKnown(const KnownRef& known, const struct stat& info);
  void RememberAppended(std::string_view key, const RefValue& before, std::string_view record,
                        const ObjectVersion& version);
  Result<RefValue> ReadRefToAppend(File& file, std::string_view key, const ObjectVersion& expected);

  // Folders that hold new names.
  void AddUnsynced(std::string_view path);
  Status SyncFolders();
  Status SyncFolder(const std::string& folder);
  Status SyncEverything();
  Status MakeFolders(const std::string& path);
  Status RemoveTree(const std::string& folder);

  const std::string root_;
  FileOperations& files_;
  const std::uint64_t ref_file_size_bytes_max_;
  const bool maps_files_;
  std::atomic<std::uint64_t> next_temporary_{0};

  std::mutex sync_mutex_;  // Held while folders are synced: later swaps wait for it.
  std::mutex folders_mutex_;
  std::set<std::string> unsynced_;        // Guarded by folders_mutex_.
  std::set<std::string> known_;           // Folders whose own names are durable; same guard.
  std::atomic<bool> is_unsynced_{false};  // Whether anything waits or is being synced.

  std::mutex known_mutex_;
  // By key, at most kKnownRefsMax. Guarded by known_mutex_.
  std::map<std::string, std::shared_ptr<const KnownRef>, std::less<>> known_refs_;
};

}  // namespace omnigraph::store
