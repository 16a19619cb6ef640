// One LMDB environment with the tables of table.h; the only user of LMDB.
//
// Safe by order of steps: the file's pages are looked through (page_check.h) before LMDB follows them, so that a damaged file
// is an error and not a crash. One environment per folder and process, however often it is opened: LMDB allows no more.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "store/base/result.h"
#include "store/page_check.h"
#include "store/place.h"
#include "store/table.h"

struct MDB_env;
struct MDB_txn;

namespace hindsight::store {

class Environment;

// A consistent view of all tables; a writing one sees its own writes. Ends with commit() or, giving up what it wrote, when it
// is destroyed. Views that it returns are valid until it ends or, in a writing one, writes again.
class Transaction {
 public:
  Transaction(Transaction&&) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // Whole values, not yet opened (value.h). nullopt: not there. kCorrupt: the table cannot be read.
  Result<std::optional<std::string_view>> find(Table table, std::string_view key) const;
  // Visits entries from `first` on in the order of their keys until `visit` says false.
  using Visit = std::function<Result<bool>(std::string_view key, std::string_view value)>;
  Result<void> scan(Table table, std::string_view first, const Visit& visit) const;

  // Room for a value of `size` bytes, to be filled before anything else is done with the transaction.
  Result<std::span<char>> reserve(Table table, std::string_view key, std::size_t size);
  Result<void> put(Table table, std::string_view key, std::string_view value);
  // Removing what is not there is no error.
  Result<void> remove(Table table, std::string_view key);
  Result<void> commit();

  std::uint64_t number() const;
  // Bytes of the pages that all tables take.
  Result<std::uint64_t> used_bytes() const;

 private:
  friend class Environment;
  Transaction(Environment* environment, MDB_txn* txn, bool writing)
      : environment_(environment), txn_(txn), writing_(writing) {}
  void end();
  Environment* environment_;
  MDB_txn* txn_;
  bool writing_;
};

class Environment {
 public:
  // `create`: makes data.mdb and the tables where they are missing. The folder must exist.
  static Result<std::shared_ptr<Environment>> open(const std::filesystem::path& folder, bool create);

  // Writes data.mdb anew without the pages that hold nothing, and puts it in the place of the old one: a process that is killed meanwhile
  // leaves one or the other. kBusy: somebody has the store open; kIo: there is no room for both.
  static Result<void> compact(const std::filesystem::path& folder);

  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment();

  // kInvalid in a process that was forked from the one that opened it.
  Result<Transaction> read();
  // Waits for other writers. kIo: the store is read-only; kCorrupt: it is damaged.
  Result<Transaction> write();
  // Why nothing can be written, if so.
  std::optional<Error> refuses_writing() const;

  // Bytes that can still be added before grow() is needed; what open transactions wrote is not counted.
  std::uint64_t bytes_left() const;
  // Makes room for `bytes` more. REQUIRES: the calling thread has no transaction open. Waits for those of others.
  Result<void> grow(std::uint64_t bytes);

  // Looks through all pages (I2) as they are now.
  Result<PageFindings> look_through(PageCheckDepth depth);
  // Adds the tables that were damaged or missing when it was opened: they are not read until it is opened again.
  void add_unreadable_tables(PageFindings& findings) const;

  // One batch at a time in this process, and never two by one thread (kBusy): it would wait for itself. kInvalid as read().
  Result<void> enter_batch();
  void leave_batch();

 private:
  friend class Transaction;
  explicit Environment(std::filesystem::path folder);
  static Result<std::unique_ptr<Environment>> make(const std::filesystem::path& folder, bool create);
  Result<void> copy_to(const std::filesystem::path& file);
  Result<void> check_process() const;
  // The file never becomes smaller; where it has, a read through the map would be a signal. REQUIRES: mutex_.
  Result<void> check_size();
  Result<void> open_environment();
  Result<void> look_and_open_tables(bool create);
  Result<Transaction> begin(bool writing);
  Result<void> follow();  // after another process has made the file larger than our map
  Result<void> resize(std::uint64_t bytes);
  std::optional<Error> why_unreadable(Table table) const;
  Error error(int code, const std::string& doing) const;

  const std::filesystem::path folder_;
  const pid_t pid_;
  std::optional<FolderLock> use_;
  MDB_env* env_ = nullptr;
  bool read_only_ = false;
  std::string read_only_why_;
  unsigned tables_[kTableCount] = {};
  PageFindings findings_;  // from when it was opened

  // Transactions of this process; the map is only changed while there are none.
  std::mutex mutex_;
  std::condition_variable changed_;
  int active_ = 0;
  bool resizing_ = false;
  bool writing_ = false;
  bool map_lost_ = false;
  std::uint64_t bytes_seen_ = 0;
  std::thread::id batch_thread_;  // of the thread that writes a batch, or none's
  std::string write_failure_;
};

}  // namespace hindsight::store
