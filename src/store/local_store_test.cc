// Tests of what only the directory store does: syncs, torn files, failing system calls, processes.

#include "store/local_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "store/test_directory.h"

namespace omnigraph::store {
namespace {

constexpr std::uint64_t kAny = std::uint64_t{1} << 30;

/// Writes down each call, and makes the n-th one fail.
class ScriptedFiles final : public FileOperations {
 public:
  std::vector<std::string> log;
  int calls_before_failure = -1;  // Negative: never fails.
  int error = EIO;
  std::size_t write_size_max = 1 << 30;
  int sync_data_failures = 0;
  std::function<void()> on_failed_sync;

  int Open(const char* path, int flags, unsigned mode) override {
    return Fails("open") ? -error : FileOperations::Open(path, flags, mode);
  }
  ssize_t ReadAt(int file, char* bytes, std::size_t size, std::uint64_t offset) override {
    return Fails("read") ? -error : FileOperations::ReadAt(file, bytes, size, offset);
  }
  ssize_t WriteAt(int file, const char* bytes, std::size_t size, std::uint64_t offset) override {
    const std::size_t count = std::min(size, write_size_max);
    return Fails("write") ? -error : FileOperations::WriteAt(file, bytes, count, offset);
  }
  int Truncate(int file, std::uint64_t size) override {
    return Fails("truncate") ? -error : FileOperations::Truncate(file, size);
  }
  int SyncFile(int file) override {
    return Fails("sync-file") ? -error : FileOperations::SyncFile(file);
  }
  int SyncData(int file) override {
    if (sync_data_failures > 0) {
      --sync_data_failures;
      on_failed_sync();
      return -error;
    }
    return Fails("sync-data") ? -error : FileOperations::SyncData(file);
  }
  int SyncDirectory(int directory) override {
    return Fails("sync-folder") ? -error : FileOperations::SyncDirectory(directory);
  }
  int SyncFileSystem(int file) override {
    return Fails("sync-all") ? -error : FileOperations::SyncFileSystem(file);
  }
  int Lock(int file) override { return Fails("lock") ? -error : FileOperations::Lock(file); }
  int HardLink(const char* from, const char* to) override {
    return Fails("link") ? -error : FileOperations::HardLink(from, to);
  }
  int Rename(const char* from, const char* to) override {
    return Fails("rename") ? -error : FileOperations::Rename(from, to);
  }
  int RenameNoReplace(const char* from, const char* to) override {
    return Fails("rename") ? -error : FileOperations::RenameNoReplace(from, to);
  }
  int Unlink(const char* path) override {
    log.push_back("unlink");  // Tidying up never fails here, so that leftovers are our fault.
    return FileOperations::Unlink(path);
  }
  int MakeDirectory(const char* path) override {
    return Fails("mkdir") ? -error : FileOperations::MakeDirectory(path);
  }

  std::vector<std::string> TakeLog(std::string_view start) {
    std::vector<std::string> taken;
    for (std::string& call : log) {
      if (call.starts_with(start)) taken.push_back(std::move(call));
    }
    log.clear();
    return taken;
  }

 private:
  bool Fails(const char* call) {
    log.push_back(call);
    return calls_before_failure >= 0 && calls_before_failure-- == 0;
  }
};

class LocalStoreTest : public ::testing::Test {
 protected:
  LocalStoreTest() : root_(directory_.path() + "/root"), store_(Reopened()) {}

  std::unique_ptr<LocalStore> Reopened(std::uint64_t ref_file_size_bytes_max = 1 << 20) {
    return std::make_unique<LocalStore>(root_, LocalStoreOptions{&files_, ref_file_size_bytes_max});
  }
  std::string Path(const std::string& key) const { return root_ + "/" + key; }
  std::string Raw(const std::string& key) const {
    std::ifstream in(Path(key), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void WriteRaw(const std::string& key, const std::string& bytes) const {
    std::ofstream(Path(key), std::ios::binary | std::ios::trunc) << bytes;
  }
  std::size_t TemporaryFilesCount() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_.path())) {
      if (entry.path().filename().string().starts_with(".tmp-")) ++count;
    }
    return count;
  }

