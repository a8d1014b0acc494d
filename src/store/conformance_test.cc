// What every store must do, over every store.

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "store/faulty_store.h"
#include "store/local_store.h"
#include "store/memory_store.h"
#include "store/object_store.h"
#include "store/test_directory.h"

namespace omnigraph::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t kAny = 1 << 30;

class StoreTest : public ::testing::TestWithParam<std::string> {
 protected:
  StoreTest() {
    if (GetParam() == "memory") store_ = std::make_shared<MemoryStore>();
    if (GetParam() == "local") store_ = std::make_shared<LocalStore>(directory_.path() + "/a/root");
    if (GetParam() == "faulty") {
      store_ = std::make_shared<FaultyStore>(std::make_shared<MemoryStore>());
    }
  }
  ObjectStore& store() { return *store_; }

  std::string Bytes(std::string_view key) {
    Result<Object> object = store_->Read(key, kAny);
    return object.ok() ? object->bytes : std::string(ErrorCodeName(object.status().code()));
  }
  ObjectVersion Created(std::string_view key, std::string_view bytes) {
    Result<ObjectVersion> version = store_->Create(key, bytes);
    EXPECT_TRUE(version.ok()) << version.status().message();
    return version.ok() ? *version : ObjectVersion();
  }

 private:
  TestDirectory directory_;
  std::shared_ptr<ObjectStore> store_;
};

INSTANTIATE_TEST_SUITE_P(AllStores, StoreTest, ::testing::Values("memory", "local", "faulty"),
                         [](const auto& param) { return param.param; });

/// A ref and a plain state: the two kinds of mutable objects.
const char* const kMutableKeys[] = {"refs/main", "__cluster/state.json"};

TEST_P(StoreTest, AnEmptyStoreHasNothing) {
  EXPECT_EQ(Bytes("a"), "NotFound");
  EXPECT_EQ(Bytes("refs/main"), "NotFound");
  EXPECT_EQ(store().ReadRange("a", 0, 1).status().code(), ErrorCode::kNotFound);
  EXPECT_EQ(store().MapReadOnly("a").status().code(), ErrorCode::kNotFound);
  EXPECT_EQ(store().ReadVersion("refs/a").status().code(), ErrorCode::kNotFound);
  EXPECT_EQ(store().Stat("a").status().code(), ErrorCode::kNotFound);
  EXPECT_EQ(store().ReadRecent("refs/a").status().code(), ErrorCode::kNotFound);
  EXPECT_THAT(*store().List("", "", 10), IsEmpty());
  EXPECT_TRUE(store().Delete("a").ok());
  EXPECT_TRUE(store().DeletePrefix("").ok());
  EXPECT_EQ(store().Sync(std::vector<std::string>{"a"}).code(), ErrorCode::kNotFound);
}

TEST_P(StoreTest, AnImmutableObjectIsReadWholeInRangesAndMapped) {
  const std::string bytes("abc\0def", 7);

  ASSERT_TRUE(store().PutImmutable("data/t/1.arrow", bytes).ok());

  EXPECT_EQ(Bytes("data/t/1.arrow"), bytes);
  EXPECT_EQ(*store().ReadRange("data/t/1.arrow", 2, 3), std::string("c\0d", 3));
  EXPECT_EQ(*store().ReadRange("data/t/1.arrow", 7, 0), "");
  EXPECT_EQ(store().ReadRange("data/t/1.arrow", 5, 3).status().code(), ErrorCode::kCorruption);
  EXPECT_EQ(store().ReadRange("data/t/1.arrow", 8, 0).status().code(), ErrorCode::kCorruption);
  const Result<std::shared_ptr<const MappedBytes>> mapped = store().MapReadOnly("data/t/1.arrow");
  ASSERT_TRUE(store().Delete("data/t/1.arrow").ok());
  EXPECT_EQ((*mapped)->view(), bytes);
  EXPECT_EQ(Bytes("data/t/1.arrow"), "NotFound");
}

