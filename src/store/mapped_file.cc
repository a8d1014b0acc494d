// Implements store/mapped_file.h.

#include "store/mapped_file.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

namespace omnigraph::store {
namespace {

// Mutual exclusion that a signal handler may take part in. A thread that holds it touches no mapped
// file, so the handler never waits for its own thread.
class SpinLock {
 public:
  void lock() {
    while (flag_.test_and_set(std::memory_order_acquire)) {
    }
  }
  void unlock() { flag_.clear(std::memory_order_release); }

 private:
  std::atomic_flag flag_ = ATOMIC_FLAG_INIT;
};

struct Mappings {
  SpinLock lock;
  std::map<std::uintptr_t, const MappedFile*> by_begin;  // Guarded by lock.
  struct sigaction previous = {};
};

// Lives for ever: mappings may be released while the process ends.
Mappings& AllMappings() {
  static Mappings& mappings = *std::make_unique<Mappings>().release();
  return mappings;
}

const MappedFile* FindMapping(std::uintptr_t address) {
  Mappings& mappings = AllMappings();
  const std::lock_guard lock(mappings.lock);
  auto at = mappings.by_begin.upper_bound(address);
  if (at == mappings.by_begin.begin()) return nullptr;
  --at;
  return address < at->first + at->second->size() ? at->second : nullptr;
}

void OnBusError(int, siginfo_t* info, void*) {
  const MappedFile* const file = FindMapping(reinterpret_cast<std::uintptr_t>(info->si_addr));
  if (file == nullptr) {
    // Not ours: as if we had not been here. The signal comes again when this returns.
    (void)::sigaction(SIGBUS, &AllMappings().previous, nullptr);
    (void)::raise(SIGBUS);
    return;
  }
  const std::string& message = file->cut_message();
  if (::write(STDERR_FILENO, message.data(), message.size()) < 0) ::_exit(kMappedFileCutExitCode);
  ::_exit(kMappedFileCutExitCode);
}

void InstallHandler() {
  struct sigaction action = {};
  action.sa_sigaction = OnBusError;
  action.sa_flags = SA_SIGINFO;
  (void)::sigemptyset(&action.sa_mask);
  (void)::sigaction(SIGBUS, &action, &AllMappings().previous);
}

}  // namespace

MappedFile::MappedFile(void* address, std::size_t size_bytes, std::string name)
    : cut_message_("Error: object '" + std::move(name) +
                   "' shrank while it was in use: another program has cut its file. Restore it "
                   "from a copy, and let `omnigraph repair` say what else is damaged\n") {
  static std::once_flag once;
  std::call_once(once, InstallHandler);
  data_ = static_cast<const std::byte*>(address);
  size_bytes_ = size_bytes;
  Mappings& mappings = AllMappings();
  const std::lock_guard lock(mappings.lock);
  mappings.by_begin.insert_or_assign(reinterpret_cast<std::uintptr_t>(address), this);
}

MappedFile::~MappedFile() {
  {
    Mappings& mappings = AllMappings();
    const std::lock_guard lock(mappings.lock);
    mappings.by_begin.erase(reinterpret_cast<std::uintptr_t>(data_));
  }
  (void)::munmap(const_cast<std::byte*>(data_), size_bytes_);
}

}  // namespace omnigraph::store
