// Layout (LMDB 0.9, 64-bit, little-endian):
//   page     u64 number, u16 pad, u16 flags, then u16 lower, u16 upper (tree pages) or u32 pages (overflow); 16 bytes
//   meta     page head, u32 magic, u32 version, u64 address, u64 map size, database (free list), database (main),
//            u64 last page, u64 transaction
//   database u32 pad (in the free list's: page size), u16 flags, u16 depth, u64 branch, leaf, overflow pages, u64 entries, u64 root
//   node     u16 low, u16 high, u16 flags, u16 key size, key, then in leaves data or (flag 1) the u64 number of its first
//            overflow page; leaf: data size = high:low; branch: child page = flags:high:low
// Transaction n writes meta page n & 1.
#include "store/page_check.h"

#include <cstring>
#include <set>
#include <vector>

#include "store/base/bytes.h"

namespace hindsight::store {
namespace {

constexpr std::uint32_t kMagic = 0xBEEFC0DE;
constexpr std::uint32_t kDataVersion = 1;
constexpr std::size_t kPageHead = 16;
constexpr std::size_t kNodeHead = 8;
constexpr std::uint16_t kBranch = 1, kLeaf = 2, kOverflow = 4, kMeta = 8;
constexpr std::uint16_t kBigData = 1, kSubData = 2;
constexpr std::uint64_t kNoPage = ~std::uint64_t{0};
constexpr std::size_t kMaxKey = 511;
constexpr unsigned kMaxDepth = 32;
constexpr std::size_t kDatabaseBytes = 48;
constexpr std::uint16_t kIntegerKey = 8;

struct Database {
  std::uint32_t pad = 0;
  std::uint16_t flags = 0;
  std::uint16_t depth = 0;
  std::uint64_t branch = 0, leaf = 0, overflow = 0, entries = 0, root = 0;
};
static_assert(sizeof(Database) == kDatabaseBytes);

struct Meta {
  std::uint32_t magic = 0, version = 0;
  std::uint64_t address = 0, map_bytes = 0;
  Database free, main;
  std::uint64_t last_page = 0, transaction = 0;
};
static_assert(sizeof(Meta) == 136);

std::string n(std::uint64_t number) { return std::to_string(number); }

Error corrupt(std::string what) { return Error(ErrorKind::kCorrupt, "data.mdb is damaged: " + std::move(what) + " (I2)"); }

bool is_page_size(std::uint64_t bytes) { return bytes >= 512 && bytes <= 65536 && (bytes & (bytes - 1)) == 0; }

Meta meta_at(std::string_view file, std::size_t page_bytes, unsigned index) {
  return read_little<Meta>(file, index * page_bytes + kPageHead);
}

// One walk over one transaction's pages.
class Walk {
 public:
  Walk(std::string_view file, const Meta& meta, PageCheckDepth depth, std::string_view unchanging)
      : file_(file),
        meta_(meta),
        page_bytes_(meta.free.pad),
        page_limit_(meta.last_page + 1),
        depth_(depth),
        unchanging_(unchanging),
        seen_(std::min<std::uint64_t>(page_limit_, file.size() / page_bytes_)),
        free_(page_limit_) {}

  PageFindings run() {
    PageFindings findings;
    findings.free_list = walk_tree(meta_.free, kIntegerKey, Content::kFreeList);
    tables_.clear();
    const std::string main_problem = walk_tree(meta_.main, 0, Content::kTables);
    if (!main_problem.empty()) findings.damaged[""] = main_problem;
    for (const auto& [name, database] : tables_) {
      table_ = name;
      std::string problem = walk_tree(database, 0, Content::kValues);
      if (!problem.empty()) findings.damaged[name] = std::move(problem);
    }
    // Pages past the end of the file may have been allocated and given back before they were written; used they
    // would have been noticed above.
    for (std::uint64_t page = seen_.size(); page < page_limit_ && findings.free_list.empty(); ++page) {
      if (!free_[page]) findings.free_list = "page " + n(page) + " lies past the end of the file but is not free";
    }
    findings.pages = pages_;
    return findings;
  }

 private:
  enum class Content { kFreeList, kTables, kValues };

