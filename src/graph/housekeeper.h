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

/// Two threads, made when they are first needed, so that the small task does not wait for the large
/// one. Thread-safe. The destructor runs what waits and joins, so that a process that writes once
/// and ends does its share.
class Housekeeper {
 public:
  /// Runs `task` some time, unless one of this name waits or runs already; whoever still needs it
  /// later asks again. So there are no more tasks than names. Must not throw.
  void Submit(const std::string& name, std::function<void()> task);

  /// Returns when no task of that name waits or runs: for who gets too far ahead of it.
  void WaitFor(const std::string& name);

  /// Returns when nothing waits or runs.
  void WaitUntilIdle();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> unfinished_;     // Names. Guarded by mutex_.
  std::unique_ptr<ThreadPool> threads_;  // Made under mutex_. Last: its tasks use the rest.
};

}  // namespace omnigraph::graph