  TestDirectory directory_;
  const std::string root_;
  ScriptedFiles files_;
  std::unique_ptr<LocalStore> store_;
};

TEST_F(LocalStoreTest, ACommitWithoutObjectsCostsOneSync) {
  const ObjectVersion first = *store_->Create("refs/main", "one");
  files_.log.clear();

  ASSERT_EQ(store_->CompareAndSwap("refs/main", "two", first)->result, SwapResult::kApplied);
  ASSERT_TRUE(store_->PutImmutable("commits/1", "one", Durability::kWhenSynced).ok());

  EXPECT_THAT(files_.TakeLog("sync"), ::testing::ElementsAre("sync-data"));
}

TEST_F(LocalStoreTest, AnUnchangedRefIsRecognisedByItsLastBytesAlone) {
  const ObjectVersion first = *store_->Create("refs/main", std::string(1 << 20, 'x'));
  ASSERT_EQ(*store_->ReadVersion("refs/main"), first);
  files_.log.clear();

  EXPECT_EQ(*store_->ReadVersion("refs/main"), first);
  EXPECT_THAT(files_.TakeLog(""), ::testing::ElementsAre("read"));

  // Nor does a swap read what it knows to be there.
  const ObjectVersion second = store_->CompareAndSwap("refs/main", "two", first)->version;
  EXPECT_THAT(files_.TakeLog(""),
              ::testing::ElementsAre("open", "lock", "read", "write", "sync-data"));
  EXPECT_EQ(*store_->ReadVersion("refs/main"), second);
  EXPECT_THAT(files_.TakeLog(""), ::testing::ElementsAre("read"));
}

// The file of a ref changes in every way that it can; sizes repeat all the time.
TEST_F(LocalStoreTest, AChangedRefIsNeverTakenForWhatWasKnownOfIt) {
  const std::string key = "refs/main";
  ScriptedFiles other_files;
  LocalStore other(root_, {&other_files, 1 << 20});
  ASSERT_TRUE(other.Create(key, "0000").ok());
  std::string copy = Raw(key);
  std::uint64_t random = 1;
  std::size_t moves_count = 0;
  std::string before;
  for (int step = 1; step <= 200; ++step) {
    random = random * 6364136223846793005 + 1442695040888963407;
    const std::string value = std::to_string(1000 + step);
    const ObjectVersion version = other.Read(key, kAny)->version;
    switch ((random >> 33) % 8) {
      case 0:
        ASSERT_TRUE(other.TrimRecent(key, version).ok());
        break;
      case 1:
        ASSERT_EQ(other.DeleteIf(key, version)->result, SwapResult::kApplied);
        EXPECT_EQ(store_->ReadVersion(key).status().code(), ErrorCode::kNotFound);
        ASSERT_TRUE(other.Create(key, value).ok());
        break;
      case 2:  // Readers see the value, then it goes, and one of the same length comes.
        other_files.sync_data_failures = 1;
        other_files.on_failed_sync = [&] { (void)store_->ReadVersion(key); };
        EXPECT_EQ(other.CompareAndSwap(key, value, version)->result, SwapResult::kUnknown);
        break;
      case 3:  // Somebody restores a copy in place.
        WriteRaw(key, copy);
        break;
      case 4:
        copy = Raw(key);
        break;
      case 5:  // A writer dies half way.
        WriteRaw(key, Raw(key) + "OGRC torn");
        break;
      default:
        EXPECT_EQ(other.CompareAndSwap(key, value, version)->result, SwapResult::kApplied);
    }
    const Object truth = *LocalStore(root_).Read(key, kAny);
    const ObjectVersion seen = *store_->ReadVersion(key);
    ASSERT_EQ(seen, truth.version) << "step " << step;
    if (random >> 63 != 0) {
      const auto outcome = store_->CompareAndSwap(key, "own" + std::to_string(1000 + step), seen);
      ASSERT_EQ(outcome->result, SwapResult::kApplied) << "step " << step;
      ASSERT_EQ(LocalStore(root_).Read(key, kAny)->version, outcome->version);
    }
    if (truth.bytes != before) ++moves_count;
    before = truth.bytes;
  }
  EXPECT_GT(moves_count, 60U);
}

TEST_F(LocalStoreTest, OnlySoManyRefsAreKeptOpen) {
  const auto count_open = [] {
    const auto files = std::filesystem::directory_iterator("/proc/self/fd");
    return std::distance(begin(files), end(files));
  };
  const auto before = count_open();
  for (std::size_t i = 0; i < 2 * kKnownRefsMax; ++i) {
    const std::string key = "refs/b" + std::to_string(i);
    ASSERT_TRUE(store_->Create(key, "value").ok());
    ASSERT_TRUE(store_->ReadVersion(key).ok());
  }
  EXPECT_EQ(count_open(), before + static_cast<std::ptrdiff_t>(kKnownRefsMax));
}

TEST_F(LocalStoreTest, ObjectsAreDurableBeforeTheRefMovesAndEachFolderIsSyncedOnce) {
  const ObjectVersion first = *store_->Create("refs/main", "one");
  const ObjectVersion second = store_->CompareAndSwap("refs/main", "two", first)->version;
  ASSERT_TRUE(store_->PutImmutable("data/t/0", "fragment").ok());
  ASSERT_TRUE(store_->PutImmutable("manifests/0", "manifest").ok());
  const ObjectVersion third = store_->CompareAndSwap("refs/main", "three", second)->version;
  files_.log.clear();

  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(store_->PutImmutable("data/t/" + std::to_string(i), "fragment").ok());
  }
  ASSERT_TRUE(store_->PutImmutable("manifests/1", "manifest").ok());
  ASSERT_EQ(store_->CompareAndSwap("refs/main", "four", third)->result, SwapResult::kApplied);

