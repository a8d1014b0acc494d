// Implements graph/housekeeper.h.

#include "graph/housekeeper.h"

#include <utility>

namespace omnigraph::graph {

void Housekeeper::Submit(const std::string& name, std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  if (!waiting_.insert(name).second) return;
  ++unfinished_count_;
  if (!thread_) thread_ = std::make_unique<ThreadPool>("og-tidy", 1);
  thread_->Submit([this, name, work = std::move(task)] {
    {
      const std::lock_guard started(mutex_);
      waiting_.erase(name);
    }
    work();
    const std::lock_guard finished(mutex_);
    if (--unfinished_count_ == 0) changed_.notify_all();
  });
}

void Housekeeper::WaitUntilIdle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return unfinished_count_ == 0; });
}

}  // namespace omnigraph::graph