  // The problem, or an empty string.
  std::string walk_tree(const Database& database, std::uint16_t flags, Content content) {
    content_ = content;
    found_ = Database{};
    if (content != Content::kFreeList && database.pad != 0) return "a table's head is not zero where it must be";
    if (database.flags != flags) return "a table's flags are " + n(database.flags);
    if (database.root == kNoPage) {
      if (database.depth || database.entries || database.branch || database.leaf || database.overflow) {
        return "an empty table's head counts pages or entries";
      }
      return {};
    }
    if (database.depth == 0 || database.depth > kMaxDepth) return "a tree's depth is " + n(database.depth);
    leaf_depth_ = database.depth;
    std::string problem = walk_page(database.root, 1, {}, {});
    if (!problem.empty()) return problem;
    if (found_.branch != database.branch || found_.leaf != database.leaf || found_.overflow != database.overflow ||
        found_.entries != database.entries) {
      return "a table's head counts " + n(database.branch) + "/" + n(database.leaf) + "/" + n(database.overflow) +
             " pages and " + n(database.entries) + " entries, but there are " + n(found_.branch) + "/" + n(found_.leaf) +
             "/" + n(found_.overflow) + " and " + n(found_.entries);
    }
    return {};
  }

  std::string take(std::uint64_t first, std::uint64_t count) {
    if (first < 2 || first >= page_limit_ || count > page_limit_ - first) return "page " + n(first) + " does not exist";
    if (first + count > seen_.size()) {
      return "the file has " + n(file_.size()) + " bytes, but page " + n(first + count - 1) + " of " + n(page_bytes_) +
             " bytes is in use";
    }
    for (std::uint64_t page = first; page < first + count; ++page) {
      if (seen_[page]) return "page " + n(page) + " is used twice";
      if (free_[page]) return "page " + n(page) + " is both in use and free";
      seen_[page] = true;
    }
    return {};
  }

  // Keys must lie in [low, high); an empty `high` is no bound.
  std::string walk_page(std::uint64_t number, unsigned depth, std::string_view low, std::string_view high) {
    if (std::string problem = take(number, 1); !problem.empty()) return problem;
    ++pages_;
    const std::string_view page = file_.substr(number * page_bytes_, page_bytes_);
    const std::string where = "page " + n(number) + ": ";
    const bool is_leaf = depth == leaf_depth_;
    if (read_little<std::uint64_t>(page) != number) return where + "it says it is another page";
    if (read_little<std::uint16_t>(page, 10) != (is_leaf ? kLeaf : kBranch)) return where + "it is not of the expected kind";
    const std::size_t lower = read_little<std::uint16_t>(page, 12);
    const std::size_t upper = read_little<std::uint16_t>(page, 14);
    if (lower < kPageHead + 2 || lower > upper || upper > page_bytes_ || lower % 2 != 0 || upper % 2 != 0) {
      return where + "impossible bounds";
    }
    const std::size_t nodes = (lower - kPageHead) / 2;
    if (!is_leaf && nodes < 2) return where + "a branch with one child";
    ++(is_leaf ? found_.leaf : found_.branch);
    std::size_t filled = 0;
    std::string_view previous;
    std::vector<std::pair<std::string_view, std::uint64_t>> children;
    for (std::size_t i = 0; i < nodes; ++i) {
      const std::size_t at = read_little<std::uint16_t>(page, kPageHead + 2 * i);
      if (at < upper || at % 2 != 0 || at + kNodeHead > page_bytes_) return where + "a node lies outside";
      const std::uint16_t flags = read_little<std::uint16_t>(page, at + 4);
      const std::size_t key_bytes = read_little<std::uint16_t>(page, at + 6);
      const std::uint64_t low_word = read_little<std::uint32_t>(page, at);
      if (key_bytes > kMaxKey || at + kNodeHead + key_bytes > page_bytes_) return where + "a key lies outside";
      const std::string_view key = page.substr(at + kNodeHead, key_bytes);
      if (is_leaf || i > 0) {  // the first key of a branch stands for "everything before"
        if (key_bytes == 0) return where + "a key is empty";
        const bool rises = (i == 0 || (!is_leaf && i == 1)) ? !less(key, low) : less(previous, key);
        if (!rises || (!high.empty() && !less(key, high))) return where + "keys are out of order";
        previous = key;
      }
      std::size_t node_bytes = kNodeHead + key_bytes;
      if (is_leaf) {
        const std::size_t room = page_bytes_ - at - node_bytes;
        const std::size_t stored = flags & kBigData ? 8 : low_word;
        if (stored > room) return where + "a value lies outside";
        node_bytes += stored;
        std::string problem = leaf_node(key, flags, low_word, page.substr(at + kNodeHead + key_bytes, stored));
        if (!problem.empty()) return where + problem;
      } else {
        children.emplace_back(i == 0 ? low : key, low_word | static_cast<std::uint64_t>(flags) << 32);
      }
      filled += (node_bytes + 1) / 2 * 2;
    }
    if (filled != page_bytes_ - upper) return where + "its nodes do not fill it";
    for (std::size_t i = 0; i < children.size(); ++i) {
      const std::string_view end = i + 1 < children.size() ? children[i + 1].first : high;
      std::string problem = walk_page(children[i].second, depth + 1, children[i].first, end);
      if (!problem.empty()) return problem;
    }
    return {};
  }