  EXPECT_THAT(files_.TakeLog("sync"),
              ::testing::ElementsAre("sync-file", "sync-file", "sync-file", "sync-file",
                                     "sync-folder", "sync-folder", "sync-data"));
}

TEST_F(LocalStoreTest, PresentObjectsOfOthersAreSyncedBeforeWeReferToThem) {
  ASSERT_TRUE(Reopened()->PutImmutable("commits/1", "x", Durability::kWhenSynced).ok());
  files_.log.clear();

  ASSERT_TRUE(store_->PutImmutable("commits/1", "x").ok());

  EXPECT_THAT(files_.TakeLog("sync"), ::testing::ElementsAre("sync-file"));
}

TEST_F(LocalStoreTest, ManyFiledObjectsAreSyncedTogether) {
  std::vector<std::string> keys;
  for (int i = 0; i < 20; ++i) {
    keys.push_back("commits/" + std::to_string(i));
    ASSERT_TRUE(store_->PutImmutable(keys.back(), "x", Durability::kWhenSynced).ok());
  }

  ASSERT_TRUE(store_->Sync(keys).ok());

  EXPECT_THAT(files_.TakeLog("sync"), ::testing::ElementsAre("sync-all"));
}

TEST_F(LocalStoreTest, NamesThatAreTakenGetTheSharedFileToo) {
  const std::vector<std::string> few = {"commits/1", "commits/2"};
  ASSERT_TRUE(store_->PutImmutableUnderNames(few, "one and two").ok());
  files_.log.clear();
  const std::vector<std::string> more = {"commits/1", "commits/2", "commits/3"};

  ASSERT_TRUE(store_->PutImmutableUnderNames(more, "one, two and three").ok());

  EXPECT_THAT(files_.TakeLog("sync-file"), ::testing::SizeIs(1));
  for (const std::string& key : more) {
    EXPECT_EQ(Raw(key), "one, two and three");
    EXPECT_EQ(std::filesystem::hard_link_count(Path(key)), 3u);
  }
  EXPECT_EQ(TemporaryFilesCount(), 0u);
}

TEST_F(LocalStoreTest, ATurnBelongsToOneOpenFileAtATime) {
  LocalStore other(root_);
  EXPECT_EQ(store_->TakeTurn("mark", "refs/main"), nullptr) << "there is nothing to lock";
  EXPECT_FALSE(store_->IsTurnTaken("mark", "refs/main"));
  ASSERT_TRUE(store_->Create("mark", "x").ok());

  std::unique_ptr<Turn> turn = store_->TakeTurn("mark", "refs/main");

  ASSERT_NE(turn, nullptr);
  EXPECT_TRUE(other.IsTurnTaken("mark", "refs/main"));
  EXPECT_TRUE(store_->IsTurnTaken("mark", "refs/main")) << "also for others of this process";
  EXPECT_EQ(other.TakeTurn("mark", "refs/main"), nullptr);
  EXPECT_FALSE(other.IsTurnTaken("mark", "refs/side"));
  EXPECT_NE(other.TakeTurn("mark", "refs/side"), nullptr);
  turn.reset();
  EXPECT_FALSE(other.IsTurnTaken("mark", "refs/main"));
  EXPECT_NE(other.TakeTurn("mark", "refs/main"), nullptr);
}

