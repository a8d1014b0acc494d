// Tests of the store that fails on plan.

#include "store/faulty_store.h"

#include <gmock/gmock.h>

#include "store/memory_store.h"

namespace omnigraph::store {
namespace {

constexpr std::uint64_t kAny = 1 << 20;

class FaultyStoreTest : public ::testing::Test {
 protected:
  FaultyStoreTest() { first_ = *store_.Create("refs/main", "one"); }

  /// Swaps under `fault` and tells what the caller learns and what the store then holds.
  std::pair<Result<SwapOutcome>, std::string> SwapUnder(Fault fault) {
    store_.SetPlan({{0, fault}});
    Result<SwapOutcome> outcome = store_.CompareAndSwap("refs/main", "two", first_);
    return {std::move(outcome), inner_->Read("refs/main", kAny)->bytes};
  }

  std::shared_ptr<MemoryStore> inner_ = std::make_shared<MemoryStore>();
  FaultyStore store_{inner_};
  ObjectVersion first_;
};

TEST_F(FaultyStoreTest, ARefusedEffectIsACertainError) {
  const auto [outcome, bytes] = SwapUnder(Fault::kRefused);
  EXPECT_EQ(outcome.status().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(bytes, "one");
}

TEST_F(FaultyStoreTest, ALostRequestAndALostReplyLookAlike) {
  const auto [request, before] = SwapUnder(Fault::kLostRequest);
  EXPECT_EQ(request->result, SwapResult::kUnknown);
  EXPECT_EQ(before, "one");
  const auto [reply, after] = SwapUnder(Fault::kLostReply);
  EXPECT_EQ(reply->result, SwapResult::kUnknown);
  EXPECT_EQ(after, "two");
}

TEST_F(FaultyStoreTest, ADelayedEffectHappensBeforeTheNextOne) {
  const auto [outcome, bytes] = SwapUnder(Fault::kDelayed);
  EXPECT_EQ(outcome->result, SwapResult::kUnknown);
  EXPECT_EQ(bytes, "one");
  ASSERT_TRUE(store_.PutImmutable("x", "y").ok());
  EXPECT_EQ(inner_->Read("refs/main", kAny)->bytes, "two");
}

TEST_F(FaultyStoreTest, NothingWorksAfterACrashUntilTheNextProcess) {
  for (const Fault fault : {Fault::kCrashBefore, Fault::kCrashAfter}) {
    const auto [outcome, bytes] = SwapUnder(fault);
    EXPECT_EQ(outcome->result, SwapResult::kUnknown);
    EXPECT_EQ(bytes, fault == Fault::kCrashBefore ? "one" : "two");
    EXPECT_TRUE(store_.is_crashed());
    EXPECT_EQ(store_.Read("refs/main", kAny).status().code(), ErrorCode::kUnavailable);
    EXPECT_EQ(store_.PutImmutable("x", "y").code(), ErrorCode::kUnavailable);
    store_.Reopen();
    EXPECT_TRUE(store_.Read("refs/main", kAny).ok());
  }
}

TEST_F(FaultyStoreTest, ALossOfPowerTakesWhatWasNotDurable) {
  store_.SetLosesPower(true);
  ASSERT_TRUE(store_.PutImmutable("durable", "1").ok());
  ASSERT_TRUE(store_.PutImmutable("filed", "1", Durability::kWhenSynced).ok());
  ASSERT_TRUE(store_.CompareAndSwap("refs/main", "two", first_).ok());
  ASSERT_TRUE(store_.PutImmutable("waiting", "1").ok());

  store_.SetPlan({{0, Fault::kCrashBefore}});
  ASSERT_FALSE(store_.PutImmutable("last", "1").ok());
  store_.Reopen();

  EXPECT_THAT(*store_.List("", "", 10), ::testing::ElementsAre("durable", "refs/main"));
}

TEST_F(FaultyStoreTest, TheTraceNamesEachEffectInOrder) {
  store_.SetPlan({});
  ASSERT_TRUE(store_.PutImmutable("a", "1").ok());
  auto writer = store_.OpenWriter("b");
  ASSERT_TRUE((*writer)->Finish().ok());
  ASSERT_TRUE(store_.Delete("a").ok());

  const std::vector<Effect> trace = store_.trace();
  ASSERT_EQ(store_.effects_count(), 3U);
  EXPECT_EQ(trace[0].kind, EffectKind::kPut);
  EXPECT_EQ(trace[1].key, "b");
  EXPECT_EQ(trace[2].kind, EffectKind::kDelete);
}

}  // namespace
}  // namespace omnigraph::store
