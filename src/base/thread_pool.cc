// Implements base/thread_pool.h.

#include "base/thread_pool.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

namespace omnigraph {

ThreadPool::ThreadPool(std::string name, std::size_t threads_count) {
  name.resize(std::min<std::size_t>(name.size(), 15));
  for (std::size_t i = 0; i < std::max<std::size_t>(threads_count, 1); ++i) {
    threads_.emplace_back([this] { Work(); });
    pthread_setname_np(threads_.back().native_handle(), name.c_str());
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
  }
  wakes_.notify_all();
  for (std::thread& thread : threads_)
    thread.join();
}

void ThreadPool::Submit(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(task));
  }
  wakes_.notify_one();
}

void ThreadPool::Work() {
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      wakes_.wait(lock, [this] { return is_closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

void ParallelFor(ThreadPool& pool, std::size_t count,
                 const std::function<void(std::size_t)>& body) {
  if (count == 0) return;
  if (count == 1) return body(0);

  // Shared with the tasks, which may start after the caller has done everything itself.
  struct Progress {
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::condition_variable all_done;
    std::size_t done = 0;  // Guarded by mutex.
  };
  const auto progress = std::make_shared<Progress>();
  // `body` is only touched for an index below `count`, and then the caller is still waiting.
  const auto work = [progress, count, &body] {
    for (;;) {
      const std::size_t i = progress->next.fetch_add(1);
      if (i >= count) return;
      body(i);
      const std::lock_guard lock(progress->mutex);
      if (++progress->done == count) progress->all_done.notify_all();
    }
  };
  const std::size_t hands = std::min(count - 1, pool.threads_count());
  for (std::size_t i = 0; i < hands; ++i)
    pool.Submit(work);
  work();
  std::unique_lock lock(progress->mutex);
  progress->all_done.wait(lock, [&] { return progress->done == count; });
}

std::size_t ProcessorsCount() {
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace omnigraph
