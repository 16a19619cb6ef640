#include "store/lmdb.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <map>
#include <system_error>
#include <utility>
#include <vector>

#include "store/value.h"

namespace hindsight::store {
namespace {

constexpr unsigned kMaxReaders = 1022;
constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
// Address space, not memory; less where a limit forbids more.
constexpr std::array<std::uint64_t, 7> kMapSizes = {1024 * kGiB, 256 * kGiB, 64 * kGiB, 16 * kGiB,
                                                    4 * kGiB,    kGiB,       kGiB / 8};

constexpr std::uint64_t kRoundTo = 1 << 20;

MDB_val to_val(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }
std::string_view to_view(const MDB_val& value) { return {static_cast<const char*>(value.mv_data), value.mv_size}; }

// A read-only descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& file) : fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  std::uint64_t size() const {
    struct stat status;
    return fstat(fd_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
  }

 private:
  int fd_;
};

std::string read_at_start(int fd, std::size_t bytes) {
  std::string text(bytes, '\0');
  std::size_t have = 0;
  while (have < bytes) {
    const ssize_t got = pread(fd, text.data() + have, bytes - have, static_cast<off_t>(have));
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

// The meta pages may be written while they are read: only what reads the same twice is judged.
Result<void> check_before_opening(const std::filesystem::path& file) {
  const Descriptor data(file);
  if (data.get() < 0) {
    return Error(ErrorKind::kIo, file.string() + ": " + std::generic_category().message(errno));
  }
  std::string previous;
  for (;;) {
    std::string start = read_at_start(data.get(), 4096);
    if (const std::uint64_t both = metas_bytes(start); both > start.size()) start = read_at_start(data.get(), both);
    const std::uint64_t size = data.size();
    Result<DataFileHead> head = check_metas(start, size);
    if (head) return {};
    if (start == previous) return std::move(head).error();
    previous = std::move(start);
  }
}

// Environments of this process by folder, so that a second open shares the first.
struct Registry {
  struct Entry {
    std::unique_ptr<Environment> environment;
    int uses = 0;
  };
  const pid_t pid = getpid();
  std::mutex mutex;
  std::map<std::pair<dev_t, ino_t>, Entry> entries;
};

Registry& registry() {
  // Never destroyed: stores may be closed by destructors of objects that outlive it. A forked child starts an empty
  // one, since it must not touch the environments, nor the mutex, of its parent.
  static std::mutex* const mutex = new std::mutex;
  static Registry* current = nullptr;
  const std::lock_guard lock(*mutex);
  if (current == nullptr || current->pid != getpid()) current = new Registry;
  return *current;
}

}  // namespace

// ---- Transaction --------------------------------------------------------------------------------

Transaction::Transaction(Transaction&& other) noexcept
    : environment_(other.environment_), txn_(std::exchange(other.txn_, nullptr)), writing_(other.writing_) {}

Transaction::~Transaction() {
  if (txn_ == nullptr || environment_->pid_ != getpid()) return;
  mdb_txn_abort(txn_);
  end();
}

void Transaction::end() {
  txn_ = nullptr;
  const std::lock_guard lock(environment_->mutex_);
  --environment_->active_;
  if (writing_) environment_->writing_ = false;
  environment_->changed_.notify_all();
}

std::uint64_t Transaction::number() const { return mdb_txn_id(txn_); }

Result<std::uint64_t> Transaction::used_bytes() const {
  std::uint64_t bytes = 0;
  for (const TableInfo& info : kTables) {
    if (auto why = environment_->why_unreadable(info.table)) return std::move(*why);
    MDB_stat stat;
    const int code = mdb_stat(txn_, environment_->tables_[index_of(info.table)], &stat);
    if (code != 0) return environment_->error(code, "measure the store");
    bytes += (stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages) * std::uint64_t{stat.ms_psize};
  }
  return bytes;
}

Result<std::optional<std::string_view>> Transaction::find(Table table, std::string_view key) const {
  if (auto why = environment_->why_unreadable(table)) return std::move(*why);
  MDB_val k = to_val(key);
  MDB_val v;
  const int code = mdb_get(txn_, environment_->tables_[index_of(table)], &k, &v);
  if (code == MDB_NOTFOUND) return std::optional<std::string_view>();
  if (code != 0) return environment_->error(code, "read " + describe(table, key));
  return std::optional<std::string_view>(to_view(v));
}

Result<void> Transaction::scan(Table table, std::string_view first, const Visit& visit) const {
  if (auto why = environment_->why_unreadable(table)) return std::move(*why);
  MDB_cursor* raw = nullptr;
  int code = mdb_cursor_open(txn_, environment_->tables_[index_of(table)], &raw);
  if (code != 0) return environment_->error(code, std::string("read ") + info_of(table).name);
  const std::unique_ptr<MDB_cursor, void (*)(MDB_cursor*)> cursor(raw, mdb_cursor_close);
  MDB_val k = to_val(first);
  MDB_val v;
  for (code = mdb_cursor_get(raw, &k, &v, first.empty() ? MDB_FIRST : MDB_SET_RANGE); code == 0;
       code = mdb_cursor_get(raw, &k, &v, MDB_NEXT)) {
    Result<bool> more = visit(to_view(k), to_view(v));
    if (!more) return std::move(more).error();
    if (!*more) return {};
  }
  if (code != MDB_NOTFOUND) return environment_->error(code, std::string("read ") + info_of(table).name);
  return {};
}

Result<std::span<char>> Transaction::reserve(Table table, std::string_view key, std::size_t size) {
  if (auto why = environment_->why_unreadable(table)) return std::move(*why);
  MDB_val k = to_val(key);
  MDB_val v = {size, nullptr};
  const int code = mdb_put(txn_, environment_->tables_[index_of(table)], &k, &v, MDB_RESERVE);
  if (code != 0) return environment_->error(code, "write " + describe(table, key));
  return std::span<char>(static_cast<char*>(v.mv_data), size);
}

Result<void> Transaction::put(Table table, std::string_view key, std::string_view value) {
  Result<std::span<char>> room = reserve(table, key, value.size());
  if (!room) return std::move(room).error();
  std::memcpy(room->data(), value.data(), value.size());
  return {};
}

Result<void> Transaction::remove(Table table, std::string_view key) {
  if (auto why = environment_->why_unreadable(table)) return std::move(*why);
  MDB_val k = to_val(key);
  const int code = mdb_del(txn_, environment_->tables_[index_of(table)], &k, nullptr);
  if (code != 0 && code != MDB_NOTFOUND) return environment_->error(code, "remove " + describe(table, key));
  return {};
}

Result<void> Transaction::commit() {
  const int code = mdb_txn_commit(txn_);
  end();
  if (code == 0) return {};
  Error failure = environment_->error(code, "commit");
  if (code == EIO && failure.hint().empty()) {
    // What the system has failed to write once it may not try again: nothing more is built on it.
    const std::lock_guard lock(environment_->mutex_);
    environment_->write_failure_ = failure.message();
  }
  return failure;
}

// ---- Environment --------------------------------------------------------------------------------

Environment::Environment(std::filesystem::path folder) : folder_(std::move(folder)), pid_(getpid()) {}

Environment::~Environment() {
  if (env_ != nullptr && pid_ == getpid()) mdb_env_close(env_);
}

Result<std::shared_ptr<Environment>> Environment::open(const std::filesystem::path& folder, bool create) {
  struct stat status;
  if (stat(folder.c_str(), &status) != 0) {
    return Error(ErrorKind::kIo, folder.string() + ": " + std::generic_category().message(errno));
  }
  Registry& all = registry();
  const std::pair id(status.st_dev, status.st_ino);
  const std::lock_guard lock(all.mutex);
  Registry::Entry& entry = all.entries[id];
  if (entry.uses == 0) {
    Result<std::optional<FolderLock>> use = FolderLock::share_use(folder);
    Result<std::unique_ptr<Environment>> made = use ? make(folder, create) : std::move(use).error();
    if (!made) {
      all.entries.erase(id);
      return std::move(made).error();
    }
    entry.environment = std::move(*made);
    if (*use) entry.environment->use_.emplace(*std::move(*use));
  }
  ++entry.uses;
  // Closing happens under the same lock as opening: an environment that is still open must not be opened again.
  const auto close = [&all, id](Environment* environment) {
    if (environment->pid_ != getpid()) return;
    const std::lock_guard closing(all.mutex);
    if (const auto found = all.entries.find(id); --found->second.uses == 0) all.entries.erase(found);
  };
  return std::shared_ptr<Environment>(entry.environment.get(), close);
}

Result<std::unique_ptr<Environment>> Environment::make(const std::filesystem::path& folder, bool create) {
  std::unique_ptr<Environment> made(new Environment(folder));
  const std::filesystem::path file = folder / "data.mdb";
  struct stat status;
  if (stat(file.c_str(), &status) != 0) {
    if (errno != ENOENT) return Error(ErrorKind::kIo, file.string() + ": " + std::generic_category().message(errno));
    if (!create) return Error(ErrorKind::kCorrupt, "data.mdb is missing");
  } else if (!create || status.st_size > 0) {
    if (Result<void> good = check_before_opening(file); !good) return std::move(good).error();
  }
  if (Result<void> opened = made->open_environment(); !opened) return std::move(opened).error();
  if (Result<void> tables = made->look_and_open_tables(create); !tables) return std::move(tables).error();
  return made;
}

Result<void> Environment::compact(const std::filesystem::path& folder) {
  const Result<FolderLock> alone = FolderLock::take_use(folder);
  if (!alone) return alone.error();
  const std::filesystem::path file = folder / "data.mdb", draft = folder / "data.mdb.new";
  std::error_code ignored;
  std::filesystem::remove(draft, ignored);
  const auto give_up = [&](Error error) {
    std::filesystem::remove(draft, ignored);
    return std::move(error).context("make " + file.string() + " smaller");
  };
  {
    Result<std::unique_ptr<Environment>> environment = make(folder, false);
    if (!environment) return give_up(std::move(environment).error());
    if (std::optional<Error> why = (*environment)->refuses_writing()) return give_up(*std::move(why));
    if (Result<void> copied = (*environment)->copy_to(draft); !copied) return give_up(std::move(copied).error());
  }
  const auto system_says = [](const std::filesystem::path& where) {
    return Error(ErrorKind::kIo, where.string() + ": " + std::generic_category().message(errno));
  };
  if (std::rename(draft.c_str(), file.c_str()) != 0) return give_up(system_says(file));
  // It belongs to the file that is gone, and nobody has it open.
  std::filesystem::remove(folder / "lock.mdb", ignored);
  if (const Descriptor directory(folder); directory.get() < 0 || fsync(directory.get()) != 0) return system_says(folder);
  return {};
}

Result<void> Environment::copy_to(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return Error(ErrorKind::kIo, file.string() + ": " + std::generic_category().message(errno));
  struct stat original {};
  mdb_filehandle_t ours = -1;
  // Who may read it stays the same.
  if (mdb_env_get_fd(env_, &ours) != 0 || fstat(ours, &original) != 0 || fchmod(fd, original.st_mode & 07777) != 0) {
    const int code = errno;
    ::close(fd);
    return Error(ErrorKind::kIo, file.string() + ": " + std::generic_category().message(code));
  }
  const int code = mdb_env_copyfd2(env_, fd, MDB_CP_COMPACT);
  const int synced = code == 0 && fsync(fd) != 0 ? errno : 0;
  ::close(fd);
  if (code != 0) return error(code, "copy");
  if (synced != 0) return error(synced, "copy");
  return {};
}

Result<void> Environment::open_environment() {
  int code = 0;
  // Read-write even for readers, so that a second open in this process can write; else read-only.
  for (const unsigned mode : {0u, unsigned{MDB_RDONLY}}) {
    for (const std::uint64_t map_bytes : kMapSizes) {
      if (map_bytes > std::numeric_limits<std::size_t>::max()) continue;
      code = mdb_env_create(&env_);
      if (code != 0) return error(code, "open");
      if (code == 0) code = mdb_env_set_maxdbs(env_, kTableCount + 16);
      if (code == 0) code = mdb_env_set_maxreaders(env_, kMaxReaders);
      if (code == 0) code = mdb_env_set_mapsize(env_, map_bytes);
      // On a read-only file system LMDB does without its lock file by itself; nowhere else may it.
      if (code == 0) code = mdb_env_open(env_, folder_.c_str(), MDB_NOTLS | mode, 0644);
      if (code == 0) break;
      mdb_env_close(env_);
      env_ = nullptr;
      if (code != ENOMEM) break;
    }
    if (code == 0) {
      read_only_ = mode != 0;
      break;
    }
    if (mode == 0 && (code == EROFS || code == EACCES || code == EPERM)) {
      read_only_why_ = std::generic_category().message(code);
      continue;
    }
    break;
  }
  if (code == MDB_INVALID || code == MDB_VERSION_MISMATCH) {
    // data.mdb passed its own checks.
    return Error(ErrorKind::kCorrupt, "lock.mdb is damaged", "while nobody uses the store, lock.mdb can be deleted");
  }
  if (code != 0) return error(code, "open");
  int dead = 0;
  mdb_reader_check(env_, &dead);
  return {};
}

Result<void> Environment::look_and_open_tables(bool create) {
  if (create) {
    Result<Transaction> writing = begin(true);
    if (!writing) return std::move(writing).error();
    for (const TableInfo& info : kTables) {
      MDB_dbi table = 0;
      const int code = mdb_dbi_open(writing->txn_, info.name, MDB_CREATE, &table);
      if (code != 0) return error(code, std::string("make table ") + info.name);
    }
    if (Result<void> done = writing->commit(); !done) return done;
  }
  Result<PageFindings> findings = look_through(PageCheckDepth::kTrees);
  if (!findings) return std::move(findings).error();
  findings_ = std::move(*findings);
  if (const auto main = findings_.damaged.find(""); main != findings_.damaged.end()) {
    return Error(ErrorKind::kCorrupt, "data.mdb is damaged: the list of tables: " + main->second + " (I2)");
  }
  Result<Transaction> reading = begin(false);
  if (!reading) return std::move(reading).error();
  for (const TableInfo& info : kTables) {
    const int code = mdb_dbi_open(reading->txn_, info.name, 0, &tables_[index_of(info.table)]);
    if (code == MDB_NOTFOUND) {
      findings_.damaged[info.name] = "the table is missing";
    } else if (code != 0) {
      return error(code, std::string("open table ") + info.name);
    }
  }
  return reading->commit();  // keeps the tables open
}

Result<PageFindings> Environment::look_through(PageCheckDepth depth) {
  for (;;) {
    // The transaction keeps the pages it can see from being written again.
    Result<Transaction> reading = begin(false);
    if (!reading) return std::move(reading).error();
    const Descriptor data(folder_ / "data.mdb");
    const std::uint64_t size = data.get() < 0 ? 0 : data.size();
    if (size == 0) return Error(ErrorKind::kCorrupt, "data.mdb is empty or gone (I2)");
    void* const map = mmap(nullptr, size, PROT_READ, MAP_SHARED, data.get(), 0);
    if (map == MAP_FAILED) return Error(ErrorKind::kIo, "map data.mdb: " + std::generic_category().message(errno));
    Result<PageFindings> findings = check_pages(std::string_view(static_cast<const char*>(map), size), reading->number(),
                                                depth, info_of(Table::kChunks).name);
    munmap(map, size);
    if (findings || findings.error().kind() != ErrorKind::kBusy) return findings;
  }
}

void Environment::add_unreadable_tables(PageFindings& findings) const {
  for (const auto& [table, what] : findings_.damaged) findings.damaged.emplace(table, what);
}

Result<void> Environment::check_process() const {
  if (pid_ == getpid()) return {};
  return Error(ErrorKind::kInvalid, "a store cannot be used in a process forked from the one that opened it",
               "open it again there");
}

Result<void> Environment::enter_batch() {
  if (Result<void> ours = check_process(); !ours) return ours;
  std::unique_lock lock(mutex_);
  if (batch_thread_ == std::this_thread::get_id()) {
    return Error(ErrorKind::kBusy, "this thread is writing a batch already", "commit or drop it first");
  }
  changed_.wait(lock, [this] { return batch_thread_ == std::thread::id(); });
  batch_thread_ = std::this_thread::get_id();
  return {};
}

void Environment::leave_batch() {
  if (pid_ != getpid()) return;
  const std::lock_guard lock(mutex_);
  batch_thread_ = std::thread::id();
  changed_.notify_all();
}

Result<Transaction> Environment::begin(bool writing) {
  if (Result<void> ours = check_process(); !ours) return std::move(ours).error();
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !resizing_; });
      if (map_lost_) return Error(ErrorKind::kIo, "the address space is used up", "close the store and open it again");
      if (Result<void> whole = check_size(); !whole) return std::move(whole).error();
      ++active_;
    }
    MDB_txn* txn = nullptr;
    const int code = mdb_txn_begin(env_, nullptr, writing ? 0 : unsigned{MDB_RDONLY}, &txn);
    if (code == 0) {
      const std::lock_guard lock(mutex_);
      if (writing) writing_ = true;
      return Transaction(this, txn, writing);
    }
    bool own_writer = false;
    {
      const std::lock_guard lock(mutex_);
      --active_;
      own_writer = writing_;
      changed_.notify_all();
    }
    if (code != MDB_MAP_RESIZED) return error(code, "begin");
    // Another process made the file larger than our map. Our own writer may be on this thread: not waited for.
    if (own_writer) return Error(ErrorKind::kBusy, "the store has grown; finish the batch being written first");
    if (Result<void> resized = follow(); !resized) return std::move(resized).error();
  }
}

