// Tests of the memory for idempotency keys: nothing is forgotten too early, and it stays cheap.

#include "history/receipts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "store/memory_store.h"

namespace omnigraph::history {
namespace {

using ::testing::HasSubstr;

std::string KeyOf(int number) {
  return ReceiptDigest({"key", std::to_string(number)});
}

std::string CommitOf(int number) {
  std::string id = std::to_string(number);
  return std::string(26 - id.size(), '0') + id;
}

// The objects under `receipts/` and their bytes.
std::pair<int, std::uint64_t> Stored(store::ObjectStore& store) {
  std::pair<int, std::uint64_t> stored;
  EXPECT_TRUE(store::ForEachKey(store, "receipts/", [&](const std::string& key) {
                ++stored.first;
                stored.second += store.Stat(key)->size_bytes;
                return Status::Ok();
              }).ok());
  return stored;
}

class ReceiptsTest : public ::testing::Test {
 protected:
  void Add(int first, int count, std::int64_t now_micros = 1) {
    for (int i = first; i < first + count; ++i)
      ASSERT_TRUE(book_.Add(&index_, KeyOf(i), CommitOf(i), now_micros).ok());
  }

  std::shared_ptr<store::ObjectStore> store_ = std::make_shared<store::MemoryStore>();
  ReceiptBook book_{store_};
  format::ReceiptIndex index_;
};

TEST_F(ReceiptsTest, EveryKeyIsFoundWhateverPageItIsIn) {
  for (int i = 0; i < 5000; ++i) {
    Add(i, 1);
    if (i % 97 != 0) continue;
    ReceiptBook other_process(store_);
    for (int at = 0; at <= i; at += 61) {
      const auto found = other_process.Find(index_, KeyOf(at));
      ASSERT_TRUE(found.ok()) << found.status().message();
      ASSERT_EQ(*found, CommitOf(at)) << at << " of " << i;
    }
    EXPECT_EQ(*other_process.Find(index_, KeyOf(i + 1)), std::nullopt);
  }
}

TEST_F(ReceiptsTest, ARefHoldsFewEntriesAndTheWritesPerKeyAreFlat) {
  Add(0, 20'000);
  EXPECT_LE(index_.recent.size(), kReceiptRecentMax);
  EXPECT_LE(index_.pages.size(), 5 * (kReceiptFanIn - 1));
  const auto [objects, bytes] = Stored(*store_);
  // One object for every 32 keys, and each entry once per size of page: 60 bytes, four sizes.
  EXPECT_EQ(objects, static_cast<int>((20'000 - index_.recent.size()) / kReceiptRecentMax));
  EXPECT_LE(bytes, 20'000u * 60 * 4);
}

TEST_F(ReceiptsTest, PagesGoOnceTheyAreOldAndNotBefore) {
  Add(0, 32, 1);
  Add(32, 1, 1);
  ASSERT_EQ(index_.pages.size(), 1u);
  Add(33, 31, kReceiptAgeMicrosMax);
  Add(64, 1, kReceiptAgeMicrosMax);
  EXPECT_EQ(*book_.Find(index_, KeyOf(0)), CommitOf(0));
  Add(65, 32, kReceiptAgeMicrosMax + 2);
  EXPECT_EQ(*book_.Find(index_, KeyOf(0)), std::nullopt);
  EXPECT_EQ(*book_.Find(index_, KeyOf(40)), CommitOf(40));
}

TEST_F(ReceiptsTest, ADamagedPageIsAnErrorThatNamesItAndNeverANewKey) {
  Add(0, 33);
  const std::string key = format::ReceiptPageKey(index_.pages.front().digest);
  ASSERT_TRUE(store_->Delete(key).ok());
  const auto lost = ReceiptBook(store_).Find(index_, KeyOf(5));
  ASSERT_FALSE(lost.ok());
  EXPECT_THAT(std::string(lost.status().message()), HasSubstr(key));
  ASSERT_TRUE(store_->Create(key, "something else").ok());
  const auto damaged = ReceiptBook(store_).Find(index_, KeyOf(5));
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.status().code(), ErrorCode::kCorruption);
  EXPECT_THAT(std::string(damaged.status().message()), HasSubstr(key));
}

TEST_F(ReceiptsTest, DigestsTellPiecesApart) {
  EXPECT_NE(ReceiptDigest({"ab", "c"}), ReceiptDigest({"a", "bc"}));
  EXPECT_NE(ReceiptDigest({"ab"}), ReceiptDigest({"ab", ""}));
  EXPECT_EQ(ReceiptDigest({"ab"}).size(), 32u);
}

}  // namespace
}  // namespace omnigraph::history
