// Measures the whole engine inside one process: load, cold open, reads, durable inserts, memory.
// Prints one tab-separated line per measured thing (bench/measure.h); bench/run.py adds the figures
// of the server and makes the table. Wrong answers end the program.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "measure.h"
#include "questions.h"
#include "social_graph.h"
#include "store/open_store.h"

namespace omnigraph::bench {
namespace {

constexpr std::size_t kSeedsCount = 100;
constexpr std::size_t kInsertsMax = 300;

struct Settings {
  std::string scale = "S";
  std::string packages;  ///< A file of convert.py: measures the package graph instead.
  std::string folder = "bench-data";
  double seconds = 0.5;  ///< Per question and run.
  int runs = 3;
};

struct Subject {
  std::string name;
  std::string schema_path;
  std::string queries_path;
  std::string input_path;
  std::string graph_path;
  Seeds seeds;  ///< Of the package graph: empty until it is loaded.
};

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Status::Error(ErrorCode::kNotFound, "cannot read '" + path + "'");
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

Result<Settings> ParseArguments(const std::vector<std::string_view>& arguments) {
  Settings settings;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    const std::string value(i + 1 < arguments.size() ? arguments[i + 1] : "");
    if (arguments[i] == "--scale") {
      settings.scale = value;
    } else if (arguments[i] == "--packages") {
      settings.packages = value;
    } else if (arguments[i] == "--folder") {
      settings.folder = value;
    } else if (arguments[i] == "--seconds") {
      settings.seconds = std::strtod(value.c_str(), nullptr);
    } else if (arguments[i] == "--runs") {
      settings.runs = std::atoi(value.c_str());
    } else {
      return Status::Error(ErrorCode::kInvalidArgument,
                           "unknown argument '" + std::string(arguments[i]) +
                               "'; known: --scale XS|S|M, --packages FILE, --folder FOLDER, "
                               "--seconds N, --runs N");
    }
  }
  if (settings.runs < 1 || !FindScale(settings.scale)) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "--runs is at least 1 and --scale is XS, S or M");
  }
  return settings;
}

Result<Subject> SocialSubject(const Settings& settings) {
  const SocialGraph social(*FindScale(settings.scale));
  Subject subject{"social " + settings.scale,       OG_BENCH_FOLDER "/social.pg",
                  OG_BENCH_FOLDER "/social.gq",     settings.folder + "/social.jsonl",
                  settings.folder + "/social.omni", {}};
  for (std::size_t i = 0; i < kSeedsCount; ++i) {
    const auto person = static_cast<std::uint32_t>(i * 7919 % social.persons_count());
    subject.seeds.keys.push_back(SocialGraph::PersonSlug(person));
    subject.seeds.walks.push_back(
        {social.CountWalks(person, 1), social.CountWalks(person, 2), social.CountWalks(person, 3)});
  }
  OG_RETURN_IF_ERROR(social.WriteTo(subject.input_path).status());
  return subject;
}

Subject PackageSubject(const Settings& settings) {
  return {"packages",
          OG_BENCH_FOLDER "/../examples/package-graph/packages.pg",
          OG_BENCH_FOLDER "/packages.gq",
          settings.packages,
          settings.folder + "/packages.omni",
          {}};
}

Result<std::shared_ptr<engine::Graph>> OpenGraph(const Subject& subject) {
  OG_ASSIGN_OR_RETURN(auto store, store::OpenStore(subject.graph_path));
  engine::OpenOptions options;
  options.uri = subject.graph_path;
  return engine::Graph::Open(std::move(store), options);
}

// Creates the graph anew and loads the input in one commit.
Status MeasureLoad(const Subject& subject, Report& report) {
  std::filesystem::remove_all(subject.graph_path);
  OG_ASSIGN_OR_RETURN(const std::string schema, ReadFile(subject.schema_path));
  OG_ASSIGN_OR_RETURN(auto store, store::OpenStore(subject.graph_path));
  OG_RETURN_IF_ERROR(engine::Graph::Init(store, subject.graph_path, schema, false));
  OG_ASSIGN_OR_RETURN(const auto graph, OpenGraph(subject));
  std::ifstream file(subject.input_path, std::ios::binary);
  if (!file) {
    return Status::Error(ErrorCode::kNotFound, "cannot read '" + subject.input_path + "'");
  }
  engine::LoadRequest request;
  request.source_name = subject.input_path;
  request.read = [&](char* buffer, std::size_t size_bytes_max) -> Result<std::size_t> {
    file.read(buffer, static_cast<std::streamsize>(size_bytes_max));
    return static_cast<std::size_t>(file.gcount());
  };
  ResetPeakMemory();
  const double begin = Now();
  OG_ASSIGN_OR_RETURN(const engine::LoadAnswer answer, graph->Load({}, request));
  const double seconds = Now() - begin;
  const auto rows = static_cast<double>(answer.nodes_loaded + answer.edges_loaded);
  report.Add("load", "rows/s", {rows / seconds});
  report.Add("load time", "s", {seconds});
  report.Add("peak memory of the load", "bytes", {static_cast<double>(MemoryBytes("VmHWM"))});
  report.Add("input", "bytes",
             {static_cast<double>(std::filesystem::file_size(subject.input_path))});
  report.Add("disk after the load", "bytes",
             {static_cast<double>(FolderBytes(subject.graph_path))});
  return Status::Ok();
}

