// Tests of cursors and page tokens: round trips, damage, and subjects that differ.

#include "engine/change_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace omnigraph::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

ChangeToken Sample() {
  ChangeToken token;
  token.use = TokenUse::kFeedPage;
  token.subject = {"GRAPH", "dev", "INCARNATION", "0123456789abcdef"};
  token.commit_id = "01J";
  token.version = 77;
  token.position = {graph::RowKind::kEdge, 12, std::string("a:b\0\xC3\xA9", 6)};
  return token;
}

TEST(ChangeTokenTest, WhatWasEncodedIsDecoded) {
  const ChangeToken token = Sample();
  const std::string text = EncodeToken(token);
  EXPECT_THAT(text, StartsWith("og1_"));
  EXPECT_EQ(text.find_first_of("+/=&?# "), std::string::npos);
  const auto decoded = DecodeToken(text, token.use, token.subject);
  ASSERT_TRUE(decoded.ok()) << decoded.status().message();
  EXPECT_EQ(decoded->commit_id, token.commit_id);
  EXPECT_EQ(decoded->version, token.version);
  ASSERT_TRUE(decoded->position.has_value());
  EXPECT_EQ(decoded->position->kind, token.position->kind);
  EXPECT_EQ(decoded->position->type, token.position->type);
  EXPECT_EQ(decoded->position->id, token.position->id);
}

TEST(ChangeTokenTest, EveryChangedOrMissingCharacterIsFound) {
  const ChangeToken token = Sample();
  const std::string text = EncodeToken(token);
  int refused = 0;
  const auto expect_refused = [&](const std::string& damaged) {
    const auto decoded = DecodeToken(damaged, token.use, token.subject);
    ASSERT_FALSE(decoded.ok()) << damaged;
    EXPECT_EQ(decoded.status().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(std::string(decoded.status().message()), StartsWith("change cursor rejected: "));
    ++refused;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    expect_refused(changed);
    expect_refused(text.substr(0, i));
  }
  expect_refused(text + "A");
  expect_refused(std::string(100'000, 'A'));
  std::printf("refused %d damaged tokens\n", refused);
}

TEST(ChangeTokenTest, ATokenIsGoodForItsSubjectAndUseOnly) {
  const ChangeToken token = Sample();
  const std::string text = EncodeToken(token);
  TokenSubject other = token.subject;
  other.graph_id = "OTHER";
  EXPECT_THAT(std::string(DecodeToken(text, token.use, other).status().message()),
              HasSubstr("another graph"));
  other = token.subject;
  other.branch = "main";
  EXPECT_THAT(std::string(DecodeToken(text, token.use, other).status().message()),
              HasSubstr("branch 'dev'"));
  other = token.subject;
  other.branch_incarnation = "LATER";
  EXPECT_THAT(std::string(DecodeToken(text, token.use, other).status().message()),
              HasSubstr("created again"));
  other = token.subject;
  other.filter = "";
  EXPECT_THAT(std::string(DecodeToken(text, token.use, other).status().message()),
              HasSubstr("filters"));
  for (const TokenUse use : {TokenUse::kCursor, TokenUse::kCommitPage})
    EXPECT_FALSE(DecodeToken(text, use, token.subject).ok());
}

TEST(ChangeTokenTest, AFilterIsTheSameInAnyOrder) {
  ChangeFilter filter;
  EXPECT_EQ(FilterDigest(filter), "");
  filter.type_names = {"A", "B"};
  filter.operations = {ChangeOperation::kDelete, ChangeOperation::kInsert};
  ChangeFilter other;
  other.type_names = {"B", "A", "B"};
  other.operations = {ChangeOperation::kInsert, ChangeOperation::kDelete};
  EXPECT_EQ(FilterDigest(filter), FilterDigest(other));
  other.type_names = {"AB"};
  EXPECT_NE(FilterDigest(filter), FilterDigest(other));
  ChangeFilter kinds;
  kinds.kinds = {EntityKind::kNode};
  ChangeFilter types;
  types.type_names = {"node"};
  EXPECT_NE(FilterDigest(kinds), FilterDigest(types));
}

}  // namespace
}  // namespace omnigraph::engine
