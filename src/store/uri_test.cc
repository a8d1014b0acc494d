// Tests of storage URIs and of opening stores by them.

#include "store/uri.h"

#include <gmock/gmock.h>

#include "store/object_store.h"
#include "store/open_store.h"

namespace omnigraph::store {
namespace {

using ::testing::HasSubstr;

TEST(StorageUriTest, SpellingsOfOneRootAreOne) {
  for (const char* spelling : {"/w/g", "/w/g/", "/w//g", "/w/./g", "/w/x/../g", "g", "./g", "g/",
                               "../w/g", "file:///w/g", "file:///w/g/", "file:///w/%67"}) {
    EXPECT_EQ(ParseStorageUri(spelling, "/w")->normalized, "/w/g") << spelling;
  }
}

TEST(StorageUriTest, PathsMayHoldSpacesAndNonAscii) {
  EXPECT_EQ(ParseStorageUri("/a b/\xc3\xa4", "/")->path, "/a b/\xc3\xa4");
  EXPECT_EQ(ParseStorageUri("file:///a%20b/%C3%A4", "/")->path, "/a b/\xc3\xa4");
  EXPECT_EQ(ParseStorageUri("/a%20b", "/")->path, "/a%20b");
  EXPECT_EQ(ParseStorageUri("../../..", "/a/b")->path, "/");
}

TEST(StorageUriTest, BucketsKeepTheirPrefix) {
  const Result<StorageUri> uri = ParseStorageUri("s3://bucket/a//b/", "/");
  ASSERT_TRUE(uri.ok());
  EXPECT_EQ(uri->scheme, StorageScheme::kS3);
  EXPECT_EQ(uri->bucket, "bucket");
  EXPECT_EQ(uri->path, "a/b");
  EXPECT_EQ(uri->normalized, "s3://bucket/a/b");
  EXPECT_EQ(ParseStorageUri("gs://b", "/")->normalized, "gs://b");
}

TEST(StorageUriTest, BadUrisAreRefused) {
  for (const char* bad : {"", "s3://", "s3:///x", "file://host/x", "file://", "file:///a%2",
                          "file:///a%zz", "file:///a%00", "http://h/x", "https://h", "ftp://x/y"}) {
    EXPECT_EQ(ParseStorageUri(bad, "/").status().code(), ErrorCode::kInvalidArgument) << bad;
  }
  EXPECT_THAT(ParseStorageUri("ftp://x", "/").status().message(), HasSubstr("'ftp'"));
}

TEST(StorageUriTest, JoiningKeepsTheStyle) {
  EXPECT_EQ(JoinUri("s3://b", "graphs/x.omni"), "s3://b/graphs/x.omni");
  EXPECT_EQ(JoinUri("./dir/", "graphs/x.omni"), "./dir/graphs/x.omni");
  EXPECT_EQ(JoinUri("/", "x"), "/x");
}

TEST(OpenStoreTest, OpensPathsAndNamesWhatItCannotOpen) {
  EXPECT_EQ((*OpenStore("/nowhere/at/all/"))->Describe(), "/nowhere/at/all");
  for (const char* scheme : {"s3", "gs", "az"}) {
    const Status status = OpenStore(std::string(scheme) + "://bucket/x").status();
    EXPECT_EQ(status.code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("'" + std::string(scheme) + "://'"));
  }
}

}  // namespace
}  // namespace omnigraph::store
