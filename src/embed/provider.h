// Vectors from a provider over HTTP.

#pragma once

#include <memory>

#include "embed/embedder.h"
#include "embed/settings.h"

namespace omnigraph::embed {

/// `settings.wire` is not `kOffline`. Opens no connection before the first text.
///
/// An attempt that meets a broken connection, a timeout, status 429 or a status of 500 and above is
/// repeated; any other failure is final.
std::shared_ptr<Embedder> OpenProvider(Settings settings);

}  // namespace omnigraph::embed
