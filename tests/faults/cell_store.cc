// Implements cell_store.h.

#include "cell_store.h"

#include <filesystem>

#include "store/local_store.h"

namespace omnigraph::faults {
namespace {

constexpr std::uint64_t kSmallRefFileBytes = 4096;

// What is durable is no question where no power is cut.
class UnsyncedFiles final : public store::FileOperations {
 public:
  int SyncFile(int) override { return 0; }
  int SyncData(int) override { return 0; }
  int SyncDirectory(int) override { return 0; }
  int SyncFileSystem(int) override { return 0; }
};

}  // namespace

std::shared_ptr<store::ObjectStore> OpenFolder(const std::string& path) {
  static UnsyncedFiles files;
  store::LocalStoreOptions options;
  options.files = &files;
  options.ref_file_size_bytes_max = kSmallRefFileBytes;
  return std::make_shared<store::LocalStore>(path, options);
}

PreparedStore::PreparedStore(StoreKind kind) : kind_(kind) {
  if (kind == StoreKind::kMemory) {
    memory_ = std::make_shared<store::MemoryStore>();
    objects_ = memory_;
  } else {
    objects_ = OpenFolder(directory_.path());
  }
}

std::shared_ptr<store::FaultyStore> PreparedStore::Copy() {
  if (kind_ == StoreKind::kMemory) return std::make_shared<store::FaultyStore>(memory_->Clone());
  copy_.emplace();
  std::filesystem::copy(
      directory_.path(), copy_->path(),
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  return std::make_shared<store::FaultyStore>(OpenFolder(copy_->path()));
}

}  // namespace omnigraph::faults