Result<void> Environment::check_size() {
  mdb_filehandle_t file = -1;
  struct stat status {};
  if (mdb_env_get_fd(env_, &file) != 0 || fstat(file, &status) != 0) {
    return Error(ErrorKind::kIo, std::string("look at data.mdb: ") + std::generic_category().message(errno));
  }
  const auto bytes = static_cast<std::uint64_t>(status.st_size);
  if (bytes < bytes_seen_) {
    return Error(ErrorKind::kCorrupt, "data.mdb is damaged: it was cut from " + std::to_string(bytes_seen_) + " to " + std::to_string(bytes) +
                                          " bytes while it was open (I2)");
  }
  bytes_seen_ = bytes;
  return {};
}

Result<Transaction> Environment::read() { return begin(false); }

Result<Transaction> Environment::write() {
  {
    const std::lock_guard lock(mutex_);
    if (!write_failure_.empty()) {
      return Error(ErrorKind::kIo, "an earlier write failed: " + write_failure_, "close the store and open it again");
    }
  }
  if (auto why = refuses_writing()) return std::move(*why);
  return begin(true);
}

std::optional<Error> Environment::refuses_writing() const {
  if (read_only_) return Error(ErrorKind::kIo, "the store is read-only: " + read_only_why_);
  const auto damaged = [](const std::string& what) {
    return Error(ErrorKind::kCorrupt, "the store is damaged and is not written to: " + what + " (I2)",
                 "'hindsight fsck' lists the damage; what is whole can still be read");
  };
  if (!findings_.free_list.empty()) return damaged("free list: " + findings_.free_list);
  if (!findings_.damaged.empty()) {
    const auto& [table, what] = *findings_.damaged.begin();
    return damaged("table " + table + ": " + what);
  }
  return std::nullopt;
}

