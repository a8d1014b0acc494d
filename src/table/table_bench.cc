// How long it takes to scan a table, to find a row by its id and to read a column: all rows in one
// chunk, or the newest ones spread over the tails of many small commits.

#include "table/table.h"

#include <arrow/api.h>
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "format/fragment.h"
#include "format/row_batch.h"
#include "schema/compile.h"
#include "table/table_builder.h"

namespace omnigraph::table {
namespace {

constexpr RowId kRowsCount = 100'000;

std::string IdOf(RowId row) {
  return "p" + std::to_string(1'000'000 + row);
}

std::shared_ptr<const Table> Appended(const Table& table, RowId rows_count) {
  const schema::TableType& type = table.type();
  format::RowBatch batch(type);
  for (RowId i = 0; i < rows_count; ++i) {
    batch.column(type.FindProperty("slug")->ordinal).AppendText(IdOf(table.row_ids_end() + i));
    batch.column(type.FindProperty("age")->ordinal).AppendInt(i % 80);
    batch.FinishRow();
  }
  format::Segment segment;
  segment.id = IdOf(table.row_ids_end());
  segment.inserted_count = rows_count;
  segment.first_row_id = table.row_ids_end();
  Result<std::string> bytes = format::EncodeSegmentRows(batch.Finish({}));
  OG_CHECK(bytes.ok());
  segment.bytes = std::make_shared<const std::string>(std::move(*bytes));
  TableBuilder builder(table);
  OG_CHECK(builder.AddSegment(segment).ok());
  auto next = builder.Finish(table.row_ids_end() + rows_count, table.rows_count() + rows_count);
  OG_CHECK(next.ok());
  return *next;
}

// `tails_count` commits of one row each stand behind the first chunk.
std::shared_ptr<const Table> People(std::int64_t tails_count) {
  static const std::shared_ptr<const schema::Schema> schema =
      *schema::CompileSchema("node P { slug: String @key\n age: I32? }");
  const std::shared_ptr<const schema::TableType> type(schema->catalog,
                                                      schema->catalog->FindTable("node:P"));
  auto table =
      Appended(**TableBuilder(type).Finish(0, 0), kRowsCount - static_cast<RowId>(tails_count));
  for (std::int64_t i = 0; i < tails_count; ++i)
    table = Appended(*table, 1);
  return table;
}

void Scan(benchmark::State& state) {
  const auto table = People(state.range(0));
  std::vector<RowId> rows;
  for (auto _ : state) {
    RowId next = 0;
    std::uint64_t sum = 0;
    while (table->Scan(&next, 1024, &rows), !rows.empty())
      sum += rows.back();
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * kRowsCount);
}
BENCHMARK(Scan)->Arg(0)->Arg(64)->Unit(benchmark::kMicrosecond);

void ScanColumn(benchmark::State& state) {
  const auto table = People(state.range(0));
  const Result<Column> age = table->BindColumn(table->type().FindProperty("age")->ordinal);
  OG_CHECK(age.ok());
  for (auto _ : state) {
    std::int64_t sum = 0;
    for (RowId row = 0; row < kRowsCount; ++row)
      if (!age->IsNull(row)) sum += age->Int(row);
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * kRowsCount);
}
BENCHMARK(ScanColumn)->Arg(0)->Arg(64)->Unit(benchmark::kMicrosecond);

void FindById(benchmark::State& state) {
  const auto table = People(state.range(0));
  RowId row = 0;
  for (auto _ : state) {
    row = (row + 7919) % kRowsCount;
    const Result<std::optional<RowId>> found = table->FindById(IdOf(row));
    OG_CHECK(found.ok() && *found == row);
  }
}
BENCHMARK(FindById)->Arg(0)->Arg(64);

// What the first read after a one-row commit pays to see it.
void Refresh(benchmark::State& state) {
  const auto table = People(state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(Appended(*table, 1));
}
BENCHMARK(Refresh)->Arg(0)->Arg(64)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace omnigraph::table
