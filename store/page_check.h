// Looks through the pages of an LMDB 0.9 data file before LMDB does. LMDB trusts what it reads: one flipped bit in a page's
// head makes it read outside the file or overwrite pages in use. What passes here can be read and written safely.
// Pure: works on bytes, knows nothing of LMDB's library.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "store/base/result.h"

namespace hindsight::store {

// What one of the two meta pages says, as far as it matters.
struct DataFileHead {
  std::uint32_t page_bytes = 0;
  std::uint64_t last_page = 0;
  std::uint64_t transaction = 0;
};

// Checks both meta pages, of which `start` is the beginning of the file (at least the first two pages, if the file is that
// long). Returns the newer one. kCorrupt says what is wrong; kUnsupported: made by another LMDB.
Result<DataFileHead> check_metas(std::string_view start, std::uint64_t file_bytes);
// How many bytes of a file check_metas wants to see, given its first 4096.
std::uint64_t metas_bytes(std::string_view start);

enum class PageCheckDepth {
  kTrees,  // all tree pages and the free list; overflow pages of values that are never changed by number only
  kAll     // the heads of all overflow pages too
};

struct PageFindings {
  // By the table's name; "" stands for the tree of tables: then nothing can be read.
  std::map<std::string, std::string> damaged;
  std::string free_list;  // what is wrong with it: then nothing can be written. Empty: nothing
  std::uint64_t pages = 0;  // looked at
};

// Checks (I2) the state that transaction `transaction` left. `file` is the whole file, mapped or read; nothing outside it is touched.
// kBusy: the file has moved on to a later transaction in the meantime. `unchanging`: the table whose values are
// never changed or removed.
Result<PageFindings> check_pages(std::string_view file, std::uint64_t transaction, PageCheckDepth depth,
                                 std::string_view unchanging);

}  // namespace hindsight::store