std::optional<Error> Environment::why_unreadable(Table table) const {
  if (findings_.damaged.empty()) return std::nullopt;
  const auto found = findings_.damaged.find(info_of(table).name);
  if (found == findings_.damaged.end()) return std::nullopt;
  return Error(ErrorKind::kCorrupt, "table " + found->first + " is damaged: " + found->second + " (I2)");
}

std::uint64_t Environment::bytes_left() const {
  MDB_envinfo info;
  MDB_stat stat;
  if (mdb_env_info(env_, &info) != 0 || mdb_env_stat(env_, &stat) != 0) return 0;
  const std::uint64_t used = (info.me_last_pgno + 1) * std::uint64_t{stat.ms_psize};
  return info.me_mapsize > used ? info.me_mapsize - used : 0;
}

Result<void> Environment::grow(std::uint64_t bytes) {
  MDB_envinfo info;
  if (const int code = mdb_env_info(env_, &info); code != 0) return error(code, "make room");
  const Result<void> doubled = resize(std::max<std::uint64_t>(2 * info.me_mapsize, info.me_mapsize + bytes));
  // Where address space is short, take what is needed and no more.
  return doubled ? doubled : resize(info.me_mapsize + bytes);
}

Result<void> Environment::follow() {
  MDB_envinfo info;
  MDB_stat stat;
  int code = mdb_env_info(env_, &info);
  if (code == 0) code = mdb_env_stat(env_, &stat);
  if (code != 0) return error(code, "make room");
  // Not what the other process reserved, which may be more than this one can.
  const std::uint64_t used = (info.me_last_pgno + 1) * std::uint64_t{stat.ms_psize};
  const Result<void> doubled = resize(2 * used);
  return doubled ? doubled : resize(used + kRoundTo);
}

