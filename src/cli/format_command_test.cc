// fmt over files and folders, and the differences that it prints.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "cli/line_diff.h"
#include "cli/run.h"
#include "cli/test_console.h"

namespace omnigraph::cli {
namespace {

using ::testing::HasSubstr;

constexpr const char* kUgly = "node A{a:String // kept\n}\n";
constexpr const char* kPretty = "node A {\n    a: String // kept\n}\n";

class FormatCommandTest : public ::testing::Test {
 protected:
  FormatCommandTest() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = ::testing::TempDir() + "format_" + info->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ + "/deep/.hidden");
  }
  ~FormatCommandTest() override { std::filesystem::remove_all(folder_); }

  int Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "fmt");
    console_ = RecordingConsole();
    return cli::Run(arguments, console_,
                    MakeEnvironment({{"OMNIGRAPH_HOME", folder_ + "/operator"}}), "1.2.3");
  }
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  static std::string Read(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }

  std::string folder_;
  RecordingConsole console_;
};

TEST_F(FormatCommandTest, AFolderIsFormattedWholeAndASecondTimeNothingChanges) {
  const std::string one = Write("one.pg", kUgly);
  const std::string two = Write("deep/two.pg", kUgly);
  const std::string queries = Write("deep/q.gq", "query q(){match{$a:A}return{$a.a}}");
  const std::string pretty = Write("pretty.pg", kPretty);
  const std::string hidden = Write("deep/.hidden/three.pg", kUgly);
  const std::string other = Write("notes.txt", kUgly);

  EXPECT_EQ(Run({folder_}), 0);
  EXPECT_EQ(console_.out, two + "\n" + one + "\n" + queries + "\n");
  EXPECT_EQ(Read(one), kPretty);
  EXPECT_EQ(Read(two), kPretty);
  EXPECT_THAT(Read(queries), HasSubstr("query q() {\n"));
  EXPECT_EQ(Read(hidden), kUgly);
  EXPECT_EQ(Read(other), kUgly);

  EXPECT_EQ(Run({folder_}), 0);
  EXPECT_EQ(console_.out, "");
  EXPECT_EQ(Run({"--check", folder_}), 0);
}

TEST_F(FormatCommandTest, CheckAndDiffWriteNothing) {
  const std::string path = Write("one.pg", kUgly);
  EXPECT_EQ(Run({"--check", path}), 1);
  EXPECT_EQ(console_.out, path + "\n");
  EXPECT_EQ(Run({"--diff", path}), 0);
  EXPECT_EQ(console_.out, "--- a/" + path + "\n+++ b/" + path +
                              "\n@@ -1,2 +1,3 @@\n-node A{a:String // kept\n+node A {\n"
                              "+    a: String // kept\n }\n");
  EXPECT_EQ(Run({"--diff", "--check", path}), 1);
  EXPECT_EQ(Read(path), kUgly);
}

TEST_F(FormatCommandTest, WhatCannotBeFormattedIsReportedAndTheRestIsFormatted) {
  const std::string bad = Write("bad.pg", "node a { }\nnode B { C: String }\n");
  const std::string good = Write("good.pg", kUgly);
  EXPECT_EQ(Run({bad, folder_ + "/none.pg", good}), 1);
  EXPECT_THAT(console_.err, HasSubstr("bad.pg:1:6"));
  EXPECT_THAT(console_.err, HasSubstr("bad.pg:2:10"));
  EXPECT_THAT(console_.err, HasSubstr("No such file"));
  EXPECT_EQ(console_.out, good + "\n");
  EXPECT_EQ(Read(good), kPretty);
  EXPECT_EQ(Read(bad), "node a { }\nnode B { C: String }\n");
}

TEST_F(FormatCommandTest, PermissionsAndLinksStay) {
  const std::string path = Write("one.pg", kUgly);
  std::filesystem::permissions(path, std::filesystem::perms(0640));
  const std::string link = folder_ + "/link.pg";
  std::filesystem::create_symlink("one.pg", link);
  EXPECT_EQ(Run({link}), 0);
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(Read(path), kPretty);
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0640));
  EXPECT_FALSE(std::filesystem::exists(path + ".tmp"));
}

TEST(LineDiffTest, HunksHaveContextAndEndsWithoutLineBreaksAreMarked) {
  EXPECT_EQ(LineDiff("x", "a\n", "a\n"), "");
  EXPECT_EQ(LineDiff("x", "", "a\n"), "--- a/x\n+++ b/x\n@@ -0,0 +1,1 @@\n+a\n");
  EXPECT_EQ(LineDiff("x", "a", "a\n"),
            "--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n");
  EXPECT_EQ(LineDiff("x", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n",
                     "1\n2\nX\n4\n5\n6\n7\n8\n9\n10\n12\n"),
            "--- a/x\n+++ b/x\n@@ -1,6 +1,6 @@\n 1\n 2\n-3\n+X\n 4\n 5\n 6\n"
            "@@ -8,5 +8,4 @@\n 8\n 9\n 10\n-11\n 12\n");
}

// Applies the `+`, `-` and ` ` lines of the hunks to `before`; texts end with a line break.
std::string Patched(const std::string& before, const std::string& diff) {
  std::istringstream old_lines(before);
  std::istringstream lines(diff);
  std::string line, old_line, out;
  std::size_t old_count = 0;
  while (std::getline(lines, line)) {
    if (line.starts_with("---") || line.starts_with("+++")) continue;
    if (line.starts_with("@@ -")) {
      const std::size_t comma = line.find(',');
      std::size_t start = std::stoul(line.substr(4, comma - 4));
      if (line[comma + 1] != '0') --start;  // An empty range stands behind its line.
      for (; old_count < start; ++old_count) {
        std::getline(old_lines, old_line);
        out += old_line + "\n";
      }
    } else if (line[0] == '+') {
      out += line.substr(1) + "\n";
    } else {
      std::getline(old_lines, old_line);
      ++old_count;
      EXPECT_EQ(old_line, line.substr(1));
      if (line[0] == ' ') out += old_line + "\n";
    }
  }
  while (std::getline(old_lines, old_line))
    out += old_line + "\n";
  return out;
}

TEST(LineDiffTest, RandomDifferencesPatchOneTextIntoTheOther) {
  std::mt19937 random(7);
  const auto text = [&random] {
    std::string lines;
    for (auto i = random() % 30; i > 0; --i)
      lines += std::string(1, static_cast<char>('a' + random() % 4)) + "\n";
    return lines;
  };
  for (int i = 0; i < 2000; ++i) {
    const std::string before = text();
    const std::string after = text();
    EXPECT_EQ(Patched(before, LineDiff("x", before, after)), after) << before << "-\n" << after;
  }
}

}  // namespace
}  // namespace omnigraph::cli
