// Stores whole objects under keys and replaces one object atomically.
//
// Everything OmniGraph makes durable goes through this interface: fragments, manifests and old
// commits are immutable objects (`PutImmutable`, `OpenWriter`); a branch or the cluster state moves
// with `CompareAndSwap`. Nothing is modified in place, so a crash leaves at worst objects that
// nothing refers to.
//
// Implementations: `LocalStore` (a directory), `MemoryStore` (tests), `FaultyStore` (wraps either
// and injects failures). Thread safety: every method may be called from any thread at any time, and
// any number of processes may use one store.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace omnigraph::store {

/// Identifies one version of one object. Opaque: compare for equality, never parse or order.
struct ObjectVersion {
  std::string tag;
  friend bool operator==(const ObjectVersion&, const ObjectVersion&) = default;
};

/// An object as it was at some moment.
struct Object {
  std::string bytes;
  ObjectVersion version;
};

struct ObjectInfo {
  std::uint64_t size_bytes = 0;
  /// When the object was written, in microseconds since the Unix epoch, by the store's clock.
  std::int64_t modified_micros = 0;
};

/// The four ways in which a conditional change can end. Nothing else is known to callers, and the
/// last one is never dressed up as a failure.
enum class SwapResult : unsigned char {
  kApplied,  ///< The object is changed, durably.
  kMoved,    ///< Nothing was changed: the object had another version.
  kGone,     ///< Nothing was changed: the object does not exist.
  kUnknown,  ///< The change may have happened, now or later. Read the object to find out.
};

struct SwapOutcome {
  SwapResult result = SwapResult::kUnknown;
  /// The new version, with kApplied of a swap.
  ObjectVersion version;
  /// What the object is instead, with kMoved.
  std::optional<Object> current;
  /// Why nothing is known, with kUnknown.
  Status cause;
  /// With kApplied of a swap: the store keeps more old values than it should. File them elsewhere
  /// and call `TrimRecent`.
  bool wants_trim = false;
};

/// When an immutable object must have reached the disk. Processes see it at once in either case.
enum class Durability : unsigned char {
  /// Before the next `Create`, `CompareAndSwap`, `DeleteIf`, `TrimRecent` or `Sync` on this store
  /// takes effect: what a ref reaches is never less durable than the ref. Folders are synced once
  /// for all objects that wait, which makes this cheaper than the sum.
  kBeforeNextSwap,
  /// When `Sync` names the key, or when the object is put again with the stricter mode. For bytes
  /// that are durable in another place too, such as an old head that its ref still holds: after a
  /// loss of power the object may be missing, short or garbage until then.
  kWhenSynced,
};

/// The bytes of an immutable object, mapped from its file or held in memory. The bytes stay valid
/// as long as this lives, also after the object is deleted.
class MappedBytes {
 public:
  virtual ~MappedBytes() = default;
  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_bytes_; }
  std::string_view view() const { return {reinterpret_cast<const char*>(data_), size_bytes_}; }

 protected:
  MappedBytes() = default;
  MappedBytes(const MappedBytes&) = delete;
  MappedBytes& operator=(const MappedBytes&) = delete;
  const std::byte* data_ = nullptr;
  std::size_t size_bytes_ = 0;
};

/// `MappedBytes` over a string that it owns.
std::shared_ptr<const MappedBytes> MakeMappedBytes(std::string bytes);

/// Writes one large immutable object piece by piece. Nothing is visible before `Finish`; destroying
/// the writer without it leaves nothing behind. Not thread-safe.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  virtual Status Append(std::string_view bytes) = 0;
  /// Makes the object visible and ends the writer, whatever is returned. As `PutImmutable`.
  virtual Status Finish() = 0;
};

/// What `ObjectStore::TakeTurn` gives; destroying it gives the turn back.
class Turn {
 public:
  virtual ~Turn() = default;

 protected:
  Turn() = default;
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// A normalised name for messages: an absolute path, or "memory:".
  virtual std::string Describe() const = 0;

  // ---- Reading -------------------------------------------------------------------------------
  // A key that names no object is kNotFound. kUnavailable: the store failed after retries.

  /// Reads `key` as of some moment between the call and its return.
  ///
  /// Errors: `kResourceExhausted` if the object is larger than `size_bytes_max`, in which case
  /// nothing is read.
  virtual Result<Object> Read(std::string_view key, std::uint64_t size_bytes_max) = 0;

  /// Reads exactly `size_bytes` bytes of an immutable object from `offset` on.
  ///
  /// Errors: `kCorruption` if the object ends before.
  virtual Result<std::string> ReadRange(std::string_view key, std::uint64_t offset,
                                        std::uint64_t size_bytes) = 0;

  /// The whole of an immutable object for use in place. On a directory costs no copy.
  virtual Result<std::shared_ptr<const MappedBytes>> MapReadOnly(std::string_view key) = 0;

  /// The present version of `key`, without its bytes where the store can tell.
  virtual Result<ObjectVersion> ReadVersion(std::string_view key) = 0;

  /// Size of the value of `key` and when it was written.
  virtual Result<ObjectInfo> Stat(std::string_view key) = 0;

  /// The values of a ref (`IsRefKey`) that the store still has, newest first; the first one is the
  /// present value. How far back they reach is the store's affair: after `TrimRecent`, and in
  /// stores that replace objects as a whole, only the present one is there.
  virtual Result<std::vector<Object>> ReadRecent(std::string_view key) = 0;

  /// Whether a replaced value of a ref stays readable by `ReadRecent` until `TrimRecent`. If not,
  /// who replaces a value that is still needed puts it elsewhere first.
  virtual bool KeepsRecentValues() const { return false; }