Result<void> Environment::resize(std::uint64_t bytes) {
  bytes = (bytes + kRoundTo - 1) / kRoundTo * kRoundTo;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !resizing_; });
  resizing_ = true;
  changed_.wait(lock, [this] { return active_ == 0; });
  MDB_envinfo before{};
  mdb_env_info(env_, &before);
  int code = mdb_env_set_mapsize(env_, bytes);
  // LMDB has given the old map up by then.
  if (code != 0 && mdb_env_set_mapsize(env_, before.me_mapsize) != 0) map_lost_ = true;
  resizing_ = false;
  changed_.notify_all();
  if (code != 0) return error(code, "make room");
  return {};
}

Error Environment::error(int code, const std::string& doing) const {
  struct statvfs space {};
  const bool known = statvfs(folder_.c_str(), &space) == 0;
  const std::uint64_t free_bytes = known ? std::uint64_t{space.f_bavail} * space.f_frsize : 0;
  // LMDB reports a write that was cut short, which is what a full disk does first, as EIO.
  if (code == ENOSPC || code == EDQUOT || (code == EIO && known && free_bytes < (1 << 20))) {
    return Error(ErrorKind::kIo, doing + ": the disk is full (" + std::to_string(free_bytes) + " bytes free in " +
                                     folder_.string() + ")", "nothing stored so far is lost; make room and try again");
  }
  switch (code) {
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_PAGE_FULL:
    case MDB_CURSOR_FULL:
    case MDB_INCOMPATIBLE:
    case MDB_BAD_DBI:
      return Error(ErrorKind::kCorrupt, doing + ": data.mdb is damaged: " + mdb_strerror(code) + " (I2)");
    case MDB_PANIC:
      return Error(ErrorKind::kIo, doing + ": an earlier write failed", "close the store and open it again");
    case MDB_READERS_FULL:
      return Error(ErrorKind::kBusy, doing + ": too many processes read the store at once");
    default:
      return Error(ErrorKind::kIo, doing + ": " + mdb_strerror(code));
  }
}

}  // namespace hindsight::store
