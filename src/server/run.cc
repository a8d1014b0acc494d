// Starts the server, waits for a signal, and ends it in good order.

#include "server/run.h"

#include <csignal>
#include <cstdio>
#include <string>

#include "base/strings.h"
#include "net/http_server.h"
#include "server/boot.h"
#include "server/options.h"
#include "server/service.h"

namespace omnigraph::server {

namespace {

constexpr int kExitOk = 0;
constexpr int kExitRefused = 1;
constexpr int kExitUsage = 2;

int Report(const Status& failure, int exit_code) {
  const std::string text = "error: " + std::string(failure.message()) + "\n";
  std::fputs(text.c_str(), stderr);
  return exit_code;
}

/// The signals that end the server, delivered to whoever waits for them and to nobody else.
class EndSignals {
 public:
  EndSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }

  int Wait() const {
    int signal = 0;
    while (sigwait(&signals_, &signal) != 0) {
    }
    return signal;
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

int Serve(const ServerOptions& options, const Environment& environment, const EndSignals& signals) {
  const auto log = EventLog::ToStderr(environment("RUST_LOG").value_or("info"));
  const auto address = ParseBindAddress(options.bind);
  if (!address.ok()) return Report(address.status(), kExitRefused);
  const auto site = Boot(options, environment, *log);
  if (!site.ok()) return Report(site.status(), kExitRefused);

  AdmissionControl admission(ReadAdmissionLimits(environment, *log));
  Service service({**site, admission, *log, Clock::System()});
  net::HttpServerOptions http;
  http.address = address->host;
  http.port = address->port;
  const auto server = net::HttpServer::Start(service, http);
  if (!server.ok()) return Report(server.status(), kExitRefused);

  LogServing(options, **site, (*server)->LocalAddress(), *log);
  Announce((*server)->LocalAddress());
  const int signal = signals.Wait();
  log->Write(LogLevel::kInfo, "shutdown signal received",
             {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  signals.Release();
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
  const EndSignals signals;  // Before any thread, so that all inherit the mask.
  return Serve(*options, environment, signals);
}

}  // namespace omnigraph::server
