// Tests of mapped files that another program cuts.

#include "store/mapped_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "store/local_store.h"
#include "store/test_directory.h"

namespace omnigraph::store {
namespace {

constexpr std::size_t kSizeBytes = std::size_t{1} << 20;

class MappedFileTest : public ::testing::Test {
 protected:
  std::string PathOf(std::string_view key) { return directory_.path() + "/" + std::string(key); }

  // As another program would: the file is read-only for its owner, too.
  void Cut(std::string_view key) {
    std::filesystem::permissions(PathOf(key), std::filesystem::perms::owner_all);
    std::filesystem::resize_file(PathOf(key), 10);
  }

  TestDirectory directory_;
};

TEST_F(MappedFileTest, TouchingWhatWasCutEndsTheProcessWithTheNameOfTheObject) {
  LocalStore store(directory_.path());
  ASSERT_TRUE(store.PutImmutable("data/f.arrow", std::string(kSizeBytes, 'x')).ok());
  const auto other = store.MapReadOnly("data/f.arrow");
  const auto mapped = store.MapReadOnly("data/f.arrow");
  ASSERT_TRUE(mapped.ok());
  EXPECT_EQ((*mapped)->view()[kSizeBytes - 1], 'x');
  EXPECT_EXIT(
      {
        Cut("data/f.arrow");
        const volatile char last = (*mapped)->view()[kSizeBytes - 1];
        (void)last;
      },
      ::testing::ExitedWithCode(kMappedFileCutExitCode),
      "object 'data/f.arrow' .*shrank while it was in use.*omnigraph repair");
}

TEST_F(MappedFileTest, ABusErrorElsewhereEndsTheProcessAsItAlwaysDid) {
  LocalStore store(directory_.path());
  ASSERT_TRUE(store.PutImmutable("f", std::string(kSizeBytes, 'x')).ok());
  const auto mapped = store.MapReadOnly("f");
  ASSERT_TRUE(mapped.ok());
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  EXPECT_DEATH(::raise(SIGBUS), "Sanitizer");  // Whose handler was there before.
#else
  EXPECT_EXIT(::raise(SIGBUS), ::testing::KilledBySignal(SIGBUS), "");
#endif
}

TEST_F(MappedFileTest, WithoutMappingsACutFileHarmsNobodyWhoHasReadIt) {
  LocalStoreOptions options;
  options.maps_files = false;
  LocalStore store(directory_.path(), options);
  ASSERT_TRUE(store.PutImmutable("f", std::string(kSizeBytes, 'x')).ok());
  const auto bytes = store.MapReadOnly("f");
  ASSERT_TRUE(bytes.ok());
  Cut("f");
  EXPECT_EQ((*bytes)->view(), std::string(kSizeBytes, 'x'));
}

}  // namespace
}  // namespace omnigraph::store