  bool less(std::string_view a, std::string_view b) const {
    if (content_ != Content::kFreeList) return a < b;
    if (a.size() != 8 || b.size() != 8) return a.size() < b.size();
    return read_little<std::uint64_t>(a) < read_little<std::uint64_t>(b);
  }

  std::string leaf_node(std::string_view key, std::uint16_t flags, std::uint64_t size, std::string_view stored) {
    const std::uint16_t allowed = content_ == Content::kTables ? kSubData : kBigData;
    if ((flags & ~allowed) != 0) return "a node has flags " + n(flags);
    ++found_.entries;
    std::string_view data = stored;
    if (flags & kBigData) {
      const auto first = read_little<std::uint64_t>(stored);
      if (std::string problem = overflow(first, size); !problem.empty()) return problem;
      data = file_.substr(first * page_bytes_ + kPageHead, size);
    }
    switch (content_) {
      case Content::kFreeList:
        return free_pages(key, data);
      case Content::kTables:
        if (flags != kSubData || size != kDatabaseBytes) return "an entry among the tables is none";
        tables_.emplace_back(std::string(key), read_little<Database>(stored));
        return {};
      case Content::kValues:
        if (key.size() % 8 != 0 || size % 8 != 0) return "a key's or value's size is not a multiple of 8";
        return {};
    }
    return {};
  }

  std::string overflow(std::uint64_t first, std::uint64_t size) {
    std::uint64_t pages = (kPageHead - 1 + size) / page_bytes_ + 1;
    const bool by_number = depth_ == PageCheckDepth::kTrees && content_ == Content::kValues && table_ == unchanging_;
    if (!by_number) {
      if (first < 2 || first >= seen_.size()) return take(first, 1);
      const std::string_view head = file_.substr(first * page_bytes_, kPageHead);
      const std::uint64_t stated = read_little<std::uint32_t>(head, 12);
      if (read_little<std::uint64_t>(head) != first || read_little<std::uint16_t>(head, 10) != kOverflow) {
        return "page " + n(first) + " is no overflow page";
      }
      // A value that shrank keeps its pages.
      if (stated < pages) return "overflow page " + n(first) + " states too few pages";
      pages = stated;
      ++pages_;
    }
    found_.overflow += pages;
    return take(first, pages);
  }

  // A record of the free list: a count, then page numbers, falling.
  std::string free_pages(std::string_view key, std::string_view record) {
    if (key.size() != 8) return "a free list's key has " + n(key.size()) + " bytes";
    if (read_little<std::uint64_t>(key) > meta_.transaction) return "a free list's transaction lies ahead";
    if (record.size() < 8 || record.size() % 8 != 0) return "a free list has an impossible size";
    const auto count = read_little<std::uint64_t>(record);
    if (count > record.size() / 8 - 1) return "a free list is longer than its record";
    std::uint64_t previous = kNoPage;
    for (std::uint64_t i = 1; i <= count; ++i) {
      const auto page = read_little<std::uint64_t>(record, 8 * i);
      if (page < 2 || page >= page_limit_ || page >= previous) return "a free list names page " + n(page);
      if (free_[page]) return "page " + n(page) + " is free twice";
      if (page < seen_.size() && seen_[page]) return "page " + n(page) + " is both in use and free";
      free_[page] = true;
      previous = page;
    }
    return {};
  }

