// Starts the server, waits for a signal, and ends it in good order.

#include "server/run.h"

#include <malloc.h>
#include <sys/resource.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string>

#include "base/strings.h"
#include "net/http_server.h"
#include "server/boot.h"
#include "server/options.h"
#include "server/reloader.h"
#include "server/service.h"

namespace omnigraph::server {

namespace {

constexpr int kExitOk = 0;
constexpr int kExitRefused = 1;
constexpr int kExitUsage = 2;
constexpr std::uint64_t kDescriptorsUnknown = 1024;  ///< What systems grant at least.

int Report(const Status& failure, int exit_code) {
  const std::string text = "error: " + std::string(failure.message()) + "\n";
  std::fputs(text.c_str(), stderr);
  return exit_code;
}

/// The signals that the server acts upon, delivered to whoever waits for them and to nobody else.
class Signals {
 public:
  Signals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }

  /// The next signal; 0 if none came within `time`, which 0 makes endless.
  int Wait(std::chrono::seconds time) const {
    const timespec limit{static_cast<std::time_t>(time.count()), 0};
    while (true) {
      const int signal = time.count() == 0 ? sigwaitinfo(&signals_, nullptr)
                                           : sigtimedwait(&signals_, nullptr, &limit);
      if (signal > 0) return signal;
      if (errno == EAGAIN) return 0;
    }
  }

  /// From now on such a signal ends the process at once.
  void Release() const { pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr); }

 private:
  sigset_t signals_;
};

void LogServing(const ServerOptions& options, const Site& site, const std::string& address,
                EventLog& log) {
  if (site.is_single) {
    const ServedGraph& served = site.graphs.begin()->second;
    log.Write(
        LogLevel::kInfo, "serving omnigraph",
        {{"uri", served.uri}, {"graph_id", served.id}, {"bind", address}, {"mode", "single"}});
    return;
  }
  log.Write(LogLevel::kInfo, "serving omnigraph",
            {{"bind", address},
             {"mode", "multi"},
             {"graph_count", std::to_string(site.graphs.size())},
             {"config", *options.cluster}});
}

/// Tells programs where the server listens.
void Announce(const std::string& address) {
  const std::string line = "OMNIGRAPH_LISTEN_ADDR=" + address + "\n";
  std::fputs(line.c_str(), stdout);
  std::fflush(stdout);
}

/// Reloads when asked to, until a signal ends the server; returns that signal.
int WaitForTheEnd(const Signals& signals, std::chrono::seconds poll_interval, Reloader* reloader) {
  while (true) {
    const int signal = signals.Wait(reloader == nullptr ? std::chrono::seconds(0) : poll_interval);
    if (signal == SIGINT || signal == SIGTERM) return signal;
    if (reloader == nullptr) continue;
    if (signal == SIGHUP) {
      reloader->Reload();
    } else {
      reloader->Poll();
    }
  }
}

/// What one thread allocates and another frees, as rows and answers are, stays in the arena of the
/// first: with the library's default of eight for each processor a server of many threads keeps
/// several times what it uses.
void LimitAllocatorArenas() {
  constexpr int kArenasMax = 4;
  (void)mallopt(M_ARENA_MAX, kArenasMax);
}

/// Lets the process open as many files as the system allows it, and says how many that are.
std::uint64_t RaiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kDescriptorsUnknown;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kDescriptorsUnknown;
  return limit.rlim_cur;
}

int Serve(const ServerOptions& options, const Environment& environment, const Signals& signals) {
  LimitAllocatorArenas();
  const auto log = EventLog::ToStderr(environment("RUST_LOG").value_or("info"));
  const auto address = ParseBindAddress(options.bind);
  if (!address.ok()) return Report(address.status(), kExitRefused);
  const auto seconds_of = [&](const std::optional<std::string>& option, const char* variable,
                              std::string_view what) {
    return ParseSeconds(what, option.value_or(environment(variable).value_or(std::string())));
  };
  const auto interval =
      seconds_of(options.reload_interval, "OMNIGRAPH_RELOAD_INTERVAL", "reload interval");
  if (!interval.ok()) return Report(interval.status(), kExitRefused);
  const auto timeout =
      seconds_of(options.query_timeout, "OMNIGRAPH_QUERY_TIMEOUT", "query timeout");
  if (!timeout.ok()) return Report(timeout.status(), kExitRefused);
  const auto site = Boot(options, environment, *log);
  if (!site.ok()) return Report(site.status(), kExitRefused);

  CurrentSite current(*site);
  AdmissionControl admission(ReadAdmissionLimits(environment, *log));
  std::optional<Reloader> reloader;
  if ((*site)->cluster) reloader.emplace(options, environment, current, *log);
  Reloader* reloads = reloader ? &*reloader : nullptr;
  ServiceParts parts{current, admission, *log, Clock::System(), reloads};
  if (timeout->count() > 0) parts.query_time_max = *timeout;
  Service service(parts);
  net::HttpServerOptions http;
  http.address = address->host;
  http.port = address->port;
  http.connections_count_max = ConnectionsWithin(RaiseFileLimit(), http.connections_count_max);
  const auto server = net::HttpServer::Start(service, http);
  if (!server.ok()) return Report(server.status(), kExitRefused);

  LogServing(options, **site, (*server)->LocalAddress(), *log);
  Announce((*server)->LocalAddress());
  const int signal = WaitForTheEnd(signals, *interval, reloads);
  log->Write(LogLevel::kInfo, "shutdown signal received",
             {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  signals.Release();
  service.BeginDrain();
  (*server)->Stop();
  return kExitOk;
}

}  // namespace

int Run(std::span<const std::string_view> arguments, const Environment& environment) {
  const auto options = ParseCommandLine(arguments);
  if (!options.ok()) {
    std::fputs(("error: " + std::string(options.status().message()) +
                "\n\nRun 'omnigraph-server --help' for the options.\n")
                   .c_str(),
               stderr);
    return kExitUsage;
  }
  if (options->asks_for_help) {
    std::fputs(std::string(HelpText()).c_str(), stdout);
    return kExitOk;
  }
  if (options->asks_for_version) {
    std::fputs(("omnigraph-server " + std::string(kApiVersion) + "\n").c_str(), stdout);
    return kExitOk;
  }
  const Signals signals;  // Before any thread, so that all inherit the mask.
  return Serve(*options, environment, signals);
}

}  // namespace omnigraph::server