TEST_P(StoreTest, AnEmptyObjectIsAnObject) {
  ASSERT_TRUE(store().PutImmutable("e", "").ok());
  Created("refs/e", "");

  EXPECT_EQ(Bytes("e"), "");
  EXPECT_EQ(Bytes("refs/e"), "");
  EXPECT_EQ((*store().MapReadOnly("e"))->size(), 0U);
  EXPECT_EQ(store().Stat("e")->size_bytes, 0U);
}

TEST_P(StoreTest, ReadingIsLimitedInclusively) {
  ASSERT_TRUE(store().PutImmutable("a", "12345").ok());
  Created("refs/a", "12345");

  for (const char* key : {"a", "refs/a"}) {
    EXPECT_TRUE(store().Read(key, 5).ok());
    EXPECT_EQ(store().Read(key, 4).status().code(), ErrorCode::kResourceExhausted);
  }
}

TEST_P(StoreTest, PuttingTheSameBytesAgainIsFine) {
  for (const Durability durability : {Durability::kWhenSynced, Durability::kBeforeNextSwap}) {
    ASSERT_TRUE(store().PutImmutable("commits/1", "same", durability).ok());
    ASSERT_TRUE(store().PutImmutable("commits/1", "same", durability).ok());
  }
  EXPECT_EQ(Bytes("commits/1"), "same");
  EXPECT_TRUE(store().Sync(std::vector<std::string>{"commits/1"}).ok());
}

TEST_P(StoreTest, PuttingMendsAnObjectThatLostItsBytes) {
  ASSERT_TRUE(store().PutImmutable("commits/1", "").ok());

  ASSERT_TRUE(store().PutImmutable("commits/1", "whole").ok());

  EXPECT_EQ(Bytes("commits/1"), "whole");
}

TEST_P(StoreTest, AWriterShowsNothingBeforeItFinishes) {
  {
    Result<std::unique_ptr<ObjectWriter>> abandoned = store().OpenWriter("data/abandoned");
    ASSERT_TRUE(abandoned.ok());
    ASSERT_TRUE((*abandoned)->Append("half").ok());
  }
  Result<std::unique_ptr<ObjectWriter>> writer = store().OpenWriter("data/large");
  ASSERT_TRUE(writer.ok());
  const std::string piece(1 << 20, 'x');
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE((*writer)->Append(piece).ok());
  EXPECT_EQ(Bytes("data/large"), "NotFound");

  ASSERT_TRUE((*writer)->Finish().ok());

  EXPECT_EQ(store().Stat("data/large")->size_bytes, piece.size() * 10);
  EXPECT_THAT(*store().List("", "", 10), ElementsAre("data/large"));
}

TEST_P(StoreTest, CreatingTwiceFailsAndChangesNothing) {
  for (const char* key : kMutableKeys) {
    Created(key, "first");

    EXPECT_EQ(store().Create(key, "second").status().code(), ErrorCode::kAlreadyExists);
    EXPECT_EQ(store().Create(key, "first").status().code(), ErrorCode::kAlreadyExists);
    EXPECT_EQ(Bytes(key), "first");
  }
}

TEST_P(StoreTest, ASwapReplacesTheExpectedVersionOnly) {
  for (const char* key : kMutableKeys) {
    const ObjectVersion first = Created(key, "one");
    EXPECT_EQ(*store().ReadVersion(key), first);

    const Result<SwapOutcome> applied = store().CompareAndSwap(key, "two", first);
    ASSERT_TRUE(applied.ok());
    EXPECT_EQ(applied->result, SwapResult::kApplied);
    EXPECT_EQ(applied->version, store().Read(key, kAny)->version);
    EXPECT_EQ(Bytes(key), "two");

    const Result<SwapOutcome> moved = store().CompareAndSwap(key, "three", first);
    ASSERT_TRUE(moved.ok());
    EXPECT_EQ(moved->result, SwapResult::kMoved);
    EXPECT_EQ(moved->current->bytes, "two");
    EXPECT_EQ(moved->current->version, applied->version);
    EXPECT_EQ(Bytes(key), "two");
  }
}

TEST_P(StoreTest, ASwapOfAMissingObjectMakesNone) {
  for (const char* key : kMutableKeys) {
    EXPECT_EQ(store().CompareAndSwap(key, "x", ObjectVersion{"1"})->result, SwapResult::kGone);
    EXPECT_EQ(store().DeleteIf(key, ObjectVersion{"1"})->result, SwapResult::kGone);
    EXPECT_EQ(Bytes(key), "NotFound");
  }
}

