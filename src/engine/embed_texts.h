// Turns the texts that a read gives to `nearest` into vectors, before it is executed.

#pragma once

#include "base/clock.h"
#include "base/status.h"
#include "query/checked.h"
#include "schema/catalog.h"

namespace omnigraph::embed {
class Embedder;
}

namespace omnigraph::engine {

/// `query` was bound (query/bind.h). Each text becomes a vector of the length of its property, once
/// per query. Does nothing for queries without such texts. `embedder` may be null: then a text is
/// an error.
///
/// Errors: `kInvalidArgument` naming both models if the property's vectors come from another one;
/// as of `Embedder::Embed`.
Status EmbedTexts(const schema::Catalog& catalog, embed::Embedder* embedder,
                  const Deadline& deadline, query::CheckedQuery* query);

}  // namespace omnigraph::engine
