// Tests of the bytes of a ref's file.

#include "store/ref_file.h"

#include <gmock/gmock.h>

namespace omnigraph::store {
namespace {

constexpr RefFileId kId = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

/// A file with the payloads in order, and where each record ends.
struct Sample {
  std::string bytes = EncodeRefHeader(kId);
  std::vector<std::uint64_t> ends;

  void Add(std::string_view payload) {
    bytes += EncodeRefRecord(kId, bytes.size(), ends.size() + 1, payload);
    ends.push_back(bytes.size());
  }
};

TEST(RefFileTest, TheHeaderIsCheckedByteByByte) {
  const std::string header = EncodeRefHeader(kId);
  EXPECT_EQ(*DecodeRefHeader(header), kId);
  for (std::size_t i = 0; i < header.size(); ++i) {
    std::string damaged = header;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(DecodeRefHeader(damaged)) << i;
    EXPECT_FALSE(DecodeRefHeader(header.substr(0, i))) << i;
  }
}

TEST(RefFileTest, AFileCutAnywhereHasTheLastCompleteValue) {
  Sample sample;
  for (const char* payload : {"", "first", "a longer second value", "3"})
    sample.Add(payload);

  for (std::size_t size = kRefHeaderSizeBytes; size <= sample.bytes.size(); ++size) {
    const std::optional<RefRecord> last =
        FindLastRefRecord(kId, std::string_view(sample.bytes).substr(0, size));
    std::uint64_t expected = 0;
    while (expected < sample.ends.size() && sample.ends[expected] <= size)
      ++expected;
    EXPECT_EQ(last ? last->sequence : 0, expected) << size;
  }
}

TEST(RefFileTest, AnyFlippedBitInTheLastRecordRevealsTheOneBefore) {
  Sample sample;
  sample.Add("first");
  sample.Add("second");
  for (std::size_t i = sample.ends[0]; i < sample.bytes.size(); ++i) {
    std::string damaged = sample.bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_EQ(FindLastRefRecord(kId, damaged)->payload, "first") << i;
  }
}

TEST(RefFileTest, ARecordInsideAPayloadOrOfAnotherFileIsNone) {
  Sample sample;
  sample.Add("first");
  const std::string whole = sample.bytes;
  const std::string copy = whole.substr(kRefHeaderSizeBytes);
  EXPECT_EQ(FindLastRefRecord(kId, whole + copy)->end, whole.size());
  RefFileId other = kId;
  other[0] = 99;
  EXPECT_FALSE(FindLastRefRecord(other, whole));
  sample.Add(copy + "tail");
  const std::string torn = sample.bytes.substr(0, whole.size() + 16 + copy.size());
  EXPECT_EQ(FindLastRefRecord(kId, torn)->payload, "first");
}

TEST(RefFileTest, ADamagedRecordHidesNoOtherOne) {
  Sample sample;
  for (const char* payload : {"1", "2", "3", "4"})
    sample.Add(payload);
  const auto payloads = [&] {
    std::vector<std::string> found;
    for (const RefRecord& record : RecentRefRecords(kId, sample.bytes))
      found.emplace_back(record.payload);
    return found;
  };
  EXPECT_THAT(payloads(), ::testing::ElementsAre("4", "3", "2", "1"));
  sample.bytes[sample.ends[0] + 16] = 'x';
  EXPECT_THAT(payloads(), ::testing::ElementsAre("4", "3", "1"));
  sample.bytes[sample.ends[3] - 1] = 'x';  // The footer, by which a record is found.
  EXPECT_THAT(payloads(), ::testing::ElementsAre("3", "1"));
}

}  // namespace
}  // namespace omnigraph::store