TEST_P(StoreTest, DeletingIsConditionalAndTheNameIsFreeAfterwards) {
  for (const char* key : kMutableKeys) {
    const ObjectVersion first = Created(key, "one");
    const ObjectVersion second = store().CompareAndSwap(key, "two", first)->version;

    EXPECT_EQ(store().DeleteIf(key, first)->result, SwapResult::kMoved);
    EXPECT_EQ(store().DeleteIf(key, second)->result, SwapResult::kApplied);
    EXPECT_EQ(Bytes(key), "NotFound");

    const ObjectVersion again = Created(key, "three");
    EXPECT_EQ(store().CompareAndSwap(key, "x", second)->result, SwapResult::kMoved);
    EXPECT_EQ(store().CompareAndSwap(key, "four", again)->result, SwapResult::kApplied);
  }
}

TEST_P(StoreTest, RecentValuesStartWithThePresentOneAndTrimmingKeepsIt) {
  ObjectVersion version = Created("refs/main", "0");
  for (int i = 1; i <= 5; ++i) {
    version = store().CompareAndSwap("refs/main", std::to_string(i), version)->version;
  }

  const Result<std::vector<Object>> recent = store().ReadRecent("refs/main");
  ASSERT_TRUE(recent.ok());
  EXPECT_EQ(recent->front().bytes, "5");
  EXPECT_EQ(recent->front().version, version);
  for (std::size_t i = 0; i < recent->size(); ++i) {
    EXPECT_EQ((*recent)[i].bytes, std::to_string(5 - i));
  }

  const std::size_t kept_count = recent->size() >= 3 ? 3 : recent->size();
  ASSERT_TRUE(store().TrimRecent("refs/main", (*recent)[kept_count - 1].version).ok());
  const Result<std::vector<Object>> kept = store().ReadRecent("refs/main");
  ASSERT_EQ(kept->size(), kept_count);
  for (std::size_t i = 0; i < kept_count; ++i) {
    EXPECT_EQ((*kept)[i].bytes, (*recent)[i].bytes);
    EXPECT_EQ((*kept)[i].version, (*recent)[i].version);
  }
  ASSERT_TRUE(store().TrimRecent("refs/main", recent->back().version).ok()) << "gone already";
  EXPECT_EQ(store().ReadRecent("refs/main")->size(), kept_count);

  ASSERT_TRUE(store().TrimRecent("refs/main", version).ok());
  EXPECT_EQ(store().ReadRecent("refs/main")->size(), 1U);
  EXPECT_EQ(*store().ReadVersion("refs/main"), version);
  EXPECT_EQ(store().CompareAndSwap("refs/main", "6", version)->result, SwapResult::kApplied);
}

TEST_P(StoreTest, ListingIsSortedPagedAndCutToThePrefix) {
  const std::vector<std::string> keys = {"a",  "a.b",  "a0/x", "b/1", "b/2",    "b/c/1",    "b/d",
                                         "b0", "c-/1", "c/1",  "c/2", "d%20/1", "refs/main"};
  for (const std::string& key : keys)
    ASSERT_TRUE(store().PutImmutable(key, key).ok());
  std::vector<std::string> sorted = keys;
  std::sort(sorted.begin(), sorted.end());

  EXPECT_EQ(*store().List("", "", 100), sorted);
  EXPECT_THAT(*store().List("b/", "", 100), ElementsAre("b/1", "b/2", "b/c/1", "b/d"));
  EXPECT_THAT(*store().List("b", "", 100), ElementsAre("b/1", "b/2", "b/c/1", "b/d", "b0"));
  EXPECT_THAT(*store().List("b/", "b/2", 1), ElementsAre("b/c/1"));
  EXPECT_THAT(*store().List("b/", "b/d", 100), IsEmpty());
  EXPECT_THAT(*store().List("nothing", "", 100), IsEmpty());
  std::vector<std::string> paged;
  for (std::string after;;) {
    const std::vector<std::string> page = *store().List("", after, 2);
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    after = page.back();
  }
  EXPECT_EQ(paged, sorted);
  std::vector<std::string> visited;
  ASSERT_TRUE(ForEachKey(store(), "c", [&](const std::string& key) {
                visited.push_back(key);
                return Status::Ok();
              }).ok());
  EXPECT_THAT(visited, ElementsAre("c-/1", "c/1", "c/2"));
}

