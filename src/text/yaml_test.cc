// The strict YAML reader: what it yields, what it refuses and where.

#include "text/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace omnigraph::text {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

YamlDocument Read(std::string yaml, YamlLimits limits = {}) {
  return ReadYaml(Source("file.yaml", std::move(yaml)), limits);
}

/// Renders a tree so that kinds, scalars and shapes can be compared at once.
std::string Shape(const YamlNode& node) {
  switch (node.kind()) {
    case YamlKind::kNull:
      return "~";
    case YamlKind::kBool:
      return "b:" + node.scalar();
    case YamlKind::kInteger:
      return "i:" + node.scalar();
    case YamlKind::kFloat:
      return "f:" + node.scalar();
    case YamlKind::kText:
      return "'" + node.scalar() + "'";
    case YamlKind::kSequence: {
      std::string out = "[";
      for (const YamlNode& item : node.items())
        out += Shape(item) + ";";
      return out + "]";
    }
    case YamlKind::kMapping: {
      std::string out = "{";
      for (const YamlEntry& entry : node.entries())
        out += entry.key + "=" + Shape(entry.value) + ";";
      return out + "}";
    }
  }
  return "?";
}

std::string ShapeOf(std::string yaml) {
  const YamlDocument document = Read(std::move(yaml));
  return document.ok() ? Shape(document.root) : "refused: " + document.problems[0].message;
}

TEST(YamlTest, BlockAndFlowStyleYieldTheSameTree) {
  const std::string expected = "{version=i:1;groups={team=['a';'b';];};rules=[{id='r';};];}";

  EXPECT_EQ(ShapeOf("version: 1\ngroups:\n  team:\n    - a\n    - b\nrules:\n  - id: r\n"),
            expected);
  EXPECT_EQ(ShapeOf("{version: 1, groups: {team: [a, b]}, rules: [{id: r}]}"), expected);
  EXPECT_EQ(ShapeOf("version: 1\r\ngroups: {team: [a, 'b']} # who\r\nrules:\r\n- id: \"r\"\r\n"),
            expected);
}

TEST(YamlTest, PlainScalarsFollowTheCoreSchemaAndQuotedOnesAreText) {
  EXPECT_EQ(
      ShapeOf("[1, -7, +3, 1.5, .5, 1e3, -.inf, true, False, yes, 0x10, 1_000, v1, 2026-03-30]"),
      "[i:1;i:-7;i:+3;f:1.5;f:.5;f:1e3;f:-.inf;b:true;b:False;'yes';'0x10';'1_000';'v1';"
      "'2026-03-30';]");
  EXPECT_EQ(ShapeOf("['1', \"true\", 'null', '']"), "['1';'true';'null';'';]");
  EXPECT_EQ(ShapeOf("[null, ~, ]"), "[~;~;]");
  EXPECT_EQ(ShapeOf("a:\nb: |\n  two\n  lines\nc: >-\n  fol\n  ded\n"),
            "{a=~;b='two\nlines\n';c='fol ded';}");
}

TEST(YamlTest, EscapesAndForeignLettersSurvive) {
  EXPECT_EQ(ShapeOf("\"a\\\"b\\u00e9\\n\": 'it''s'"), "{a\"b\u00e9\n='it's';}");
  EXPECT_EQ(ShapeOf("\xEF\xBB\xBF"
                    "grüße: ☃ # no\n"),
            "{grüße='☃';}");
  EXPECT_EQ(ShapeOf("'a # b': x"), "{a # b='x';}");
}

TEST(YamlTest, AnEmptyFileIsANullRoot) {
  for (const char* yaml : {"", "\n\n", "# only a comment\n", "---\n", "\xEF\xBB\xBF"}) {
    const YamlDocument document = Read(yaml);
    EXPECT_TRUE(document.ok()) << yaml;
    EXPECT_TRUE(document.root.is_null()) << yaml;
  }
}

TEST(YamlTest, TypedReadsNeverConvert) {
  const YamlDocument document =
      Read("{n: -12, big: 9223372036854775808, t: '5', f: 5.0, b: true, no: null}");
  ASSERT_TRUE(document.ok());
  const YamlNode& root = document.root;

  EXPECT_EQ(root.Find("n")->AsInteger(), -12);
  EXPECT_EQ(root.Find("big")->AsInteger(), std::nullopt);
  EXPECT_EQ(root.Find("t")->AsInteger(), std::nullopt);
  EXPECT_EQ(root.Find("f")->AsInteger(), std::nullopt);
  EXPECT_EQ(*root.Find("t")->AsText(), "5");
  EXPECT_EQ(root.Find("n")->AsText(), nullptr);
  EXPECT_EQ(root.Find("b")->AsBool(), true);
  EXPECT_EQ(root.Find("n")->AsBool(), std::nullopt);
  EXPECT_EQ(root.Find("absent"), nullptr);
  EXPECT_EQ(root.Find("n")->Find("x"), nullptr);
}

