// Implements graph/repository.h.

#include "graph/repository.h"

#include <algorithm>

#include "base/clock.h"
#include "base/strings.h"
#include "format/container.h"
#include "history/branch_name.h"
#include "history/tags.h"
#include "store/damage.h"

namespace omnigraph::graph {
namespace {

constexpr std::uint64_t kMarkerBytesMax = 4096;
constexpr std::size_t kPastSnapshotsMax = 8;

Status AlreadyInitialized(std::string_view uri) {
  return Status::Error(ErrorCode::kAlreadyExists,
                       "graph already initialized at '" + std::string(uri) +
                           "'; use it, choose another place, or complete a half-created graph "
                           "with --force");
}

format::CommitRun Genesis(const schema::Schema& schema, const std::optional<std::string>& actor) {
  format::Commit commit;
  commit.id = UlidGenerator::System().Next();
  commit.write_id = UlidGenerator::System().Next();
  commit.created_at_micros = Clock::System().NowMicros();
  commit.operation = format::Operation::kInit;
  commit.actor = actor;
  commit.schema_digest = schema.source_digest;
  for (const schema::TableType* type : schema.catalog->Tables()) {
    format::TableState state;
    state.table_key = type->table_key;
    state.type_id = type->id;
    commit.tables.push_back(std::move(state));
  }
  std::sort(commit.tables.begin(), commit.tables.end(),
            [](const auto& a, const auto& b) { return a.table_key < b.table_key; });
  format::CommitRun run;
  run.commits.push_back(std::move(commit));
  return run;
}

}  // namespace

Status Repository::Init(store::ObjectStore& store, std::string_view uri,
                        std::string_view schema_source, bool is_forced,
                        const std::optional<std::string>& actor) {
  const auto main = store.ReadVersion(format::RefKey(history::kMainBranch));
  if (main.ok()) return AlreadyInitialized(uri);
  if (main.status().code() != ErrorCode::kNotFound) return main.status();
  const auto marker = store.Read(format::kGraphMarkerKey, kMarkerBytesMax);
  if (marker.ok() && !is_forced) return AlreadyInitialized(uri);
  if (!marker.ok() && marker.status().code() != ErrorCode::kNotFound) return marker.status();
  OG_ASSIGN_OR_RETURN(const auto schema, schema::CompileSchema(schema_source));

  if (!marker.ok()) {
    const std::string bytes =
        format::EncodeGraphMarker({format::kFormatNumber, UlidGenerator::System().Next()});
    const Status claimed = store.Create(format::kGraphMarkerKey, bytes).status();
    if (!claimed.ok() && claimed.code() == ErrorCode::kAlreadyExists && !is_forced) {
      return AlreadyInitialized(uri);
    }
    if (!claimed.ok() && claimed.code() != ErrorCode::kAlreadyExists) return claimed;
  }
  OG_RETURN_IF_ERROR(store.PutImmutable(format::SchemaKey(schema->source_digest), schema_source));
  history::CommitStore commits(
      std::shared_ptr<store::ObjectStore>(std::shared_ptr<void>(), &store));
  const Status created = commits.CreateRoot(history::kMainBranch, Genesis(*schema, actor));
  if (!created.ok() && created.code() == ErrorCode::kAlreadyExists) return AlreadyInitialized(uri);
  return created;
}

Result<std::unique_ptr<Repository>> Repository::Open(std::shared_ptr<store::ObjectStore> store,
                                                     std::string_view uri) {
  const auto bytes = store->Read(format::kGraphMarkerKey, kMarkerBytesMax);
  if (!bytes.ok()) {
    if (bytes.status().code() != ErrorCode::kNotFound) return bytes.status();
    if (store->ReadVersion(format::RefKey(history::kMainBranch)).ok()) {
      return store::MissingIsDamage(format::kGraphMarkerKey, bytes.status());
    }
    const auto old = store->Stat("_schema.pg");
    return Status::Error(
        ErrorCode::kNotFound,
        "no graph at '" + std::string(uri) + "': '" + std::string(format::kGraphMarkerKey) +
            "' not found" +
            (old.ok() ? ". The '_schema.pg' there belongs to a graph of an older line: export it "
                        "with the program that made it, then `omnigraph init` and `omnigraph load`"
                      : " (nor a '_schema.pg'); create one with `omnigraph init`"));
  }
  OG_ASSIGN_OR_RETURN(format::GraphMarker marker, format::DecodeGraphMarker(bytes->bytes));
  return std::unique_ptr<Repository>(new Repository(std::move(store), std::move(marker.graph_id)));
}

Repository::Repository(std::shared_ptr<store::ObjectStore> store, std::string graph_id)
    : graph_id_(std::move(graph_id)),
      commits_(store),
      cache_(std::make_shared<ObjectCache>(store)),
      pool_("og-work", ProcessorsCount()) {}

std::shared_ptr<BranchWriter> Repository::Writer(std::string_view branch) {
  const std::lock_guard lock(mutex_);
  auto found = writers_.find(branch);
  if (found == writers_.end()) {
    found = writers_
                .emplace(branch, std::make_shared<BranchWriter>(std::string(branch), commits_,
                                                                cache_, pool_, housekeeper_))
                .first;
  }
  return found->second;
}

Result<std::shared_ptr<const Snapshot>> Repository::Head(std::string_view branch) {
  auto snapshot = Writer(branch)->Head();
  if (!snapshot.ok() && snapshot.status().code() == ErrorCode::kNotFound) {
    // A name that does not exist (any more) must not stay in memory.
    const std::lock_guard lock(mutex_);
    const auto found = writers_.find(branch);
    if (found != writers_.end()) writers_.erase(found);
  }
  return snapshot;
}

Result<format::Commit> Repository::WriteToNewBranch(std::string_view name, std::string_view from,
                                                    const WriteRequest& request) {
  OG_ASSIGN_OR_RETURN(const history::BranchHead base, commits_.ReadHead(from));
  OG_RETURN_IF_ERROR(RequireHead(request.expected_commit, base.commit().id, from));
  OG_ASSIGN_OR_RETURN(const auto snapshot,
                      Snapshot::Open(cache_, base.run, base.run->commits.size() - 1, nullptr));
  WorkingGraph working(snapshot, &pool_);
  Footprint footprint;
  OG_RETURN_IF_ERROR(request.plan(working, &footprint));
  CommitHeader header;
  header.id = UlidGenerator::System().Next();
  header.write_id = UlidGenerator::System().Next();
  header.branch = name;
  header.branch_incarnation = UlidGenerator::System().Next();
  header.actor = request.actor;
  header.created_at_micros = Clock::System().NowMicros();
  header.operation = request.operation;
  const auto run = std::make_shared<format::CommitRun>();
  run->branch_incarnation = header.branch_incarnation;
  if (request.key) {
    header.receipt = format::Receipt{request.key->key, request.key->request, request.answer()};
    OG_RETURN_IF_ERROR(commits_.receipts().Add(&run->receipts, request.key->key, header.id,
                                               header.created_at_micros));
  }
  OG_RETURN_IF_ERROR(working.Finish(header, run).status());
  OG_RETURN_IF_ERROR(commits_.CreateBranchWithCommit(name, from, base, *run));
  return run->head();
}

// A commit that `Cleanup` took the rows of lists no tables, though its schema has types.
Status Repository::CheckHasRows(const format::Commit& commit) {
  if (!commit.tables.empty()) return Status::Ok();
  OG_ASSIGN_OR_RETURN(const auto schema,
                      cache_->Schema(commit.schema_digest, commit.schema_identity));
  if (schema->catalog->Tables().empty()) return Status::Ok();
  return Status::Error(ErrorCode::kNotFound,
                       "commit '" + commit.id +
                           "' was cleaned up: its record is there, its rows are not; "
                           "`omnigraph commit list` shows newer ones");
}

void Repository::ForgetPast() {
  const std::lock_guard lock(mutex_);
  past_.clear();
}

// Whether some branch or tag still leads to the commit.
Result<bool> Repository::IsVisible(const history::StoredCommit& stored) {
  const format::Commit& commit = stored.commit();
  // Branches only grow, and main is never deleted.
  if (!commit.branch) return true;
  if (!commit.branch_incarnation.empty()) {
    const auto head = Head(*commit.branch);
    if (head.ok() && (*head)->run()->branch_incarnation == commit.branch_incarnation) return true;
    if (!head.ok() && head.status().code() != ErrorCode::kNotFound) return head.status();
  }
  {
    const std::lock_guard lock(mutex_);
    if (main_leads_to_.contains(commit.id)) return true;
  }
  OG_ASSIGN_OR_RETURN(const auto main, Head(history::kMainBranch));
  const history::StoredCommit main_head{main->run(), main->run()->commits.size() - 1};
  OG_ASSIGN_OR_RETURN(const bool is_on_main, commits_.LeadsTo({main_head}, commit));
  if (is_on_main) {
    const std::lock_guard lock(mutex_);
    main_leads_to_.insert(commit.id);
    return true;
  }
  OG_ASSIGN_OR_RETURN(const std::vector<history::StoredCommit> others, RefsBeyondMain());
  return commits_.LeadsTo(others, commit);
}

Result<std::vector<history::StoredCommit>> Repository::RefsBeyondMain() {
  std::vector<history::StoredCommit> commits;
  OG_ASSIGN_OR_RETURN(const std::vector<std::string> branches, commits_.ListBranches());
  for (const std::string& branch : branches) {
    if (branch == history::kMainBranch) continue;
    const auto head = commits_.ReadHead(branch);
    if (head.ok()) {
      commits.push_back({head->run, head->run->commits.size() - 1});
    } else if (head.status().code() != ErrorCode::kNotFound) {  // Else deleted meanwhile.
      return head.status();
    }
  }
  OG_ASSIGN_OR_RETURN(const auto tags, history::ListTags(commits_.store()));
  for (const history::NamedTag& tag : tags) {
    OG_ASSIGN_OR_RETURN(history::StoredCommit target,
                        commits_.FindCommit(tag.record.commit_id, ""));
    commits.push_back(std::move(target));
  }
  return commits;
}

Result<history::StoredCommit> Repository::FindCommit(std::string_view name) {
  if (IsUlid(name)) {
    OG_ASSIGN_OR_RETURN(history::StoredCommit stored,
                        commits_.FindCommit(name, history::kMainBranch));
    OG_ASSIGN_OR_RETURN(const bool is_visible, IsVisible(stored));
    if (is_visible) return stored;
    return Status::Error(ErrorCode::kNotFound,
                         "commit '" + std::string(name) +
                             "' not found: its branch was deleted, and no branch or tag leads to "
                             "it");
  }
  const auto tag_name = history::CheckTagName(name);
  const auto tag = tag_name.ok() ? history::ReadTag(commits_.store(), *tag_name)
                                 : Result<format::TagRecord>(tag_name.status());
  if (tag.ok()) return commits_.FindCommit(tag->commit_id, history::kMainBranch);
  if (tag_name.ok() && tag.status().code() != ErrorCode::kNotFound) return tag.status();
  return Status::Error(ErrorCode::kNotFound,
                       "commit '" + Abbreviate(name) +
                           "' not found, nor a tag of that name; `omnigraph commit list` and "
                           "`omnigraph tag list` show what there is");
}

Result<HeldCommit> Repository::HoldCommit(std::string_view name) {
  OG_ASSIGN_OR_RETURN(const history::StoredCommit known, FindCommit(name));
  const std::string& id = known.commit().id;
  OG_ASSIGN_OR_RETURN(history::CommitLease lease, history::CommitLease::Take(cache_->store(), id));
  // Only what is read under the lease counts; the tag or the branch may be gone as well.
  OG_ASSIGN_OR_RETURN(const history::StoredCommit again, FindCommit(name));
  OG_ASSIGN_OR_RETURN(history::StoredCommit stored,
                      commits_.ReadCommitAnew(
                          id, again.commit().branch.value_or(std::string(history::kMainBranch))));
  OG_RETURN_IF_ERROR(CheckHasRows(stored.commit()));
  return HeldCommit{std::move(lease), std::move(stored)};
}

Result<std::shared_ptr<const Snapshot>> Repository::AtCommit(std::string_view name) {
  OG_ASSIGN_OR_RETURN(const history::StoredCommit commit, FindCommit(name));
  OG_ASSIGN_OR_RETURN(const auto main, Head(history::kMainBranch));
  const std::vector<format::Erasure>& erasures = main->commit().erasures;
  const std::string key = commit.commit().id + "@" + std::to_string(erasures.size());
  {
    const std::lock_guard lock(mutex_);
    const auto found = past_.find(key);
    if (found != past_.end()) return found->second;
  }
  OG_RETURN_IF_ERROR(CheckHasRows(commit.commit()));
  OG_ASSIGN_OR_RETURN(auto snapshot,
                      Snapshot::OpenPast(cache_, commit.run, commit.index, erasures));
  const std::lock_guard lock(mutex_);
  if (past_.size() >= kPastSnapshotsMax) past_.erase(past_.begin());
  past_.emplace(key, snapshot);
  return snapshot;
}

}  // namespace omnigraph::graph