TEST_P(StoreTest, DeletingAPrefixLeavesTheRest) {
  for (const char* key : {"g/a/1", "g/a/2", "g/b", "ga", "h/1"}) {
    ASSERT_TRUE(store().PutImmutable(key, key).ok());
  }

  EXPECT_EQ(store().DeletePrefix("g").code(), ErrorCode::kInvalidArgument);
  ASSERT_TRUE(store().DeletePrefix("g/").ok());

  EXPECT_THAT(*store().List("", "", 100), ElementsAre("ga", "h/1"));
  ASSERT_TRUE(store().PutImmutable("g/a/1", "back").ok());
  EXPECT_EQ(Bytes("g/a/1"), "back");
}

TEST_P(StoreTest, BadKeysAreRefusedEverywhere) {
  for (const std::string& key :
       {std::string(), std::string("/a"), std::string("a/"), std::string("a//b"), std::string("."),
        std::string("a/../b"), std::string(".."), std::string("a b"), std::string("a\\b"),
        std::string("a\0b", 3), std::string("\xc3\xa4"), std::string("x/.tmp-1"),
        std::string(300, 'a'), std::string(901, 'a')}) {
    EXPECT_EQ(store().Read(key, 1).status().code(), ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(store().PutImmutable(key, "").code(), ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(store().Create(key, "").status().code(), ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(store().OpenWriter(key).status().code(), ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(store().CompareAndSwap(key, "", {}).status().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(store().Delete(key).code(), ErrorCode::kInvalidArgument) << key;
  }
}

TEST_P(StoreTest, OfManyThreadsThatCreateOneWins) {
  std::atomic<int> winners_count{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) {
        const std::string key = "refs/r" + std::to_string(round);
        if (store().Create(key, std::to_string(i)).ok()) ++winners_count;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(winners_count, 20);
}

TEST_P(StoreTest, NoIncrementOfRacingThreadsIsLost) {
  constexpr int kThreadsCount = 4;
  constexpr int kRoundsCount = 50;
  for (const char* key : kMutableKeys) {
    Created(key, "0");
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreadsCount; ++i) {
      threads.emplace_back([&] {
        Object head = *store().Read(key, kAny);
        for (int done = 0; done < kRoundsCount;) {
          const std::string next = std::to_string(std::stoi(head.bytes) + 1);
          Result<SwapOutcome> outcome = store().CompareAndSwap(key, next, head.version);
          ASSERT_TRUE(outcome.ok()) << outcome.status().message();
          if (outcome->result == SwapResult::kApplied) {
            ++done;
            head = {next, outcome->version};
          } else {
            ASSERT_EQ(outcome->result, SwapResult::kMoved);
            head = *outcome->current;
          }
        }
      });
    }
    for (std::thread& thread : threads)
      thread.join();
    EXPECT_EQ(Bytes(key), std::to_string(kThreadsCount * kRoundsCount));
  }
}

TEST_P(StoreTest, ReadersNeverSeeAValueGoBackWhileTheRefIsSwappedAndTrimmed) {
  ObjectVersion version = Created("refs/main", "0");
  std::atomic<bool> is_done{false};
  std::thread reader([&] {
    int last = 0;
    while (!is_done) {
      const int seen = std::stoi(store().Read("refs/main", kAny)->bytes);
      ASSERT_GE(seen, last);
      last = seen;
    }
  });
  for (int i = 1; i <= 300; ++i) {
    version = store().CompareAndSwap("refs/main", std::to_string(i), version)->version;
    if (i % 20 != 0) continue;
    ASSERT_TRUE(store().TrimRecent("refs/main", version).ok());
  }
  is_done = true;
  reader.join();
  EXPECT_EQ(Bytes("refs/main"), "300");
}

}  // namespace
}  // namespace omnigraph::store
