// Implements format/fragment.h over Arrow's IPC.

#include "format/fragment.h"

#include <arrow/api.h>
#include <arrow/io/api.h>
#include <arrow/ipc/api.h>

// xxHash's streaming state, so that a fragment is checksummed while it is written.
#include <xxhash.h>

#include "base/hash.h"
#include "format/row_batch.h"
#include "store/damage.h"

namespace omnigraph::format {
namespace {

Status FromArrow(const arrow::Status& status, std::string_view attempted) {
  if (status.ok()) return Status::Ok();
  return Status::Error(ErrorCode::kInternal, std::string(attempted) + ": " + status.message());
}

Status Damaged(std::string_view object, std::string_view what) {
  return store::DamagedObject(object, what);
}

// Passes what Arrow writes on to the store and remembers the store's own error.
class StoreStream final : public arrow::io::OutputStream {
 public:
  explicit StoreStream(store::ObjectWriter& writer) : writer_(writer) {
    set_mode(arrow::io::FileMode::WRITE);
    hash_ = XXH3_createState();
    XXH3_64bits_reset(hash_);
  }
  ~StoreStream() override { XXH3_freeState(hash_); }

  arrow::Status Close() override {
    is_closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return is_closed_; }
  arrow::Result<std::int64_t> Tell() const override { return position_; }
  arrow::Status Write(const void* data, std::int64_t size) override {
    XXH3_64bits_update(hash_, data, static_cast<std::size_t>(size));
    position_ += size;
    store_status_ =
        writer_.Append({static_cast<const char*>(data), static_cast<std::size_t>(size)});
    return store_status_.ok() ? arrow::Status::OK() : arrow::Status::IOError("store");
  }
  using arrow::io::OutputStream::Write;

  const Status& store_status() const { return store_status_; }
  WrittenObject written() const {
    return {static_cast<std::uint64_t>(position_), XXH3_64bits_digest(hash_)};
  }

 private:
  store::ObjectWriter& writer_;
  XXH3_state_t* hash_;
  std::int64_t position_ = 0;
  bool is_closed_ = false;
  Status store_status_;
};

// A buffer that keeps the object's bytes alive.
class ObjectBuffer final : public arrow::Buffer {
 public:
  template <typename Owner>
  ObjectBuffer(const std::uint8_t* data, std::size_t size_bytes, Owner owner)
      : arrow::Buffer(data, static_cast<std::int64_t>(size_bytes)), owner_(std::move(owner)) {}

 private:
  std::shared_ptr<const void> owner_;
};

arrow::Status WriteFile(const std::shared_ptr<arrow::RecordBatch>& batch, StoreStream& stream) {
  arrow::ipc::IpcWriteOptions options = arrow::ipc::IpcWriteOptions::Defaults();
  options.alignment = 64;
  options.use_threads = false;
  ARROW_ASSIGN_OR_RAISE(auto writer, arrow::ipc::MakeFileWriter(&stream, batch->schema(), options));
  ARROW_RETURN_NOT_OK(writer->WriteRecordBatch(*batch));
  return writer->Close();
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> ReadFile(
    const std::shared_ptr<arrow::Buffer>& buffer) {
  arrow::ipc::IpcReadOptions options = arrow::ipc::IpcReadOptions::Defaults();
  options.use_threads = false;
  auto source = std::make_shared<arrow::io::BufferReader>(buffer);
  ARROW_ASSIGN_OR_RAISE(auto reader,
                        arrow::ipc::RecordBatchFileReader::Open(std::move(source), options));
  if (reader->num_record_batches() != 1) return arrow::Status::Invalid("not one record batch");
  ARROW_ASSIGN_OR_RAISE(auto batch, reader->ReadRecordBatch(0));
  ARROW_RETURN_NOT_OK(batch->Validate());
  return batch;
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> ReadBatch(
    const std::shared_ptr<arrow::Buffer>& buffer, const std::shared_ptr<arrow::Schema>& schema) {
  arrow::ipc::IpcReadOptions options = arrow::ipc::IpcReadOptions::Defaults();
  options.use_threads = false;
  arrow::io::BufferReader source(buffer);
  arrow::ipc::DictionaryMemo dictionaries;
  ARROW_ASSIGN_OR_RAISE(auto batch,
                        arrow::ipc::ReadRecordBatch(schema, &dictionaries, options, &source));
  ARROW_RETURN_NOT_OK(batch->ValidateFull());
  return batch;
}

}  // namespace

Result<WrittenObject> WriteFragment(store::ObjectStore& store, std::string_view key,
                                    const std::shared_ptr<arrow::RecordBatch>& batch) {
  OG_ASSIGN_OR_RETURN(const std::unique_ptr<store::ObjectWriter> writer, store.OpenWriter(key));
  StoreStream stream(*writer);
  const arrow::Status status = WriteFile(batch, stream);
  OG_RETURN_IF_ERROR(stream.store_status());
  OG_RETURN_IF_ERROR(FromArrow(status, "write fragment '" + std::string(key) + "'"));
  OG_RETURN_IF_ERROR(writer->Finish());
  return stream.written();
}

Result<std::shared_ptr<arrow::RecordBatch>> ReadFragment(
    std::shared_ptr<const store::MappedBytes> bytes, std::uint64_t checksum,
    std::string_view object) {
  if (Checksum64(bytes->view()) != checksum) return Damaged(object, "its checksum does not match");
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes->data());
  const std::size_t size_bytes = bytes->size();
  auto batch = ReadFile(std::make_shared<ObjectBuffer>(data, size_bytes, std::move(bytes)));
  if (!batch.ok()) return Damaged(object, batch.status().message());
  return *std::move(batch);
}

Result<std::string> EncodeSegmentRows(const std::shared_ptr<arrow::RecordBatch>& batch) {
  auto encoded = arrow::ipc::SerializeRecordBatch(*batch, arrow::ipc::IpcWriteOptions::Defaults());
  OG_RETURN_IF_ERROR(FromArrow(encoded.status(), "encode rows"));
  return (*encoded)->ToString();
}

Result<std::shared_ptr<arrow::RecordBatch>> DecodeSegmentRows(
    const std::shared_ptr<const std::string>& bytes, const schema::TableType& type, bool has_ids,
    std::string_view object) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes->data());
  auto batch = ReadBatch(std::make_shared<ObjectBuffer>(data, bytes->size(), bytes),
                         ArrowSchemaOf(type, false, has_ids));
  if (!batch.ok()) return Damaged(object, batch.status().message());
  return *std::move(batch);
}

}  // namespace omnigraph::format
