// A sparse array that is cheap to copy and to change a little: a copy shares all pages, and a
// change copies one page and the small group of page pointers above it.

#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace omnigraph::table {

/// Elements that were never set are `T{}`. Copies are independent. Like a standard container it may
/// be read by many threads, or changed by one.
///
/// Costs: `Get` three loads; `Set` at most a copy of 2^kPageBits elements and 256 pointers; a copy
/// one pointer per 256 pages.
template <typename T, unsigned kPageBits>
class PagedArray {
 public:
  static constexpr std::size_t kPageSize = std::size_t{1} << kPageBits;
  using Page = std::array<T, kPageSize>;

  bool empty() const { return groups_.empty(); }

  T Get(std::size_t index) const {
    const Page* page = FindPage(index >> kPageBits);
    return page == nullptr ? T{} : (*page)[index & (kPageSize - 1)];
  }

  /// The page that holds elements from `page_index * kPageSize` on, or null when none is set.
  const Page* FindPage(std::size_t page_index) const {
    const std::size_t group = page_index / kGroupSize;
    if (group >= groups_.size() || !groups_[group]) return nullptr;
    return (*groups_[group])[page_index % kGroupSize].get();
  }

  /// A reference to set; the array must not be copied while it is used.
  T& Mutable(std::size_t index) {
    const std::size_t page_index = index >> kPageBits;
    const std::size_t group_index = page_index / kGroupSize;
    if (group_index >= groups_.size()) groups_.resize(group_index + 1);
    std::shared_ptr<Group>& group = groups_[group_index];
    if (!group) {
      group = std::make_shared<Group>();
    } else if (group.use_count() > 1) {
      group = std::make_shared<Group>(*group);
    }
    std::shared_ptr<Page>& page = (*group)[page_index % kGroupSize];
    if (!page) {
      page = std::make_shared<Page>();
    } else if (page.use_count() > 1) {
      page = std::make_shared<Page>(*page);
    }
    return (*page)[index & (kPageSize - 1)];
  }

  void Set(std::size_t index, T value) { Mutable(index) = std::move(value); }

 private:
  static constexpr std::size_t kGroupSize = 256;
  using Group = std::array<std::shared_ptr<Page>, kGroupSize>;
  std::vector<std::shared_ptr<Group>> groups_;
};

}  // namespace omnigraph::table
