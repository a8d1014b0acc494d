// Objects as files of a directory tree: turns, which are locks on ranges of an open file.

#include "base/hash.h"
#include "store/local_file.h"
#include "store/local_store.h"

namespace omnigraph::store {

namespace {

// One byte for each name, far behind the end of any object. Two names of one byte only wait for
// each other without need.
std::uint64_t OffsetOf(std::string_view name) {
  constexpr std::uint64_t kFirst = std::uint64_t{1} << 62;
  return kFirst | (Checksum64(name) >> 2);
}

}  // namespace

class LocalStore::LockedRange final : public Turn {
 public:
  explicit LockedRange(File file) : file_(std::move(file)) {}

 private:
  const File file_;  // Closing it releases the lock, as does the end of the process.
};

std::unique_ptr<Turn> LocalStore::TakeTurn(std::string_view at, std::string_view name) {
  const Result<std::string> path = CheckedPath(at);
  if (!path.ok()) return nullptr;
  const int opened = files_.Open(path->c_str(), O_RDWR, 0);
  if (opened < 0) return nullptr;
  File file(opened);
  if (files_.TryLockByte(opened, OffsetOf(name)) < 0) return nullptr;
  return std::make_unique<LockedRange>(std::move(file));
}

bool LocalStore::IsTurnTaken(std::string_view at, std::string_view name) {
  const Result<std::string> path = CheckedPath(at);
  if (!path.ok()) return false;
  const int opened = files_.Open(path->c_str(), O_RDONLY, 0);
  if (opened < 0) return false;
  const File file(opened);
  return files_.IsByteLocked(opened, OffsetOf(name)) > 0;
}

}  // namespace omnigraph::store
