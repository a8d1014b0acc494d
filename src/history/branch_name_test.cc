// Tests of branch names.

#include "history/branch_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace omnigraph::history {
namespace {

using ::testing::HasSubstr;

TEST(BranchNameTest, GoodNamesAreTrimmed) {
  for (const char* name : {"main", "feature/x", " dev ", "a.b-c_d/é/数", "__run__1"}) {
    EXPECT_TRUE(CheckBranchName(name).ok()) << name;
  }
  EXPECT_EQ(*CheckBranchName(" dev\n"), "dev");
  EXPECT_TRUE(CheckBranchName(std::string(255, 'a')).ok());
}

TEST(BranchNameTest, BadNamesAreRefusedByName) {
  for (const char* name :
       {"", "  ", "/a", "a/", "a//b", "a..b", ".", "./a", "a/./b", "a/.", "a b", "a\\b", "a\x01",
        "x.lock", "a:b", "a%b", "\xff", "__schema_apply_lock__"}) {
    EXPECT_EQ(CheckBranchName(name).status().code(), ErrorCode::kInvalidArgument) << name;
  }
  EXPECT_FALSE(CheckBranchName(std::string(256, 'a')).ok());
  EXPECT_THAT(std::string(CheckBranchName("a b").status().message()), HasSubstr("'a b'"));
}

}  // namespace
}  // namespace omnigraph::history
