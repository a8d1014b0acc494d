// A graph behind a server, with the interface of an embedded one.
//
// The server decides who the caller is from the token, so `Caller::actor` is never sent; limits and
// deadlines of the caller are the server's affair too. One request per operation, never repeated.

#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/status.h"
#include "client/answers.h"
#include "engine/engine.h"
#include "engine/versions.h"

namespace omnigraph::net {
class HttpClient;
struct HttpClientRequest;
struct HttpClientResponse;
}  // namespace omnigraph::net

namespace omnigraph::client {

/// A stored query to run by name.
struct StoredQueryRequest {
  std::string_view name;
  std::string_view params_json;  ///< Empty: none are sent.
  std::optional<std::string> branch;
  std::optional<std::string> snapshot;
  /// Sent along, so that the server refuses a query of the other kind before it runs.
  std::optional<bool> expects_mutation;
  engine::WriteConditions conditions{};  ///< Of a mutation.
};

/// The address of one graph of a server of several. The id is a text of the user: it never leads
/// elsewhere.
std::string GraphUrl(std::string_view server_url, std::string_view graph_id);

class RemoteGraph final : public engine::Graph {
 public:
  /// `base_url` is a server or ends in `/graphs/<id>`; nothing is sent yet.
  ///
  /// Errors: `kInvalidArgument` for a bad URL or token.
  static Result<std::shared_ptr<RemoteGraph>> Open(std::string base_url,
                                                   std::optional<std::string> bearer_token);
  /// Over a client of the caller's.
  RemoteGraph(std::unique_ptr<net::HttpClient> http, std::string base_url);
  ~RemoteGraph() override;

  // Errors of every operation: what the server said (`ErrorFromResponse`); `kUnavailable`, naming
  // the URL, if it cannot be reached.

  /// Empty: servers do not tell.
  const std::string& incarnation_id() const override { return incarnation_id_; }

  Result<engine::QueryAnswer> Query(const engine::Caller& caller,
                                    const engine::QueryRequest& request) override;
  Result<engine::MutationAnswer> Mutate(const engine::Caller& caller,
                                        const engine::MutationRequest& request) override;
  /// Sends the whole input as one request.
  Result<engine::LoadAnswer> Load(const engine::Caller& caller,
                                  const engine::LoadRequest& request) override;
  Status Export(const engine::Caller& caller, const engine::ExportRequest& request) override;
  Result<engine::SnapshotAnswer> Snapshot(const engine::Caller& caller,
                                          const engine::ReadTarget& target) override;
  /// The present schema, whatever `target` says.
  Result<engine::SchemaAnswer> Schema(const engine::Caller& caller,
                                      const engine::ReadTarget& target) override;
  /// `kInvalidArgument`: servers plan nothing.
  Result<engine::SchemaChangeAnswer> PlanSchema(
      const engine::Caller& caller, const engine::SchemaChangeRequest& request) override;
  /// The server checks its own stored queries; `check_catalog` is not asked.
  Result<engine::SchemaChangeAnswer> ApplySchema(
      const engine::Caller& caller, const engine::SchemaChangeRequest& request) override;
  Result<std::vector<engine::CommitRecord>> ListCommits(const engine::Caller& caller,
                                                        std::string_view branch,
                                                        std::uint64_t limit) override;
  Result<engine::CommitRecord> ShowCommit(const engine::Caller& caller,
                                          std::string_view commit_id) override;
  Result<std::vector<std::string>> ListBranches(const engine::Caller& caller) override;
  Status CreateBranch(const engine::Caller& caller, std::string_view name,
                      std::string_view from) override;
  Status DeleteBranch(const engine::Caller& caller, std::string_view name) override;
  Result<engine::MergeAnswer> Merge(const engine::Caller& caller,
                                    const engine::MergeRequest& request) override;
  Result<std::vector<engine::Tag>> ListTags(const engine::Caller& caller) override;
  Result<engine::Tag> CreateTag(const engine::Caller& caller,
                                const engine::TagRequest& request) override;
  Status DeleteTag(const engine::Caller& caller, std::string_view name) override;
  Result<engine::RevertAnswer> Revert(const engine::Caller& caller,
                                      const engine::RevertRequest& request) override;

  Result<engine::DiffStats> Diff(const engine::Caller& caller,
                                 const engine::DiffRequest& request) override;
  Result<engine::CommitChangesAnswer> CommitChanges(
      const engine::Caller& caller, const engine::CommitChangesRequest& request) override;
  Result<engine::ChangeFeedAnswer> PollChanges(const engine::Caller& caller,
                                               const engine::ChangeFeedRequest& request) override;
  Result<engine::BaselineAnswer> CaptureBaseline(const engine::Caller& caller,
                                                 const engine::BaselineRequest& request) override;

  /// Runs a stored query of either kind.
  Result<std::variant<engine::QueryAnswer, engine::MutationAnswer>> InvokeStored(
      const StoredQueryRequest& request);

  /// The graphs of the server at `base_url`, which must not end in `/graphs/<id>`.
  Result<std::vector<ListedGraph>> ListGraphs();

  /// What the server said about the last write through this object.
  ServerEcho last_echo() const;

 private:
  Result<net::HttpClientResponse> Ask(const net::HttpClientRequest& request);
  Result<std::string> Send(const net::HttpClientRequest& request);
  Result<std::string> Get(std::string target);
  Result<std::string> Post(std::string target, std::string body,
                           const engine::WriteConditions& conditions = {});
  Result<engine::LoadAnswer> LoadLines(const engine::LoadRequest& request, std::string data);
  void KeepEcho(std::string_view answer);

  const std::string base_url_;
  const std::string incarnation_id_;
  mutable std::mutex mutex_;
  std::unique_ptr<net::HttpClient> http_;  // Guarded by mutex_: one connection, one request.
  ServerEcho last_echo_;                   // Guarded by mutex_.
};

}  // namespace omnigraph::client
