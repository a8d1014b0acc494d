// Implements engine/query_cache.h.

#include "engine/query_cache.h"

#include "query/compile.h"
#include "query/parameters.h"

namespace omnigraph::engine {

Result<std::shared_ptr<const ParsedQuery>> QueryCache::Parse(std::string_view source,
                                                             std::string_view name) {
  std::string key(name);
  key += '\0';
  key += source;
  {
    const std::lock_guard lock(mutex_);
    if (auto found = parsed_.Find(key)) return found;
  }
  auto parsed = std::make_shared<ParsedQuery>();
  parsed->source = std::make_shared<const text::Source>("query", std::string(source));
  OG_ASSIGN_OR_RETURN(query::ast::File file, query::ParseFile(*parsed->source));
  auto owned = std::make_shared<const query::ast::File>(std::move(file));
  OG_ASSIGN_OR_RETURN(parsed->query, query::SelectQuery(*owned, name));
  parsed->file = std::move(owned);
  parsed->parameters = query::DeclaredParameters(*parsed->query);
  const std::lock_guard lock(mutex_);
  parsed_.Add(key, parsed, source.size());
  return std::shared_ptr<const ParsedQuery>(std::move(parsed));
}

Result<std::shared_ptr<const query::CheckedQuery>> QueryCache::Check(
    const std::shared_ptr<const ParsedQuery>& parsed, const schema::Schema& schema) {
  // Not by the schema's digest: one text may come back with other stable numbers. A graph keeps
  // every schema that it has opened, so the address names one schema for ever.
  const std::string key = std::to_string(reinterpret_cast<std::uintptr_t>(parsed.get())) + ":" +
                          std::to_string(reinterpret_cast<std::uintptr_t>(&schema));
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = checked_.Find(key)) return found->query;
  }
  OG_ASSIGN_OR_RETURN(query::CheckedQuery checked,
                      query::CheckQuery(*parsed->source, *parsed->query, *schema.catalog));
  auto shared = std::make_shared<const query::CheckedQuery>(std::move(checked));
  const std::lock_guard lock(mutex_);
  checked_.Add(key, std::make_shared<const Checked>(Checked{parsed, shared}),
               parsed->source->text().size());
  return shared;
}

}  // namespace omnigraph::engine
