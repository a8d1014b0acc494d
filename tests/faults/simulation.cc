// Implements simulation.h.

#include "simulation.h"

#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "cell_store.h"
#include "engine/local_graph.h"
#include "forwarding_store.h"
#include "graph/repository.h"
#include "history.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"
#include "store/test_directory.h"

namespace omnigraph::faults {
namespace {

using store::Fault;

constexpr int kNestingMax = 3;
constexpr int kFaultyEffectMax = 8;  // A fault hits one of the first effects of an operation.
constexpr std::int64_t kStepMicros = 120'000'000;  // How long a step takes by the store's clock.
constexpr std::uint64_t kGraceSecs = 60;           // Less than a step, more than an operation.
constexpr Fault kFaults[] = {Fault::kRefused,   Fault::kFailedAfter, Fault::kLostRequest,
                             Fault::kLostReply, Fault::kDelayed,     Fault::kCrashBefore,
                             Fault::kCrashAfter};

// When objects came into being, in steps: the clock of the shared store.
struct Calendar {
  std::mutex mutex;  // Threads of the engine write, too.
  std::atomic<int> step = 0;
  std::map<std::string, int, std::less<>> born;  // Guarded by mutex.
};

constexpr int kNever = std::numeric_limits<int>::max();  // As a birth: always young.

// The shared objects as one client sees them: others come first, and time passes by steps.
class OvertakenStore final : public ForwardingStore {
 public:
  OvertakenStore(std::shared_ptr<store::ObjectStore> inner, std::function<void()> overtake,
                 Calendar& calendar)
      : ForwardingStore(inner),
        inner_(std::move(inner)),
        overtake_(std::move(overtake)),
        calendar_(calendar) {}

  void BeforeCall() override {
    // Threads of the engine do not decide anything.
    if (IsOwnThread()) overtake_();
  }

  Result<store::ObjectInfo> Stat(std::string_view key) override {
    OG_ASSIGN_OR_RETURN(store::ObjectInfo info, ForwardingStore::Stat(key));
    const std::lock_guard lock(calendar_.mutex);
    const auto [born, is_new] = calendar_.born.emplace(key, calendar_.step);
    // What is written behind the replies belongs to writes of later steps; the engine counts its
    // age by the clock of the machine.
    const int age = std::max(0, calendar_.step - born->second);
    info.modified_micros = Clock::System().NowMicros() - age * kStepMicros;
    return info;
  }
  Status PutImmutable(std::string_view key, std::string_view bytes,
                      store::Durability durability) override {
    NoteBirth(key);
    return ForwardingStore::PutImmutable(key, bytes, durability);
  }
  Result<std::unique_ptr<store::ObjectWriter>> OpenWriter(std::string_view key) override {
    NoteBirth(key);
    return ForwardingStore::OpenWriter(key);
  }

 private:
  bool IsOwnThread() const { return std::this_thread::get_id() == thread_; }

  void NoteBirth(std::string_view key) {
    const std::lock_guard lock(calendar_.mutex);
    if (inner_->Stat(key).ok()) return;
    calendar_.born.insert_or_assign(std::string(key),
                                    IsOwnThread() ? calendar_.step.load() : kNever);
  }

  const std::shared_ptr<store::ObjectStore> inner_;
  const std::function<void()> overtake_;
  Calendar& calendar_;
  const std::thread::id thread_ = std::this_thread::get_id();
};

struct Client {
  std::shared_ptr<store::FaultyStore> objects;
  std::shared_ptr<engine::Graph> graph;
  graph::Housekeeper* housekeeper = nullptr;  // Of the graph.
  std::unique_ptr<HistoryClient> user;
  bool is_busy = false;

  void Open() {
    auto repository = *graph::Repository::Open(objects, "g");
    housekeeper = &repository->housekeeper();
    graph = std::make_shared<engine::LocalGraph>(std::move(repository), engine::OpenOptions{});
  }
};

class Universe {
 public:
  explicit Universe(const SimulationOptions& options) : options_(options), random_(options.seed) {}

