// Work that follows from what is stored, done behind the replies: filing old heads, moving tails
// into fragments. Nobody waits for it, and nothing is lost if it fails or never runs.

#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/thread_pool.h"

namespace omnigraph::graph {

/// One thread, made when it is first needed. Thread-safe. The destructor runs what waits and joins,
/// so that a process that writes once and ends does its share.
class Housekeeper {
 public:
  /// Runs `task` some time, unless one of this name waits already: that one will see what is there
  /// when it starts. So no more tasks wait than there are names. Must not throw.
  void Submit(const std::string& name, std::function<void()> task);

  /// Returns when nothing waits or runs.
  void WaitUntilIdle();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> waiting_;       // Guarded by mutex_.
  std::size_t unfinished_count_ = 0;    // Guarded by mutex_.
  std::unique_ptr<ThreadPool> thread_;  // Made under mutex_. Last: its tasks use the rest.
};

}  // namespace omnigraph::graph
