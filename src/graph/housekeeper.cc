// Implements graph/housekeeper.h.

#include "graph/housekeeper.h"

#include <utility>

namespace omnigraph::graph {

void Housekeeper::Submit(const std::string& name, std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  if (!unfinished_.insert(name).second) return;
  if (!threads_) threads_ = std::make_unique<ThreadPool>("og-tidy", 2);
  threads_->Submit([this, name, work = std::move(task)] {
    work();
    const std::lock_guard finished(mutex_);
    unfinished_.erase(name);
    changed_.notify_all();
  });
}

void Housekeeper::WaitFor(const std::string& name) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !unfinished_.contains(name); });
}

void Housekeeper::WaitUntilIdle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return unfinished_.empty(); });
}

}  // namespace omnigraph::graph