// Trouble of the machine is no limit of ours: the one who asks did nothing wrong.
TEST_F(LocalStoreTest, AFullDiskIsUnavailable) {
  const ObjectVersion first = *store_->Create("refs/main", "one");
  files_.error = ENOSPC;
  int failures_count = 0;
  for (int call = 0;; ++call) {
    files_.calls_before_failure = call;
    const auto swapped = store_->CompareAndSwap("refs/main", "two", first);
    if (swapped.ok() && swapped->result == SwapResult::kApplied) break;
    ++failures_count;
    const Status cause = swapped.ok() ? swapped->cause : swapped.status();
    EXPECT_EQ(cause.code(), ErrorCode::kUnavailable) << cause.message();
  }
  EXPECT_GT(failures_count, 2);
}

TEST_F(LocalStoreTest, AFailedSyncOfAFolderKeepsTheRefWhereItWas) {
  const ObjectVersion first = *store_->Create("refs/main", "one");
  ASSERT_TRUE(store_->PutImmutable("data/1", "x").ok());
  files_.calls_before_failure = 1;  // After the first open of a folder.

  EXPECT_EQ(store_->CompareAndSwap("refs/main", "two", first).status().code(),
            ErrorCode::kUnavailable);
  EXPECT_EQ(store_->Read("refs/main", kAny)->bytes, "one");
  EXPECT_EQ(store_->CompareAndSwap("refs/main", "two", first)->result, SwapResult::kApplied);
}

TEST_F(LocalStoreTest, ARefFileCutAtAnyByteHoldsTheLastCompleteValueAndCanBeSwapped) {
  ObjectVersion version = *store_->Create("refs/main", "value 0");
  std::vector<std::size_t> ends = {Raw("refs/main").size()};
  for (int i = 1; i < 4; ++i) {
    version = store_
                  ->CompareAndSwap("refs/main", "value " + std::to_string(i) + std::string(20, 'x'),
                                   version)
                  ->version;
    ends.push_back(Raw("refs/main").size());
  }
  const std::string whole = Raw("refs/main");

  for (std::size_t size = ends[0]; size <= whole.size(); ++size) {
    for (const std::string& rest : {std::string(), std::string(5, '\0'), std::string(40, '\xff')}) {
      WriteRaw("refs/main", whole.substr(0, size) + rest);
      std::size_t last = 0;
      while (last + 1 < ends.size() && ends[last + 1] <= size)
        ++last;
      const Result<Object> seen = store_->Read("refs/main", kAny);
      ASSERT_TRUE(seen.ok());
      ASSERT_TRUE(seen->bytes.starts_with("value " + std::to_string(last))) << size;
      ASSERT_EQ(store_->ReadRecent("refs/main")->size(), last + 1);
      ASSERT_EQ(store_->CompareAndSwap("refs/main", "next", seen->version)->result,
                SwapResult::kApplied);
      ASSERT_EQ(store_->Read("refs/main", kAny)->bytes, "next");
      ASSERT_EQ(store_->ReadRecent("refs/main")->size(), last + 2);
    }
  }
}

TEST_F(LocalStoreTest, ARefFileWithoutAnIntactValueIsCorrupt) {
  const ObjectVersion version = *store_->Create("refs/main", "value");
  const std::string whole = Raw("refs/main");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    WriteRaw("refs/main", whole.substr(0, size));
    EXPECT_EQ(store_->Read("refs/main", kAny).status().code(), ErrorCode::kCorruption) << size;
    EXPECT_EQ(store_->ReadRecent("refs/main").status().code(), ErrorCode::kCorruption);
    EXPECT_EQ(store_->CompareAndSwap("refs/main", "x", version).status().code(),
              ErrorCode::kCorruption);
  }
}