TEST(YamlTest, SpansCoverKeysAndScalars) {
  const Source source("file.yaml",
                      "\xEF\xBB\xBF"
                      "a: 'it''s'\nbé:\n  - \"x\\\"y\" # z\n  - plain text\n  - {k: }\n");
  const YamlDocument document = ReadYaml(source);
  ASSERT_TRUE(document.ok());
  const auto text_of = [&](Span span) { return std::string(source.At(span)); };

  const YamlEntry& first = document.root.entries()[0];
  const YamlEntry& second = document.root.entries()[1];
  EXPECT_EQ(text_of(first.key_span), "a");
  EXPECT_EQ(text_of(first.value.span()), "'it''s'");
  EXPECT_EQ(text_of(second.key_span), "bé");
  EXPECT_EQ(text_of(second.value.items()[0].span()), "\"x\\\"y\"");
  EXPECT_EQ(text_of(second.value.items()[1].span()), "plain text");
  EXPECT_EQ(text_of(second.value.items()[2].span()), "{");
  EXPECT_EQ(text_of(second.value.items()[2].entries()[0].value.span()), "");
  EXPECT_EQ(source.PositionOf(second.value.items()[1].span().begin), (Position{4, 5}));
}

TEST(YamlTest, EveryDuplicateKeyIsReportedWithItsPath) {
  const Source source(
      "file.yaml", "rules:\n- {id: a, id: b}\n- id: c\n  allow: {x: {y: 1, \"y\": 2}}\nrules: 1\n");

  const YamlDocument document = ReadYaml(source);

  std::vector<std::string> found;
  for (const YamlProblem& problem : document.problems) {
    EXPECT_EQ(problem.kind, YamlProblemKind::kDuplicateKey);
    found.push_back(std::to_string(source.PositionOf(problem.span.begin).line) + " " +
                    problem.path + ": " + problem.message);
  }
  EXPECT_THAT(found, ElementsAre("2 rules[0].id: duplicate key 'id', first on line 2",
                                 "4 rules[1].allow.x.y: duplicate key 'y', first on line 4",
                                 "5 rules: duplicate key 'rules', first on line 1"));
}

TEST(YamlTest, EqualKeysInSiblingMappingsAreFine) {
  EXPECT_EQ(ShapeOf("[{file: a}, {file: b}]"), "[{file='a';};{file='b';};]");
}

struct Refused {
  const char* why;
  std::string yaml;
  YamlProblemKind kind;
  std::string message;
};

TEST(YamlTest, WhatCouldSurpriseIsRefused) {
  using enum YamlProblemKind;
  const std::vector<Refused> cases = {
      {"anchor", "a: &x 1\n", kUnsupported, "anchors"},
      {"alias", "a: &x [1]\nb: *x\n", kUnsupported, "anchors"},
      {"undefined alias", "b: *x\n", kSyntax, "anchor is not defined"},
      {"bomb", "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", kUnsupported, "anchors"},
      {"tag", "a: !!int '1'\n", kUnsupported, "tags"},
      {"local tag", "a: !secret x\n", kUnsupported, "tags"},
      {"tagged map", "a: !!map {x: 1}\n", kUnsupported, "tags"},
      {"merge key", "a: {<<: {x: 1}}\n", kUnsupported, "merge"},
      {"null key", "a: {~: 1}\n", kUnsupported, "a key must be a text"},
      {"list as key", "{[a, b]: 1}\n", kUnsupported, "a key must be a text"},
      {"two documents", "a: 1\n---\nb: 2\n", kUnsupported, "one document"},
      {"junk after the document", "a: 1\n...\nb: 2\n", kUnsupported, "one document"},
      {"unclosed list", "a: [1, 2\n", kSyntax, "invalid YAML"},
      {"unclosed quote", "a: 'x\n", kSyntax, "invalid YAML"},
      {"unclosed quote swallows the rest", "a: \"x\\\"\nb: 1\n", kSyntax, "never closed"},
      {"two values", "a: b: c\n", kSyntax, "invalid YAML"},
      {"bad indentation", "rules:\n  - id: a\n   allow: b\n", kSyntax, "invalid YAML"},
      {"tab as indentation", "a:\n\tb: 1\n", kSyntax, "invalid YAML"},
      {"bad escape", "a: \"\\q\"\n", kSyntax, "invalid YAML"},
      {"invalid UTF-8", "a: \xC3(\n", kSyntax, "UTF-8"},
      {"overlong UTF-8", "a: \xC0\xAF\n", kSyntax, "UTF-8"},
      {"surrogate", "a: \xED\xA0\x80\n", kSyntax, "UTF-8"},
      {"UTF-16", std::string("a\0:\0 \0", 6), kSyntax, "UTF-8"},
      {"end of transmission hides the rest", "a: 1\n\x04\nb: 2\n", kSyntax, "control"},
      {"delete character", "a: \x7F\n", kSyntax, "control"},
      {"escape sequence", "a: \x1B[31m\n", kSyntax, "control"},
  };
  for (const Refused& refused : cases) {
    const YamlDocument document = Read(refused.yaml);
    ASSERT_FALSE(document.ok()) << refused.why;
    EXPECT_EQ(document.problems[0].kind, refused.kind) << refused.why;
    EXPECT_THAT(document.problems[0].message, HasSubstr(refused.message)) << refused.why;
    EXPECT_LE(document.problems[0].span.end, refused.yaml.size()) << refused.why;
  }
}

