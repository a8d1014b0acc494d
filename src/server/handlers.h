// The functions behind the routes of the table, one per row.

#pragma once

#include <optional>

#include "net/http_message.h"

namespace omnigraph::server {

class Call;

net::HttpResponse GetHealth(Call& call);
net::HttpResponse GetOpenApi(Call& call);
net::HttpResponse GetReadiness(Call& call);
net::HttpResponse GetMetrics(Call& call);
net::HttpResponse ListGraphs(Call& call);
net::HttpResponse GetCluster(Call& call);
net::HttpResponse ReloadCluster(Call& call);

net::HttpResponse RunQuery(Call& call);
net::HttpResponse RunRead(Call& call);
net::HttpResponse RunMutation(Call& call);
net::HttpResponse ListStoredQueries(Call& call);
net::HttpResponse InvokeStoredQuery(Call& call);

net::HttpResponse GetSnapshot(Call& call);
net::HttpResponse GetSchema(Call& call);
net::HttpResponse ApplySchema(Call& call);
net::HttpResponse ListCommits(Call& call);
net::HttpResponse GetCommit(Call& call);
net::HttpResponse Export(Call& call);

net::HttpResponse GetDiff(Call& call);
net::HttpResponse GetCommitChanges(Call& call);
net::HttpResponse PollChanges(Call& call);
net::HttpResponse CaptureBaseline(Call& call);

net::HttpResponse Load(Call& call);
net::HttpResponse LoadLines(Call& call);
/// Refuses lines of a caller who may not write to their branch, before they are read.
std::optional<net::HttpResponse> CheckLoadLines(const Call& call);
net::HttpResponse ListBranches(Call& call);
net::HttpResponse CreateBranch(Call& call);
net::HttpResponse DeleteBranch(Call& call);
net::HttpResponse MergeBranches(Call& call);
net::HttpResponse RevertBranch(Call& call);
net::HttpResponse ListTags(Call& call);
net::HttpResponse CreateTag(Call& call);
net::HttpResponse DeleteTag(Call& call);

}  // namespace omnigraph::server
