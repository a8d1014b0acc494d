// The five formats of read answers, to the letter.

#include "cli/result_formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/json_layout.h"
#include "engine/engine.h"
#include "exec/result_table.h"

namespace omnigraph::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

engine::QueryAnswer MakeAnswer(const std::vector<std::string>& columns, const Rows& rows) {
  std::vector<exec::ResultColumn> typed;
  for (const std::string& column : columns)
    typed.push_back({column, types::Type{}});
  auto table = std::make_shared<exec::ResultTable>(std::move(typed));
  for (const auto& row : rows) {
    table->BeginRow();
    for (const std::string& cell : row)
      table->BeginCell() += cell;
    table->EndRow();
  }
  engine::QueryAnswer answer;
  answer.query_name = "look";
  answer.graph_commit_id = "01C";
  answer.table = std::move(table);
  return answer;
}

engine::QueryAnswer Vessels() {
  return MakeAnswer({"v.tonnage", "v.name"},
                    {{"1200", "\"Astra\""}, {"null", R"("B, \"the\" ship")"}});
}

TEST(ResultFormatsTest, JsonIsLaidOutWithTwoBlanks) {
  EXPECT_EQ(FormatAnswer(Vessels(), OutputFormat::kJson),
            "{\n"
            "  \"query_name\": \"look\",\n"
            "  \"target\": {\n    \"branch\": \"main\",\n    \"snapshot\": null\n  },\n"
            "  \"row_count\": 2,\n"
            "  \"columns\": [\n    \"v.tonnage\",\n    \"v.name\"\n  ],\n"
            "  \"rows\": [\n"
            "    {\n      \"v.tonnage\": 1200,\n      \"v.name\": \"Astra\"\n    },\n"
            "    {\n      \"v.tonnage\": null,\n      \"v.name\": \"B, \\\"the\\\" ship\"\n    }\n"
            "  ]\n}\n");
}

TEST(ResultFormatsTest, AReceiptNamesTheCommitThatWasRead) {
  EXPECT_THAT(FormatAnswer(Vessels(), OutputFormat::kJson, {}, true),
              testing::HasSubstr("\n  \"graph_commit_id\": \"01C\",\n"));
}

TEST(ResultFormatsTest, JsonLinesStartWithMetadata) {
  engine::QueryAnswer answer = Vessels();
  answer.target = {"", "01C"};

  EXPECT_EQ(FormatAnswer(answer, OutputFormat::kJsonLines),
            R"({"kind":"metadata","query_name":"look","target":{"branch":null,"snapshot":"01C"},)"
            "\"row_count\":2}\n"
            "{\"v.tonnage\":1200,\"v.name\":\"Astra\"}\n"
            "{\"v.tonnage\":null,\"v.name\":\"B, \\\"the\\\" ship\"}\n");
}

TEST(ResultFormatsTest, CsvQuotesOnlyWhereItMust) {
  EXPECT_EQ(FormatAnswer(Vessels(), OutputFormat::kCsv),
            "v.tonnage,v.name\n1200,Astra\nnull,\"B, \"\"the\"\" ship\"\n");
  EXPECT_EQ(FormatAnswer(MakeAnswer({"a"}, {{R"("x\ry")"}}), OutputFormat::kCsv), "a\n\"x\ry\"\n");
  EXPECT_EQ(FormatAnswer(MakeAnswer({"a"}, {}), OutputFormat::kCsv), "a\n");
}

TEST(ResultFormatsTest, KeyValueSeparatesRowsByABlankLine) {
  EXPECT_EQ(FormatAnswer(Vessels(), OutputFormat::kKeyValue),
            "2 rows from branch main via look\nrow 1\nv.tonnage: 1200\nv.name: Astra\n\n"
            "row 2\nv.tonnage: null\nv.name: B, \"the\" ship\n");
  EXPECT_EQ(FormatAnswer(MakeAnswer({"a"}, {}), OutputFormat::kKeyValue),
            "0 rows from branch main via look\n(no rows)\n");
}

TEST(ResultFormatsTest, TablesPadEveryColumn) {
  EXPECT_EQ(FormatAnswer(Vessels(), OutputFormat::kTable),
            "2 rows from branch main via look\nv.tonnage | v.name       \n"
            "----------+--------------\n1200      | Astra        \nnull      | B, \"the\" ship\n");
}

TEST(ResultFormatsTest, TablesWithoutRowsKeepTheirColumns) {
  EXPECT_EQ(FormatAnswer(MakeAnswer({"a"}, {}), OutputFormat::kTable),
            "0 rows from branch main via look\na\n-\n");
  EXPECT_EQ(FormatAnswer(MakeAnswer({}, {}), OutputFormat::kTable),
            "0 rows from branch main via look\n(no rows)\n");
}

TEST(ResultFormatsTest, LongCellsAreCutAtCharacters) {
  const auto answer = MakeAnswer({"n"}, {{"\"ééééé\""}});

  EXPECT_EQ(FormatAnswer(answer, OutputFormat::kTable, {4, CellLayout::kTruncate}),
            "1 rows from branch main via look\nn   \n----\nééé…\n");
  EXPECT_EQ(FormatAnswer(answer, OutputFormat::kTable, {4, CellLayout::kWrap}),
            "1 rows from branch main via look\nn   \n----\néééé\né   \n");
}

TEST(ResultFormatsTest, LineBreaksInCellsBecomeTwoCharacters) {
  EXPECT_EQ(FormatAnswer(MakeAnswer({"n"}, {{R"("a\nb")"}}), OutputFormat::kTable),
            "1 rows from branch main via look\nn   \n----\na\\nb\n");
}

TEST(ResultFormatsTest, OfColumnsWithOneNameTheLastCountsEverywhere) {
  const auto answer = MakeAnswer({"a", "a"}, {{"1", "2"}});

  EXPECT_EQ(FormatAnswer(answer, OutputFormat::kCsv), "a,a\n2,2\n");
  EXPECT_THAT(FormatAnswer(answer, OutputFormat::kJsonLines), testing::HasSubstr("\n{\"a\":2}\n"));
}

TEST(JsonLayoutTest, EmptyContainersStayOnOneLine) {
  EXPECT_EQ(LayOutJson(R"({"a":[],"b":{},"c":"x:{,}\"","d":[1,[2]]})"),
            "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": \"x:{,}\\\"\",\n  \"d\": [\n    1,\n    [\n"
            "      2\n    ]\n  ]\n}\n");
}

}  // namespace
}  // namespace omnigraph::cli