std::string Nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(YamlTest, LimitsAreInclusive) {
  EXPECT_TRUE(Read(Nested(32)).ok());
  EXPECT_EQ(Read(Nested(33)).problems.at(0).kind, YamlProblemKind::kLimit);

  const YamlLimits tight = {.size_bytes_max = 9, .depth_max = 4, .nodes_count_max = 5};
  EXPECT_TRUE(Read("[a,b,c,d]", tight).ok());
  EXPECT_THAT(Read("[a,b,c,dd]", tight).problems.at(0).message, HasSubstr("limit of 9"));
  EXPECT_THAT(Read("[a,b,,,e]", tight).problems, testing::SizeIs(1));
}

TEST(YamlTest, HostileNestingEndsQuicklyAndWithoutACrash) {
  for (const char* piece :
       {"[", "{", "- ", "? ", "a: ", "{a: ", "[{a: ", "- - ? ", "!", "&a ", "' ", "\" "}) {
    std::string yaml;
    while (yaml.size() < 200'000)
      yaml += piece;
    EXPECT_FALSE(Read(yaml).ok()) << piece;
  }
  std::string lines;
  for (std::size_t depth = 0; depth < 600; ++depth)
    lines += std::string(depth, ' ') + "a:\n";
  EXPECT_EQ(Read(lines).problems.at(0).kind, YamlProblemKind::kLimit);
}

TEST(YamlTest, AtMostTwentyProblemsAreReported) {
  std::string yaml = "a: 0\n";
  for (int i = 0; i < 100; ++i)
    yaml += "a: 1\n";
  EXPECT_EQ(Read(yaml).problems.size(), kYamlProblemsMax);
}

TEST(YamlTest, ParseYamlRendersFileLineAndColumn) {
  const Result<YamlNode> parsed = ParseYaml(Source("policy.yaml", "a: 1\nb: {c: 1, c: 2}\n"));

  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.status().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(std::string(parsed.status().message()), HasSubstr("policy.yaml:2:11"));
  EXPECT_THAT(std::string(parsed.status().message()), HasSubstr("at b.c"));
  EXPECT_EQ(ParseYaml(Source("deep.yaml", Nested(40))).status().code(),
            ErrorCode::kResourceExhausted);
}

// Random edits of a real file: whatever happens, spans stay inside and reading twice agrees.
TEST(YamlTest, MutatedFilesAreReadOrRefusedDeterministically) {
  const std::string seed_text =
      "version: 1\ngroups:\n  team: [act-a, \"act-b\"]\nrules:\n  - id: 'r'\n    allow:\n"
      "      actors: { group: team }\n      actions: [read, export]\n      branch_scope: any\n";
  const std::string alphabet = "[]{}:,-?&*!|>'\"%@`#~ \n\tab1\\\x04\xC3";
  constexpr unsigned kSeed = 20260801;
  RecordProperty("seed", static_cast<int>(kSeed));
  std::mt19937 random(kSeed);
  for (int round = 0; round < 4'000; ++round) {
    std::string yaml = seed_text;
    const std::size_t edits = 1 + random() % 6;
    for (std::size_t i = 0; i < edits; ++i) {
      const std::size_t at = random() % yaml.size();
      const char with = alphabet[random() % alphabet.size()];
      if (random() % 3 == 0) {
        yaml.erase(at, 1 + random() % 5);
      } else if (random() % 2 == 0) {
        yaml.insert(at, 1, with);
      } else {
        yaml[at] = with;
      }
      if (yaml.empty()) yaml = "x";
    }
    const YamlDocument first = Read(yaml);
    const YamlDocument second = Read(yaml);
    ASSERT_EQ(first.ok(), second.ok());
    ASSERT_EQ(Shape(first.root), Shape(second.root));
    for (const YamlProblem& problem : first.problems) {
      ASSERT_LE(problem.span.end, yaml.size()) << yaml;
      ASSERT_FALSE(problem.message.empty());
    }
  }
}

}  // namespace
}  // namespace omnigraph::text
