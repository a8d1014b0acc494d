// How long rows take from cells to bytes, and a commit from records to bytes and back.

#include "format/row_batch.h"

#include <arrow/api.h>
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "format/fragment.h"
#include "format/records.h"
#include "schema/compile.h"

namespace omnigraph::format {
namespace {

constexpr std::string_view kSchema =
    "node P { slug: String @key\n name: String\n age: I32?\n city: String\n bio: String }\n"
    "edge Knows: P -> P";

const schema::TableType& Type(std::string_view key) {
  static const std::shared_ptr<const schema::Schema> schema = *schema::CompileSchema(kSchema);
  return *schema->catalog->FindTable(key);
}

void AppendPeople(std::int64_t count, RowBatch& batch) {
  const schema::TableType& type = batch.type();
  const auto column = [&](std::string_view name) -> ColumnBuilder& {
    return batch.column(type.FindProperty(name)->ordinal);
  };
  ColumnBuilder& slug = column("slug");
  ColumnBuilder& name = column("name");
  ColumnBuilder& age = column("age");
  ColumnBuilder& city = column("city");
  ColumnBuilder& bio = column("bio");
  for (std::int64_t i = 0; i < count; ++i) {
    slug.AppendText("p" + std::to_string(1'000'000 + i));
    name.AppendText("Ada Lovelace");
    if (i % 8 == 0) {
      age.AppendNull();
    } else {
      age.AppendInt(i % 80);
    }
    city.AppendText("city07");
    bio.AppendText("kado mina tolu rabo gefu kado mina tolu rabo gefu kado mina tolu");
    batch.FinishRow();
  }
}

// From cells to the record batch of a segment.
void EncodePeople(benchmark::State& state) {
  for (auto _ : state) {
    RowBatch batch(Type("node:P"));
    AppendPeople(state.range(0), batch);
    benchmark::DoNotOptimize(EncodeSegmentRows(batch.Finish({})));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(EncodePeople)->Arg(1)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMicrosecond);

void EncodeEdges(benchmark::State& state) {
  for (auto _ : state) {
    RowBatch batch(Type("edge:Knows"));
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      batch.AppendEndpoints(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i * 7));
      batch.FinishRow();
    }
    benchmark::DoNotOptimize(EncodeSegmentRows(batch.Finish({})));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(EncodeEdges)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMicrosecond);

// What a one-row insert writes when `segments_count` earlier ones still travel with the head.
CommitRun RunWithSegments(std::int64_t segments_count) {
  CommitRun run;
  Commit commit;
  commit.id = commit.write_id = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  commit.schema_digest = std::string(64, 'd');
  TableState people{"node:P", 1, 1, std::nullopt, 10'000, 10'000, std::string(64, 'm'), {}};
  for (std::int64_t i = 0; i < segments_count; ++i) {
    RowBatch batch(Type("node:P"));
    AppendPeople(1, batch);
    Segment segment;
    segment.id = commit.id;
    segment.type_id = 1;
    segment.inserted_count = 1;
    Result<std::string> bytes = EncodeSegmentRows(batch.Finish({}));
    OG_CHECK(bytes.ok());
    segment.bytes = std::make_shared<const std::string>(std::move(*bytes));
    people.segments.push_back(static_cast<std::uint32_t>(i));
    run.segments.push_back(std::move(segment));
  }
  commit.tables = {std::move(people)};
  run.commits = {std::move(commit)};
  return run;
}

void EncodeCommit(benchmark::State& state) {
  const CommitRun run = RunWithSegments(state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(EncodeCommitRun(run));
}
BENCHMARK(EncodeCommit)->Arg(1)->Arg(16)->Arg(64)->Unit(benchmark::kMicrosecond);

void DecodeCommit(benchmark::State& state) {
  const std::string bytes = EncodeCommitRun(RunWithSegments(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(DecodeCommitRun(bytes, "refs/main"));
}
BENCHMARK(DecodeCommit)->Arg(1)->Arg(16)->Arg(64)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace omnigraph::format
