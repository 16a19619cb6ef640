// What the nouns of the store read and write through: a transaction, or a batch that keeps what it will write.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "store/base/result.h"
#include "store/lmdb.h"
#include "store/message.h"
#include "store/table.h"
#include "store/value.h"
#include "store/zstd.h"

namespace hindsight::store {

class Reader {
 public:
  virtual ~Reader() = default;
  // The whole value, valid until the next call. nullopt: not there.
  virtual Result<std::optional<std::string_view>> find(Table table, std::string_view key) const = 0;
};

// What is there now.
class TransactionReader : public Reader {
 public:
  explicit TransactionReader(const Transaction& transaction) : transaction_(transaction) {}
  Result<std::optional<std::string_view>> find(Table table, std::string_view key) const override {
    return transaction_.find(table, key);
  }

 private:
  const Transaction& transaction_;
};

// A batch being written. Chunks go to disk at once (nothing refers to them yet); everything else waits for the commit, so that it
// becomes visible together however many transactions the chunks needed.
class Writer : public Reader {
 public:
  explicit Writer(Environment& environment) : environment_(environment) {}

  Result<std::optional<std::string_view>> find(Table table, std::string_view key) const override;
  Result<void> put(Table table, const std::string& key, Form form, std::string_view payload);
  Result<void> remove(Table table, const std::string& key);
  // Stores a chunk of `raw_bytes` bytes under its key. It is not asked whether it is there already.
  Result<void> put_chunk(std::string_view key, Coding coding, std::size_t raw_bytes, std::string_view payload);
  // The same, compressed where that is worth it.
  Result<void> put_chunk(std::string_view key, std::string_view bytes);
  // After any failure to write the batch is lost: everything else fails too.
  Result<void> commit();

 private:
  Result<Transaction*> transaction() const;
  Error fail(Error error);
  Result<void> make_room(std::uint64_t bytes);

  Environment& environment_;
  mutable std::optional<Transaction> transaction_;
  std::optional<Error> failure_;
  std::uint64_t pending_chunk_bytes_ = 0;  // in transaction_, not committed
  std::uint64_t waiting_bytes_ = 0;
  std::map<std::pair<Table, std::string>, std::optional<std::string>> waiting_;  // nullopt: to be removed
  mutable Compressor compressor_;
};

// The record under `key`, or nullopt. kCorrupt names the entry.
template <class T>
Result<std::optional<T>> find_record(const Reader& reader, Table table, std::string_view key);
// The same where it must be there: else kCorrupt quoting I5.
template <class T>
Result<T> read_record(const Reader& reader, Table table, std::string_view key);
template <class T>
Result<T> decode_value(Table table, std::string_view key, std::string_view value);
template <class T>
Result<void> put_record(Writer& writer, Table table, const std::string& key, const T& record);

// ---- implementation of the templates ------------------------------------------------------------

template <class T>
Result<T> decode_value(Table table, std::string_view key, std::string_view value) {
  const auto named = [&](Error error) { return std::move(error).context(describe(table, key)); };
  Result<Opened> opened = open_value(table, key, value);
  if (!opened) return named(std::move(opened).error());
  if (opened->form != Form::kMessage) return named(Error(ErrorKind::kCorrupt, "it is not a message (I4)"));
  std::string room;
  Result<std::string_view> payload = payload_of(*opened, room);
  if (!payload) return named(std::move(payload).error());
  Result<T> record = decode<T>(*payload);
  if (!record) return named(std::move(record).error());
  return record;
}

template <class T>
Result<std::optional<T>> find_record(const Reader& reader, Table table, std::string_view key) {
  Result<std::optional<std::string_view>> value = reader.find(table, key);
  if (!value) return std::move(value).error();
  if (!*value) return std::optional<T>();
  Result<T> record = decode_value<T>(table, key, **value);
  if (!record) return std::move(record).error();
  return std::optional<T>(std::move(*record));
}

template <class T>
Result<T> read_record(const Reader& reader, Table table, std::string_view key) {
  Result<std::optional<T>> record = find_record<T>(reader, table, key);
  if (!record) return std::move(record).error();
  if (!*record) return Error(ErrorKind::kCorrupt, describe(table, key) + ": it is missing (I5)");
  return std::move(**record);
}

template <class T>
Result<void> put_record(Writer& writer, Table table, const std::string& key, const T& record) {
  Result<std::string> message = encode(record);
  if (!message) return std::move(message).error().context(describe(table, key));
  return writer.put(table, key, Form::kMessage, *message);
}

}  // namespace hindsight::store