  std::string_view file_;
  const Meta& meta_;
  const std::size_t page_bytes_;
  const std::uint64_t page_limit_;
  const PageCheckDepth depth_;
  const std::string_view unchanging_;
  std::vector<bool> seen_;
  std::vector<bool> free_;
  std::uint64_t pages_ = 0;
  // Of the tree being walked.
  Content content_ = Content::kFreeList;
  Database found_;
  unsigned leaf_depth_ = 0;
  std::string table_;
  std::vector<std::pair<std::string, Database>> tables_;
};

Result<Meta> check_meta(std::string_view start, std::size_t page_bytes, unsigned index) {
  const std::string which = "meta page " + n(index);
  const std::string_view head = start.substr(index * page_bytes, kPageHead);
  const Meta meta = meta_at(start, page_bytes, index);
  if (meta.magic != kMagic) return corrupt(which + " has no LMDB magic number");
  if (meta.version != kDataVersion) {
    return Error(ErrorKind::kUnsupported, "data.mdb is of LMDB data version " + n(meta.version) + ", not " + n(kDataVersion));
  }
  if (read_little<std::uint64_t>(head) != index || read_little<std::uint16_t>(head, 10) != kMeta) {
    return corrupt(which + " has a wrong head");
  }
  if (meta.free.pad != page_bytes) return corrupt(which + " states a page size of " + n(meta.free.pad));
  if (meta.transaction != 0 && (meta.transaction & 1) != index) return corrupt(which + " holds the other page's transaction");
  return meta;
}

}  // namespace

std::uint64_t metas_bytes(std::string_view start) {
  if (start.size() < kPageHead + sizeof(Meta)) return 0;
  const std::uint32_t page_bytes = read_little<Meta>(start, kPageHead).free.pad;
  return is_page_size(page_bytes) ? 2 * std::uint64_t{page_bytes} : 0;
}

Result<DataFileHead> check_metas(std::string_view start, std::uint64_t file_bytes) {
  if (file_bytes == 0) return corrupt("it is empty");
  if (start.size() < kPageHead + sizeof(Meta)) return corrupt("it has only " + n(file_bytes) + " bytes");
  if (read_little<Meta>(start, kPageHead).magic != kMagic) return corrupt("meta page 0 has no LMDB magic number");
  const std::uint64_t both = metas_bytes(start);
  if (both == 0) return corrupt("meta page 0 states an impossible page size");
  const std::size_t page_bytes = both / 2;
  if (start.size() < both) {
    return corrupt("it has " + n(file_bytes) + " bytes, not even its two meta pages of " + n(page_bytes));
  }
  Result<Meta> even = check_meta(start, page_bytes, 0);
  if (!even) return std::move(even).error();
  Result<Meta> odd = check_meta(start, page_bytes, 1);
  if (!odd) return std::move(odd).error();
  const Meta& newer = odd->transaction > even->transaction ? *odd : *even;
  const Meta& older = odd->transaction > even->transaction ? *even : *odd;
  if (newer.transaction != 0 && newer.transaction != older.transaction + 1) {
    return corrupt("its meta pages belong to transactions " + n(older.transaction) + " and " + n(newer.transaction));
  }
  // Allocated pages may never have been written, but not many more than that: a wild number would make LMDB map terabytes.
  constexpr std::uint64_t kUnwritten = 1 << 20;
  if (newer.last_page < 1 || newer.last_page >= file_bytes / page_bytes + kUnwritten) {
    return corrupt("it has " + n(file_bytes) + " bytes, but its last page is " + n(newer.last_page));
  }
  return DataFileHead{.page_bytes = static_cast<std::uint32_t>(page_bytes),
                      .last_page = newer.last_page,
                      .transaction = newer.transaction};
}

Result<PageFindings> check_pages(std::string_view file, std::uint64_t transaction, PageCheckDepth depth,
                                 std::string_view unchanging) {
  const std::uint64_t both = metas_bytes(file);
  if (both == 0 || file.size() < both) return corrupt("its meta pages are gone");
  const Meta meta = meta_at(file, both / 2, transaction & 1);
  if (meta.transaction != transaction) {
    if (meta.transaction > transaction) return Error(ErrorKind::kBusy, "the store was written to meanwhile");
    return corrupt("its meta pages have changed");
  }
  if (meta.magic != kMagic || meta.free.pad != both / 2 || meta.last_page < 1 ||
      meta.last_page >= file.size() / (both / 2) + (1 << 20)) {
    return corrupt("its meta pages have changed");
  }
  return Walk(file, meta, depth, unchanging).run();
}

}  // namespace hindsight::store
