// The only place where threads are made: named, owned, joined.

#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace omnigraph {

/// Runs tasks on a fixed number of threads, first in first out. The destructor runs what is queued
/// and joins. Tasks must not throw.
class ThreadPool {
 public:
  /// `name` (at most 15 bytes) shows in debuggers.
  ThreadPool(std::string name, std::size_t threads_count);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void Submit(std::function<void()> task);
  std::size_t threads_count() const { return threads_.size(); }

 private:
  void Work();

  std::mutex mutex_;
  std::condition_variable wakes_;
  std::deque<std::function<void()>> queue_;  // Guarded by mutex_.
  bool is_closing_ = false;                  // Guarded by mutex_.
  std::vector<std::thread> threads_;
};

/// Runs `body(i)` for 0 <= i < count on the pool and the calling thread, and returns when all are
/// done. Safe to call from a task of the same pool: the caller takes part, so it cannot starve.
void ParallelFor(ThreadPool& pool, std::size_t count, const std::function<void(std::size_t)>& body);

/// The processors this process may use, at least 1.
std::size_t ProcessorsCount();

}  // namespace omnigraph
