// From command line and environment to a site that can be served, or the reason why not. Reads
// only: no graph is created and no ledger written.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/environment.h"
#include "base/status.h"
#include "server/event_log.h"
#include "server/options.h"
#include "server/site.h"

namespace omnigraph::server {

/// Who is let in (S6.1 of the API's contract).
///
/// Errors: `kInvalidArgument` if there are neither tokens nor policies and nobody asked for an open
/// server, or policies without tokens.
Result<AccessMode> ClassifyAccess(bool has_tokens, bool has_policies, bool is_opted_in);

/// Reads what is to be served, the tokens and the policies, and opens every graph, at most four at
/// a time. Stored queries are checked against the schemas of their graphs.
///
/// Errors: any refusal to start, with what to do about it.
Result<std::shared_ptr<const Site>> Boot(const ServerOptions& options,
                                         const Environment& environment, EventLog& log);

/// The applied revision of the cluster as it is now, as the next generation after `served`.
/// Handles of graphs that stayed the same carry over. If nothing that is served differs it is
/// `served` itself, or the same generation with the facts of a ledger that moved all the same.
///
/// Errors: as `Boot`, also if the revision has policies and the process has no tokens. If the
/// cluster is not ready to serve, `codes` gets the codes of the reasons.
Result<std::shared_ptr<const Site>> BootAgain(const ServerOptions& options,
                                              const Environment& environment,
                                              const std::shared_ptr<const Site>& served,
                                              EventLog& log, std::vector<std::string>& codes);

}  // namespace omnigraph::server
