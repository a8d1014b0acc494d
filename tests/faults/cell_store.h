// The same prepared objects again and again, each time under a new plan of faults.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/faulty_store.h"
#include "store/memory_store.h"
#include "store/test_directory.h"

namespace omnigraph::faults {

/// A store on a folder that never waits for the disk and trims its refs after a few commits, so
/// that tests are quick and trimming is among what they see.
std::shared_ptr<store::ObjectStore> OpenFolder(const std::string& path);

enum class StoreKind : unsigned char { kMemory, kFolder };

/// Where a scenario is prepared.
class PreparedStore {
 public:
  explicit PreparedStore(StoreKind kind);
  const std::shared_ptr<store::ObjectStore>& objects() const { return objects_; }

  /// A copy that nobody has used yet. Folders last as long as this lives, and one at a time.
  std::shared_ptr<store::FaultyStore> Copy();

 private:
  const StoreKind kind_;
  store::TestDirectory directory_;
  std::optional<store::TestDirectory> copy_;
  std::shared_ptr<store::MemoryStore> memory_;
  std::shared_ptr<store::ObjectStore> objects_;
};

}  // namespace omnigraph::faults
