// Tests of positions, rendering and suggestions.

#include "text/diagnostic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace omnigraph::text {
namespace {

using ::testing::HasSubstr;

Diagnostic At(Span span) {
  Diagnostic diagnostic;
  diagnostic.code = "T6";
  diagnostic.summary = "type Person has no property 'emial'";
  diagnostic.primary = {span, "not declared in people.pg"};
  diagnostic.help = "a similar property exists: 'email'";
  return diagnostic;
}

TEST(SourceTest, ColumnsCountCharactersNotBytes) {
  const Source source("q", "é$x\nab");
  EXPECT_EQ(source.PositionOf(2), (Position{1, 2}));
  EXPECT_EQ(source.PositionOf(5), (Position{2, 1}));
  EXPECT_EQ(source.PositionOf(99), (Position{2, 3}));
  EXPECT_EQ(source.Line(2), "ab");
}

TEST(RenderTest, ShowsTheLineWithACaretAndHelp) {
  const Source source("people.gq", "match {\n  $f.emial != $p.email\n}");
  EXPECT_EQ(Render(source, At({13, 18})),
            "error[T6]: type Person has no property 'emial'\n"
            " --> people.gq:2:6\n"
            "  |\n"
            "2 |   $f.emial != $p.email\n"
            "  |      ^^^^^ not declared in people.pg\n"
            "  = help: a similar property exists: 'email'\n");
}

TEST(RenderTest, KeepsTabsSoThatCaretsLineUp) {
  const Source source("q", "\tab cd");
  EXPECT_THAT(Render(source, At({4, 6})), HasSubstr("1 | \tab cd\n  | \t   ^^ not"));
}

TEST(RenderTest, CutsLongLinesRoundTheSpan) {
  const Source source("q", std::string(1000, 'a') + "BAD" + std::string(1000, 'b'));
  const std::string text = Render(source, At({1000, 1003}));
  EXPECT_THAT(text, HasSubstr("1 | …aaa"));
  EXPECT_THAT(text, HasSubstr("BADbbb"));
  EXPECT_THAT(text, HasSubstr(" ^^^ not declared"));
  EXPECT_LT(text.size(), 500u);
}

TEST(RenderTest, PointsPastTheEndOfAnEmptyText) {
  const Source source("q", "");
  EXPECT_THAT(Render(source, At({0, 0})), HasSubstr("1 | \n  | ^ not"));
}

TEST(RenderTest, EscapeSequencesOfTheTextDoNotReachTheTerminal) {
  const Source source("q", "a\x1b[31mb");
  EXPECT_EQ(Render(source, At({0, 1})).find('\x1b'), std::string::npos);
}

TEST(RenderTest, BytesThatAreNoTextDoNotReachTheTerminal) {
  const Source source("s.pg", "a \xff\xfe b\n");
  EXPECT_THAT(Render(source, {"", Severity::kError, "no", {{2, 3}, ""}}),
              HasSubstr("1 | a ?? b\n  |   ^\n"));
}

TEST(DiagnosticsTest, KeepsOneErrorPerPositionAndSorts) {
  Diagnostics diagnostics;
  diagnostics.Error("A", {5, 6}, "later");
  diagnostics.Error("A", {1, 2}, "earlier");
  diagnostics.Error("A", {1, 2}, "again");
  const auto items = std::move(diagnostics).Take();
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].summary, "earlier");
}

TEST(DiagnosticsTest, StopsAtTwentyErrors) {
  Diagnostics diagnostics;
  for (std::uint32_t i = 0; i < 30; ++i)
    diagnostics.Error("A", {i, i + 1}, "x");
  EXPECT_TRUE(diagnostics.is_full());
  EXPECT_EQ(diagnostics.items().size(), 20u);
}

TEST(DiagnosticsTest, ACutListSaysSo) {
  const Source source("s.pg", std::string(100, 'x'));
  Diagnostics diagnostics;
  for (std::uint32_t i = 0; i < 19; ++i)
    diagnostics.Error("P1", {i, i + 1}, "no");
  EXPECT_EQ(ToStatus(source, diagnostics.items()).message().find("are shown"), std::string::npos);
  for (std::uint32_t i = 19; i < 50; ++i)
    diagnostics.Error("P1", {i, i + 1}, "no");
  EXPECT_TRUE(ToStatus(source, diagnostics.items())
                  .message()
                  .ends_with("\nonly the first 20 errors are shown\n"));
}

TEST(AppendJsonTest, CarriesLinesAndColumns) {
  const Source source("people.gq", "a emial");
  std::string out;
  AppendJson(source, At({2, 7}), out);
  EXPECT_EQ(out,
            R"({"code":"T6","severity":"error","summary":"type Person has no property 'emial'",)"
            R"("labels":[{"path":"people.gq","begin":{"line":1,"column":3},)"
            R"("end":{"line":1,"column":8},"text":"not declared in people.pg"}],)"
            R"("help":"a similar property exists: 'email'"})");
}

TEST(DidYouMeanTest, FindsNearNamesOnly) {
  EXPECT_EQ(DidYouMean("emial", {"name", "email"}), "email");
  EXPECT_EQ(DidYouMean("NAME", {"name", "email"}), "name");
  EXPECT_EQ(DidYouMean("zzz", {"name", "email"}), "");
  EXPECT_EQ(DidYouMean("", {"name"}), "");
}

}  // namespace
}  // namespace omnigraph::text
