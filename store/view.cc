#include "store/view.h"

namespace hindsight::store {
namespace {

// A transaction lives in memory until it is committed.
constexpr std::uint64_t kMaxPendingChunks = 64 << 20;
// What trees, page rounding and the free list may need beyond the values themselves.
constexpr std::uint64_t kSlack = 4 << 20;

std::uint64_t room_for(std::uint64_t value_bytes) { return value_bytes + 3 * 4096; }

}  // namespace

Result<Transaction*> Writer::transaction() const {
  if (!transaction_) {
    Result<Transaction> begun = environment_.write();
    if (!begun) return std::move(begun).error();
    transaction_.emplace(std::move(*begun));
  }
  return &*transaction_;
}

Result<std::optional<std::string_view>> Writer::find(Table table, std::string_view key) const {
  if (failure_) return *failure_;
  const auto waiting = waiting_.find({table, std::string(key)});
  if (waiting != waiting_.end()) {
    if (!waiting->second) return std::optional<std::string_view>();
    return std::optional<std::string_view>(*waiting->second);
  }
  Result<Transaction*> open = transaction();
  if (!open) return std::move(open).error();
  return (*open)->find(table, key);
}

Result<void> Writer::put(Table table, const std::string& key, Form form, std::string_view payload) {
  if (failure_) return *failure_;
  std::string value = seal(compressor_, table, key, form, payload);
  waiting_bytes_ += room_for(value.size());
  waiting_[{table, key}] = std::move(value);
  return {};
}

Result<void> Writer::remove(Table table, const std::string& key) {
  if (failure_) return *failure_;
  waiting_bytes_ += room_for(0);
  waiting_[{table, key}] = std::nullopt;
  return {};
}

// What waits may refer to chunks that are lost with the transaction: none of it may be written any more.
Error Writer::fail(Error error) {
  failure_ = error;
  transaction_.reset();
  waiting_.clear();
  return error;
}

// Commits the chunks written so far where they are many or the map is about to be full, which it must not become:
// LMDB gives up the whole transaction then.
Result<void> Writer::make_room(std::uint64_t bytes) {
  const std::uint64_t needed = 2 * (pending_chunk_bytes_ + bytes) + kSlack;
  const bool fits = needed <= environment_.bytes_left();
  if (fits && pending_chunk_bytes_ + bytes <= kMaxPendingChunks) return {};
  if (transaction_ && pending_chunk_bytes_ > 0) {
    Result<void> done = transaction_->commit();
    transaction_.reset();
    pending_chunk_bytes_ = 0;
    if (!done) return done;
  }
  if (2 * bytes + kSlack <= environment_.bytes_left()) return {};
  transaction_.reset();
  return environment_.grow(2 * bytes + kSlack);
}

Result<void> Writer::put_chunk(std::string_view key, std::string_view bytes) {
  const std::string frame = compressor_.compress_if_worth_it(bytes);
  return frame.empty() ? put_chunk(key, Coding::kRaw, bytes.size(), bytes) : put_chunk(key, Coding::kZstd, bytes.size(), frame);
}

Result<void> Writer::put_chunk(std::string_view key, Coding coding, std::size_t raw_bytes, std::string_view payload) {
  if (failure_) return *failure_;
  const std::size_t size = sealed_size(payload.size());
  if (Result<void> room = make_room(room_for(size)); !room) return fail(std::move(room).error());
  Result<Transaction*> open = transaction();
  if (!open) return fail(std::move(open).error());
  Result<std::span<char>> room = (*open)->reserve(Table::kChunks, key, size);
  if (!room) return fail(std::move(room).error());
  seal_into(*room, Table::kChunks, key, Form::kChunk, coding, raw_bytes, payload);
  pending_chunk_bytes_ += room_for(size);
  return {};
}

Result<void> Writer::commit() {
  if (failure_) return *failure_;
  if (waiting_.empty() && pending_chunk_bytes_ == 0) {
    transaction_.reset();
    return {};
  }
  if (Result<void> room = make_room(waiting_bytes_); !room) return fail(std::move(room).error());
  Result<Transaction*> open = transaction();
  if (!open) return fail(std::move(open).error());
  for (const auto& [where, value] : waiting_) {
    const auto& [table, key] = where;
    Result<void> done = value ? (*open)->put(table, key, *value) : (*open)->remove(table, key);
    if (!done) return fail(std::move(done).error());
  }
  if (Result<void> done = transaction_->commit(); !done) return fail(std::move(done).error());
  transaction_.reset();
  pending_chunk_bytes_ = 0;
  waiting_.clear();
  waiting_bytes_ = 0;
  return {};
}

}  // namespace hindsight::store