// The package graph starts at evenly spread names of real packages.
Status FindSeeds(const Asker& asker, Subject& subject) {
  if (!subject.seeds.keys.empty()) return Status::Ok();
  OG_ASSIGN_OR_RETURN(const std::vector<std::string> names, asker.FirstColumn("names"));
  for (std::size_t i = 0; i < kSeedsCount; ++i) {
    const std::string& name = names[i * names.size() / kSeedsCount];
    subject.seeds.keys.push_back(name.substr(1, name.size() - 2));
  }
  return Status::Ok();
}

Status MeasureQuestion(const Question& question, const Subject& subject, const Asker& asker,
                       double seconds_max, Report& report) {
  std::vector<double> times;
  const double end = Now() + seconds_max;
  for (std::size_t i = 0; times.size() < 3 || Now() < end; ++i) {
    const double begin = Now();
    OG_ASSIGN_OR_RETURN(const auto answer, asker.Ask(question, subject.seeds, i));
    times.push_back(Now() - begin);
    OG_RETURN_IF_ERROR(Asker::Check(question, subject.seeds, i, answer));
  }
  report.Add(std::string(question.title), "s", std::move(times));
  return Status::Ok();
}

// A new process would see the same: nothing is shared with the loader but the page cache.
Status MeasureReads(Subject& subject, const std::string& queries, const Settings& settings,
                    Report& report) {
  if (subject.seeds.keys.empty()) {
    OG_ASSIGN_OR_RETURN(auto graph, OpenGraph(subject));
    OG_RETURN_IF_ERROR(FindSeeds(Asker(std::move(graph), queries), subject));
  }
  const Question& point = Questions()[0];
  const Question& hop = Questions()[1];
  const double begin = Now();
  OG_ASSIGN_OR_RETURN(auto graph, OpenGraph(subject));
  const Asker asker(std::move(graph), queries);
  OG_ASSIGN_OR_RETURN(const auto first, asker.Ask(point, subject.seeds, 0));
  report.Add("cold open and first point read", "s", {Now() - begin});
  OG_RETURN_IF_ERROR(Asker::Check(point, subject.seeds, 0, first));
  const double hop_begin = Now();
  OG_ASSIGN_OR_RETURN(const auto first_hop, asker.Ask(hop, subject.seeds, 0));
  report.Add("first 1-hop count (builds neighbours)", "s", {Now() - hop_begin});
  OG_RETURN_IF_ERROR(Asker::Check(hop, subject.seeds, 0, first_hop));
  for (const Question& question : Questions()) {
    OG_RETURN_IF_ERROR(MeasureQuestion(question, subject, asker, settings.seconds, report));
  }
  return Status::Ok();
}

Status MeasureInserts(const Subject& subject, const std::string& queries, const Settings& settings,
                      Report& report) {
  OG_ASSIGN_OR_RETURN(auto graph, OpenGraph(subject));
  const Asker asker(std::move(graph), queries);
  std::vector<double> times;
  const double end = Now() + settings.seconds;
  while (times.size() < 3 || (Now() < end && times.size() < kInsertsMax)) {
    const double begin = Now();
    OG_RETURN_IF_ERROR(asker.Insert("new-" + std::to_string(times.size())));
    times.push_back(Now() - begin);
  }
  report.Add("insert of one row, durable", "s", std::move(times));
  return Status::Ok();
}

Status Run(const std::vector<std::string_view>& arguments) {
  OG_ASSIGN_OR_RETURN(const Settings settings, ParseArguments(arguments));
  std::filesystem::create_directories(settings.folder);
  Subject subject = PackageSubject(settings);
  if (settings.packages.empty()) {
    OG_ASSIGN_OR_RETURN(subject, SocialSubject(settings));
  }
  OG_ASSIGN_OR_RETURN(const std::string queries, ReadFile(subject.queries_path));
  Report report(subject.name);
  for (int run = 0; run < settings.runs; ++run) {
    OG_RETURN_IF_ERROR(MeasureLoad(subject, report));
    OG_RETURN_IF_ERROR(MeasureReads(subject, queries, settings, report));
    OG_RETURN_IF_ERROR(MeasureInserts(subject, queries, settings, report));
  }
  report.Print();
  return Status::Ok();
}

}  // namespace
}  // namespace omnigraph::bench

int main(int argc, char** argv) {
  const omnigraph::Status status =
      omnigraph::bench::Run(std::vector<std::string_view>(argv + 1, argv + argc));
  if (status.ok()) return 0;
  std::fprintf(stderr, "end_to_end: %s\n", std::string(status.message()).c_str());
  return 1;
}