  SimulationReport Run() {
    shared_ = MakeStore();
    const Status ready = InitHistoryGraph(shared_, kBranches);
    OG_CHECK(ready.ok());
    for (int i = 0; i < options_.clients; ++i)
      AddClient(i);
    for (; calendar_.step < options_.steps; ++calendar_.step)
      RunOne(0);
    for (Client& client : clients_)
      client.objects->Reopen();
    const auto graph = engine::Graph::Open(shared_, engine::OpenOptions{});
    report_.violation = graph.ok() ? FindViolation(history_, **graph, kBranches)
                                   : std::string(graph.status().message());
    return report_;
  }

 private:
  inline static const std::vector<std::string> kBranches = {"main", "side", "deep"};

  std::shared_ptr<store::ObjectStore> MakeStore() {
    if (!options_.is_in_folder) return std::make_shared<store::MemoryStore>();
    return OpenFolder(directory_.path());
  }

  void AddClient(int number) {
    Client client;
    const auto overtaken =
        std::make_shared<OvertakenStore>(shared_, [this] { Overtake(); }, calendar_);
    client.objects = std::make_shared<store::FaultyStore>(overtaken);
    client.Open();
    client.user = std::make_unique<HistoryClient>("c" + std::to_string(number), history_);
    clients_.push_back(std::move(client));
  }

  int Draw(int count) { return std::uniform_int_distribution<int>(0, count - 1)(random_); }

  void Overtake() {
    if (depth_ == 0 || depth_ > kNestingMax || Draw(100) >= options_.overtaken_percent) return;
    ++report_.nested;
    RunOne(depth_);
  }

  // One operation of a client that is doing nothing.
  void RunOne(int depth) {
    std::vector<Client*> idle;
    for (Client& client : clients_)
      if (!client.is_busy) idle.push_back(&client);
    if (idle.empty()) return;
    Client& client = *idle[static_cast<std::size_t>(Draw(static_cast<int>(idle.size())))];
    client.is_busy = true;
    depth_ = depth + 1;
    PlanFault(client);
    Perform(client);
    // What it does behind its reply is part of the operation here, or threads would decide.
    client.housekeeper->WaitUntilIdle();
    if (client.objects->is_crashed()) {
      ++report_.crashes;
      // The next process. What was delayed happens now, unnoticed by anybody.
      client.objects->Reopen();
      client.Open();
    }
    depth_ = depth;
    client.is_busy = false;
    ++report_.operations;
  }

  void PlanFault(Client& client) {
    if (Draw(100) >= options_.fault_percent) return client.objects->SetPlan({});
    const Fault fault = kFaults[static_cast<std::size_t>(Draw(std::size(kFaults)))];
    client.objects->SetPlan({{static_cast<std::uint64_t>(Draw(kFaultyEffectMax)), fault}});
    ++report_.faults;
  }

  void Perform(Client& client) {
    engine::Graph& graph = *client.graph;
    HistoryClient& user = *client.user;
    const std::string& branch = kBranches[static_cast<std::size_t>(Draw(3))];
    const int choice = Draw(100);
    if (choice < 15) return user.Add(graph, branch);
    if (choice < 40) return user.Attach(graph, branch, Draw(kRegistersPerBranch));
    if (choice < 47) return user.AddLarge(graph, branch);
    if (choice < 58) return user.Remove(graph, branch, static_cast<std::uint64_t>(Draw(1000)));
    if (choice < 76) return user.ReadAll(graph, branch);
    if (choice < 90) {
      ++report_.merges;
      const std::string& other = kBranches[static_cast<std::size_t>(Draw(3))];
      if (other != branch) return user.Merge(graph, branch, other);
      return user.ReadAll(graph, branch);
    }
    if (choice < 94) return user.Optimize(graph);
    user.Cleanup(graph, kGraceSecs);
  }

  const SimulationOptions options_;
  std::mt19937_64 random_;
  store::TestDirectory directory_;
  std::shared_ptr<store::ObjectStore> shared_;
  History history_;
  std::deque<Client> clients_;
  Calendar calendar_;
  int depth_ = 0;  // Of the operation that runs now; 0 outside of all.
  SimulationReport report_;
};

}  // namespace

SimulationReport Simulate(const SimulationOptions& options) {
  return Universe(options).Run();
}

}  // namespace omnigraph::faults