TEST_F(LocalStoreTest, ValuesLargerThanOneReadAreFound) {
  ObjectVersion version = *store_->Create("refs/main", "small");
  for (const std::size_t size : {16383U, 16352U, 16384U, 100'000U, 1'000'000U}) {
    const std::string value = std::string(size, 'v') + std::to_string(size);
    version = store_->CompareAndSwap("refs/main", value, version)->version;
    EXPECT_EQ(store_->Read("refs/main", kAny)->bytes, value);
    EXPECT_EQ(store_->Stat("refs/main")->size_bytes, value.size());
    EXPECT_EQ((*store_->MapReadOnly("refs/main"))->view(), value);
  }
  EXPECT_EQ(store_->ReadRecent("refs/main")->size(), 6U);
}

TEST_F(LocalStoreTest, AGrownRefAsksToBeTrimmed) {
  store_ = Reopened(1000);
  ObjectVersion version = *store_->Create("refs/main", "0");
  int swaps_count = 0;
  bool wants_trim = false;
  while (!wants_trim) {
    const SwapOutcome outcome =
        *store_->CompareAndSwap("refs/main", std::to_string(++swaps_count), version);
    version = outcome.version;
    wants_trim = outcome.wants_trim;
  }
  EXPECT_GT(swaps_count, 10);
  ASSERT_TRUE(store_->TrimRecent("refs/main", version).ok());
  EXPECT_LT(Raw("refs/main").size(), 100U);
  const SwapOutcome next = *store_->CompareAndSwap("refs/main", "next", version);
  EXPECT_EQ(next.result, SwapResult::kApplied);
  EXPECT_FALSE(next.wants_trim);
}

/// Everything that a commit does, once.
Status CommitOnce(LocalStore& store, const std::string& value) {
  OG_RETURN_IF_ERROR(store.PutImmutable("data/t/" + value, value));
  OG_ASSIGN_OR_RETURN(std::unique_ptr<ObjectWriter> writer, store.OpenWriter("data/u/" + value));
  OG_RETURN_IF_ERROR(writer->Append(value));
  OG_RETURN_IF_ERROR(writer->Finish());
  OG_ASSIGN_OR_RETURN(const Object head, store.Read("refs/main", kAny));
  OG_ASSIGN_OR_RETURN(const SwapOutcome ref,
                      store.CompareAndSwap("refs/main", value, head.version));
  OG_ASSIGN_OR_RETURN(const Object state, store.Read("state", kAny));
  OG_ASSIGN_OR_RETURN(const SwapOutcome plain, store.CompareAndSwap("state", value, state.version));
  OG_RETURN_IF_ERROR(store.TrimRecent("refs/main", ref.version));
  if (ref.result != SwapResult::kApplied || plain.result != SwapResult::kApplied) {
    return Status::Error(ErrorCode::kUnavailable, "unknown");
  }
  return Status::Ok();
}

TEST_F(LocalStoreTest, WhicheverCallFailsNothingIsTornAndTheNextCommitWorks) {
  for (const int error : {EIO, ENOSPC}) {
    files_.error = error;
    files_.write_size_max = error == ENOSPC ? 3 : 1 << 30;  // Short writes, too.
    std::filesystem::remove_all(root_);
    store_ = Reopened();
    ASSERT_TRUE(store_->Create("refs/main", "start").ok());
    ASSERT_TRUE(store_->Create("state", "start").ok());
    std::string previous = "start";
    int n = 0;
    for (;; ++n) {
      const std::string value = "value-" + std::to_string(n);
      files_.calls_before_failure = n;
      const Status committed = CommitOnce(*store_, value);
      const bool is_over = files_.calls_before_failure >= 0;
      files_.calls_before_failure = -1;

      const std::string seen = Reopened()->Read("refs/main", kAny)->bytes;
      ASSERT_TRUE(seen == value || (seen == previous && !committed.ok())) << seen;
      ASSERT_EQ(TemporaryFilesCount(), 0U);
      if (is_over) break;
      previous = "again-" + std::to_string(n);
      ASSERT_TRUE(CommitOnce(*store_, previous).ok());
    }
    EXPECT_GT(n, 30);
  }
}

TEST_F(LocalStoreTest, AnAbandonedWriterLeavesNothing) {
  {
    auto writer = store_->OpenWriter("data/x");
    ASSERT_TRUE((*writer)->Append("half").ok());
    EXPECT_EQ(TemporaryFilesCount(), 1U);
  }
  EXPECT_EQ(TemporaryFilesCount(), 0U);
}

TEST_F(LocalStoreTest, TemporaryFilesOfTheDeadAreRemovedAndThoseOfTheLivingStay) {
  ASSERT_TRUE(store_->PutImmutable("data/x", "x").ok());
  auto writer = store_->OpenWriter("data/y");
  WriteRaw("data/.tmp-1-1", "dead");
  WriteRaw("data/.tmp-1-2", "young");
  for (const auto& entry : std::filesystem::directory_iterator(root_ + "/data")) {
    if (entry.path().filename() == ".tmp-1-2") continue;
    std::filesystem::last_write_time(
        entry.path(), std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  }

  EXPECT_EQ(*store_->RemoveAbandoned(), 4U);

  EXPECT_EQ(TemporaryFilesCount(), 2U);
  EXPECT_THAT(*store_->List("", "", 10), ::testing::ElementsAre("data/x"));
  EXPECT_TRUE((*writer)->Finish().ok());
}

TEST_F(LocalStoreTest, ForeignFilesAreNeitherListedNorRemoved) {
  ASSERT_TRUE(store_->PutImmutable("data/x", "x").ok());
  WriteRaw("data/a file of mine", "mine");
  std::filesystem::create_symlink("/etc", Path("data/link"));

  EXPECT_THAT(*store_->List("", "", 10), ::testing::ElementsAre("data/x"));
  ASSERT_TRUE(store_->DeletePrefix("data/").ok());

  EXPECT_EQ(Raw("data/a file of mine"), "mine");
  EXPECT_TRUE(std::filesystem::is_symlink(Path("data/link")));
  EXPECT_FALSE(std::filesystem::exists(Path("data/x")));
}

// It is the store that cannot, not the request that asks for too much.
TEST_F(LocalStoreTest, AFullDiskAndTooManyOpenFilesAreTroubleOfTheStore) {
  for (const int error : {ENOSPC, EDQUOT, EMFILE, ENFILE}) {
    files_.error = error;
    files_.calls_before_failure = 0;
    const Status refused = store_->PutImmutable("data/x", "x");

    EXPECT_EQ(refused.code(), ErrorCode::kUnavailable);
    EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr(std::strerror(error)));
  }
}

TEST_F(LocalStoreTest, ImmutableFilesAreReadOnly) {
  ASSERT_TRUE(store_->PutImmutable("data/x", "x").ok());
  struct stat info = {};
  ASSERT_EQ(::stat(Path("data/x").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0222U, 0U);
}

TEST_F(LocalStoreTest, ARootThatIsAFileHoldsNothingAndTakesNothing) {
  std::ofstream(root_) << "not a folder";
  EXPECT_EQ(store_->Read("a", kAny).status().code(), ErrorCode::kNotFound);
  EXPECT_EQ(store_->Create("a", "x").status().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(store_->PutImmutable("a", "x").code(), ErrorCode::kUnavailable);
}

/// Runs `body` in a process of its own; its result is the exit code.
pid_t Fork(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  return child;
}

int ExitCode(pid_t child) {
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Adds one to the number in `key`, `times_count` times; 0 if all went well.
int Increment(const std::string& root, const std::string& key, int times_count) {
  LocalStore store(root);
  for (int done = 0; done < times_count;) {
    const Result<Object> head = store.Read(key, kAny);
    if (!head.ok()) return 1;
    const std::string next = std::to_string(std::stoi(head->bytes) + 1);
    const Result<SwapOutcome> outcome = store.CompareAndSwap(key, next, head->version);
    if (!outcome.ok()) return 2;
    if (outcome->result == SwapResult::kApplied && ++done % 10 == 0) {
      if (!store.TrimRecent(key, outcome->version).ok()) return 3;
    }
  }
  return 0;
}

TEST_F(LocalStoreTest, NoIncrementOfRacingProcessesIsLost) {
  for (const char* key : {"refs/main", "state"}) {
    ASSERT_TRUE(store_->Create(key, "0").ok());
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
      children.push_back(Fork([&] { return Increment(root_, key, 40); }));
    }
    for (const pid_t child : children)
      EXPECT_EQ(ExitCode(child), 0);
    EXPECT_EQ(store_->Read(key, kAny)->bytes, "160");
  }
}

TEST_F(LocalStoreTest, OfRacingProcessesThatCreateOneWins) {
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    children.push_back(Fork([&] {
      LocalStore store(root_);
      int won_count = 0;
      for (int round = 0; round < 10; ++round) {
        if (store.Create("refs/r" + std::to_string(round), std::to_string(i)).ok()) ++won_count;
      }
      return won_count;
    }));
  }
  int won_count = 0;
  for (const pid_t child : children)
    won_count += ExitCode(child);
  EXPECT_EQ(won_count, 10);
}

TEST_F(LocalStoreTest, AKilledLockHolderBlocksNobody) {
  const ObjectVersion first = *store_->Create("refs/main", "one");
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = Fork([&] {
    const int file = ::open(Path("refs/main").c_str(), O_RDWR);
    (void)FileOperations::System().Lock(file);
    // A writer that dies in the middle of its record.
    (void)FileOperations::System().WriteAt(file, "OGRC half", 9, Raw("refs/main").size());
    (void)!::write(ready[1], "x", 1);
    ::pause();
    return 0;
  });
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  (void)ExitCode(child);

  EXPECT_EQ(store_->CompareAndSwap("refs/main", "two", first)->result, SwapResult::kApplied);
  EXPECT_EQ(store_->ReadRecent("refs/main")->size(), 2U);
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace
}  // namespace omnigraph::store
