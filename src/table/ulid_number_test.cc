// Tests of ids that count up.

#include "table/ulid_number.h"

#include <gtest/gtest.h>

namespace omnigraph::table {
namespace {

TEST(UlidNumberTest, StepsCarryOverDigits) {
  const std::string base = "01ARYZ6S41TSV4RRFFQ69G5FZZ";
  std::string next;
  AppendUlidAfter(base, 1, next);
  EXPECT_EQ(next, "01ARYZ6S41TSV4RRFFQ69G5G00");
  EXPECT_EQ(UlidDistance(base, next), 1u);
  EXPECT_EQ(UlidDistance(base, base), 0u);
  EXPECT_EQ(UlidDistance(next, base), std::nullopt);
  EXPECT_EQ(UlidDistance(base, "nonsense"), std::nullopt);
}

TEST(UlidNumberTest, FarIdsAreNotOfTheChunk) {
  EXPECT_EQ(UlidDistance("01ARYZ6S41TSV4RRFFQ69G5FAV", "01BRYZ6S41TSV4RRFFQ69G5FAV"), std::nullopt);
}

}  // namespace
}  // namespace omnigraph::table
