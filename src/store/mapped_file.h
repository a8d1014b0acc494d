// A file mapped for reading. A mapping ends where its file ends: if another program cuts the file,
// the next touch of what is gone is the signal SIGBUS. It ends the process with an error that names
// the object, instead of a crash that names nothing; nothing is lost by that, since no state of the
// process matters to what is stored. `OG_MMAP=0` reads files into memory instead.

#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "store/object_store.h"

namespace omnigraph::store {

/// Exit code of a process whose mapped file was cut.
inline constexpr int kMappedFileCutExitCode = 1;

class MappedFile final : public MappedBytes {
 public:
  /// Takes over a mapping of `size_bytes` > 0 at `address`. `name` is what messages call it.
  MappedFile(void* address, std::size_t size_bytes, std::string name);
  ~MappedFile() override;

  /// What is written when the process touches a part that is gone.
  const std::string& cut_message() const { return cut_message_; }

 private:
  const std::string cut_message_;  // Ready, since a signal handler must not allocate.
};

}  // namespace omnigraph::store