  /// Lists at most `count_max` keys that start with `prefix` and sort after `after`, ascending by
  /// byte value. An empty result means the end. Maintenance only: no read or commit lists.
  virtual Result<std::vector<std::string>> List(std::string_view prefix, std::string_view after,
                                                std::uint32_t count_max) = 0;

  // ---- Immutable objects ---------------------------------------------------------------------

  /// Writes `bytes` under a `key` that stands for these bytes alone: its name contains their hash
  /// or a fresh ULID. Present equal bytes are fine; present other bytes can only be the remains of
  /// a machine that lost power and are replaced.
  ///
  /// After an error the object may or may not be there; either does no harm.
  virtual Status PutImmutable(std::string_view key, std::string_view bytes,
                              Durability durability = Durability::kBeforeNextSwap) = 0;

  /// Writes the same bytes under several names, at least one, each as by `PutImmutable`. On a
  /// directory the names share one file and one sync.
  virtual Status PutImmutableUnderNames(std::span<const std::string> keys, std::string_view bytes);

  /// `PutImmutable` for bytes that come in pieces.
  virtual Result<std::unique_ptr<ObjectWriter>> OpenWriter(std::string_view key) = 0;

  /// Makes the named objects durable (refs too: what was read may still be on its way to the disk
  /// in another process), and all that wait for the next swap.
  ///
  /// Errors: `kNotFound` if one of the objects does not exist.
  virtual Status Sync(std::span<const std::string> keys) = 0;

  // ---- Mutable objects: refs and states ------------------------------------------------------

  /// Writes `bytes` under a `key` that must not exist yet.
  ///
  /// Durable when it returns OK, together with everything that waited for it. If the reply to the
  /// write is lost, the store is asked who won before anything is reported, so OK and
  /// `kAlreadyExists` are both certain.
  ///
  /// Errors: `kAlreadyExists`, also when the present object is byte-identical; `kUnavailable` when
  /// the outcome could not be determined: then both are possible. Others: nothing was written.
  virtual Result<ObjectVersion> Create(std::string_view key, std::string_view bytes) = 0;

  /// Replaces `key` if its present version equals `expected`. A tail-only commit on a directory
  /// costs one fdatasync; each object that waits adds one or two.
  ///
  /// `bytes` must differ from every earlier content of `key`; refs ensure it by carrying a write
  /// id. Otherwise a version derived from content could repeat, and a writer that slept through
  /// two changes would win.
  ///
  /// Errors: as the `Status` only what certainly changed nothing (no space, no permission, an
  /// invalid key). After kUnknown, and on remote stores after kMoved, only the content tells whose
  /// write is there: ask the history (`history::Publish`).
  virtual Result<SwapOutcome> CompareAndSwap(std::string_view key, std::string_view bytes,
                                             const ObjectVersion& expected) = 0;

  /// Removes `key` if its present version equals `expected`. Durable with kApplied.
  virtual Result<SwapOutcome> DeleteIf(std::string_view key, const ObjectVersion& expected) = 0;

  /// Drops what `ReadRecent` shows of `key` beyond the value of version `oldest_kept`. The caller
  /// has made every older value durable elsewhere, best with `PutImmutable(..., kWhenSynced)` for
  /// each that is missing or damaged there and one `Sync` of them all, which is cheap for many
  /// keys. Naming the value keeps what others have published since `ReadRecent`. No effect if it is
  /// not among the recent ones any more, and in stores that keep none.
  virtual Status TrimRecent(std::string_view key, const ObjectVersion& oldest_kept) = 0;

  // ---- Turns ---------------------------------------------------------------------------------
  // Courtesy between writers, in one process and in several; only swaps decide anything. Who needs
  // long to prepare a swap loses against those who are quick, every time. It takes the turn, and
  // the others wait a little before they begin. A turn ends with the process that has it.

  /// Takes the turn called `name`, which belongs to the object `at`. Null if somebody has it, if
  /// there is no such object, or if the store has no turns.
  virtual std::unique_ptr<Turn> TakeTurn(std::string_view at, std::string_view name);

  /// Whether somebody has that turn; false if nobody can tell.
  virtual bool IsTurnTaken(std::string_view at, std::string_view name);

  // ---- Maintenance ---------------------------------------------------------------------------

  /// Removes an object that nobody needs. Missing is fine. Not made durable: after a loss of power
  /// the object may be back.
  virtual Status Delete(std::string_view key) = 0;

  /// Removes every object whose key starts with `prefix`, which is empty or ends in '/', and the
  /// remains of interrupted writes there. Durable when OK.
  virtual Status DeletePrefix(std::string_view prefix) = 0;

  /// Removes temporary files of writers that died. Returns how many bytes became free.
  virtual Result<std::uint64_t> RemoveAbandoned() { return std::uint64_t{0}; }
};

/// Whether `key` names a ref: one of its folders is called "refs". Refs are small and replaced
/// often, so a directory keeps each as a file of recent values. All other keys are plain files.
bool IsRefKey(std::string_view key);

/// Longest key in bytes, and longest piece of it between slashes.
inline constexpr std::size_t kKeySizeBytesMax = 900;
inline constexpr std::size_t kKeySegmentSizeBytesMax = 240;

/// OK if `key` consists of pieces of `[A-Za-z0-9._%-]` between single slashes, none of which is
/// "." or ".." or starts with ".tmp-"; else kInvalidArgument. Every store checks every key. One
/// object's key must not be a folder of another's.
Status CheckKey(std::string_view key);

/// Calls `visit` for every key under `prefix` in ascending order until it fails.
Status ForEachKey(ObjectStore& store, std::string_view prefix,
                  const std::function<Status(const std::string& key)>& visit);

}  // namespace omnigraph::store
