// Implements graph/schema_change.h.

#include "graph/schema_change.h"

#include <arrow/api.h>

#include <algorithm>

#include "base/hash.h"
#include "schema/identity.h"
#include "table/rows.h"

namespace omnigraph::graph {
namespace {

using schema::MigrationStep;
using schema::StepKind;
using schema::TableType;

// Whether rows of one are, byte for byte, rows of the other.
bool HasSameLayout(const TableType& before, const TableType& after) {
  return format::ArrowSchemaOf(before, false, true)
      ->Equals(*format::ArrowSchemaOf(after, false, true), /*check_metadata=*/true);
}

// What a plan does to the rows of the desired types and of those that go.
struct Effects {
  std::vector<std::string> erased_types;    // Table keys of the accepted schema.
  std::vector<std::string> erased_columns;  // Table keys of the desired schema.
  std::vector<std::string> backfilled;      // Likewise.
};

Effects EffectsOf(const SchemaPlan& plan) {
  Effects effects;
  for (const MigrationStep& step : plan.migration.steps) {
    if (step.type_kind == schema::TypeKind::kInterface) continue;
    const std::string key =
        std::string(schema::TypeKindWord(step.type_kind)) + ":" + step.type_name;
    if (step.kind == StepKind::kDropType && step.is_hard) effects.erased_types.push_back(key);
    if (step.kind == StepKind::kDropProperty && step.is_hard) effects.erased_columns.push_back(key);
    if (!step.backfill_json.empty()) effects.backfilled.push_back(key);
  }
  return effects;
}

bool Contains(const std::vector<std::string>& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// Copies rows of a stored table into batches of a later version of its type.
class RowConverter {
 public:
  RowConverter(const table::Table& table, const TableType& type, const Backfills& backfills)
      : table_(table) {
    for (const schema::Property& property : type.properties) {
      const schema::Property* const stored = table.type().FindPropertyById(property.id);
      const auto backfill = backfills.find({type.name, property.name});
      sources_.push_back({stored, backfill == backfills.end() ? nullptr : &backfill->second});
    }
  }

  void Append(table::RowId row, bool has_stored_ids, format::RowBatch* rows) const {
    const auto place = table_.rows().Locate(row);
    const table::ChunkData& data = place.chunk->data();
    for (schema::PropertyOrdinal i = 0; i < sources_.size(); ++i) {
      format::ColumnBuilder& column = rows->column(i);
      const auto& [stored, constant] = sources_[i];
      const auto* const array =
          stored == nullptr ? nullptr : data.columns[stored->ordinal].array.get();
      const bool is_null = array == nullptr || array->IsNull(place.position);
      if (array != nullptr && (!is_null || constant == nullptr)) {
        column.AppendFrom(*array, place.position);
      } else if (constant != nullptr) {
        column.AppendAll(*constant);
      } else {
        column.AppendNull();
      }
    }
    if (has_stored_ids && rows->layout().ids == format::RowLayout::Ids::kColumn) {
      std::string id;
      OG_CHECK(table_.AppendId(row, id).ok());
      rows->AppendId(id);
    }
    if (table_.is_edge()) {
      rows->AppendEndpoints(data.sources[place.position], data.targets[place.position]);
    }
    rows->FinishRow();
  }

 private:
  struct Source {
    const schema::Property* stored;
    const format::ColumnBuilder* constant;
  };
  const table::Table& table_;
  std::vector<Source> sources_;  // By ordinal of the new type.
};

class Change {
 public:
  Change(const SchemaPlan& plan, WorkingGraph* working, SupersededObjects* superseded)
      : plan_(plan), working_(*working), superseded_(*superseded), effects_(EffectsOf(plan)) {}

  Status Run() {
    const Snapshot& base = working_.base();
    NewSchema next;
    OG_RETURN_IF_ERROR(StoreSchema(&next));
    next.erasures = base.commit().erasures;
    for (const std::string& key : effects_.erased_types) {
      const format::TableState* const state = base.commit().FindTable(key);
      next.erasures.push_back({state->type_id, working_.generation()});
      OG_RETURN_IF_ERROR(Supersede(state->DataPath()));
    }
    for (const TableType* type : plan_.desired->catalog->Tables()) {
      OG_ASSIGN_OR_RETURN(format::TableState state, StateOf(*type, &next));
      next.tables.push_back(std::move(state));
    }
    std::sort(next.tables.begin(), next.tables.end(),
              [](const auto& a, const auto& b) { return a.table_key < b.table_key; });
    working_.SetSchema(std::move(next));
    return Status::Ok();
  }

 private:
  store::ObjectStore& store() { return *working_.base().cache()->store(); }

  Status StoreSchema(NewSchema* next) {
    const std::string identity = schema::EncodeIdentity(plan_.desired->identity);
    next->source_digest = plan_.desired->source_digest;
    next->identity_digest = Sha256Hex(identity);
    OG_RETURN_IF_ERROR(
        store().PutImmutable(format::SchemaKey(next->source_digest), plan_.desired->source_text));
    return store().PutImmutable(format::SchemaIdentityKey(next->identity_digest), identity);
  }

  Result<format::TableState> StateOf(const TableType& type, NewSchema* next) {
    const Snapshot& base = working_.base();
    const TableType* const before = base.catalog().FindTableById(type.id);
    format::TableState state;
    if (before == nullptr) {
      state.table_key = type.table_key;
      state.type_id = type.id;
      // The name may have belonged to another table, whose objects stay where they are.
      state.path = format::TablePath(type.table_key) + "-" + std::to_string(type.id);
      return state;
    }
    state = *base.commit().FindTable(before->table_key);
    if (before->table_key != type.table_key) {
      state.path = state.DataPath();
      state.table_key = type.table_key;
    }
    const bool is_erased = Contains(effects_.erased_columns, type.table_key);
    if (is_erased) {
      next->erasures.push_back({type.id, working_.generation()});
      OG_RETURN_IF_ERROR(Supersede(state.DataPath()));
    }
    const bool is_rewritten = is_erased || Contains(effects_.backfilled, type.table_key);
    if (HasSameLayout(*before, type) && !is_rewritten) return state;
    ++state.table_version;
    state.branch.reset();
    const bool has_rows = !state.manifest.empty() || !state.segments.empty();
    if (!has_rows || (!is_rewritten && state.segments.empty())) return state;
    OG_ASSIGN_OR_RETURN(const table::Table* const table, base.TableOf(*before));
    if (is_rewritten) {
      const RowConverter converter(*table, type, plan_.backfills);
      const auto appender = [&converter](bool has_stored_ids) {
        return [&converter, has_stored_ids](table::RowId row, format::RowBatch* rows) {
          converter.Append(row, has_stored_ids, rows);
        };
      };
      OG_ASSIGN_OR_RETURN(state.manifest,
                          working_.writer().Rewrite(*table, state.DataPath(), type, appender,
                                                    working_.generation()));
    } else {
      // The batches of segments have the layout of their commit's schema; fragments say their own.
      OG_ASSIGN_OR_RETURN(state.manifest,
                          working_.writer().Flush(*table, state.DataPath(), working_.generation()));
    }
    state.segments.clear();
    return state;
  }

  // Everything that stands below a table's path now, before anything new is written there.
  Status Supersede(const std::string& path) {
    constexpr std::uint32_t kKeysAtOnce = 1000;
    const std::string prefix = "data/" + path + "/";
    std::string after;
    while (true) {
      OG_ASSIGN_OR_RETURN(const auto keys, store().List(prefix, after, kKeysAtOnce));
      if (keys.empty()) return Status::Ok();
      superseded_.insert(superseded_.end(), keys.begin(), keys.end());
      after = keys.back();
    }
  }

  const SchemaPlan& plan_;
  WorkingGraph& working_;
  SupersededObjects& superseded_;
  const Effects effects_;
};

}  // namespace

Result<SchemaPlan> PlanSchemaChange(const Snapshot& accepted, std::string_view source,
                                    const schema::MigrationOptions& options) {
  SchemaPlan plan;
  OG_ASSIGN_OR_RETURN(const auto desired, schema::CompileSchema(source));
  OG_RETURN_IF_ERROR(CheckBackfillNames(options.backfills, *desired->catalog));
  plan.migration = schema::PlanMigration(accepted.catalog(), *desired->catalog, options);
  const schema::SchemaIdentity identity =
      schema::EvolveIdentity(accepted.schema()->identity, plan.migration);
  OG_ASSIGN_OR_RETURN(plan.desired, schema::CompileSchema(source, "schema.pg", identity));
  plan.changes_source = plan.desired->source_digest != accepted.schema()->source_digest;
  OG_ASSIGN_OR_RETURN(plan.backfills, ReadBackfills(plan.migration, *plan.desired->catalog));
  OG_RETURN_IF_ERROR(CheckRows(accepted, *plan.desired->catalog, plan.backfills, &plan.migration));
  return plan;
}

Status ApplySchemaChange(const SchemaPlan& plan, WorkingGraph* working,
                         SupersededObjects* superseded) {
  superseded->clear();
  return Change(plan, working, superseded).Run();
}

}  // namespace omnigraph::graph
