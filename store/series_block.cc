#include "store/series_block.h"

#include <limits>

#include "store/base/bytes.h"

namespace hindsight::store {
namespace {

constexpr std::uint8_t kLayout = 1;

bool is_integer(DType dtype) { return dtype >= DType::kBool && dtype <= DType::kU64; }

std::uint64_t zigzag(std::uint64_t n) { return n << 1 ^ (n >> 63 ? ~std::uint64_t{0} : 0); }
std::uint64_t unzigzag(std::uint64_t n) { return n >> 1 ^ (n & 1 ? ~std::uint64_t{0} : 0); }

void append_varint(std::string& to, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7) to.push_back(static_cast<char>(n | 0x80));
  to.push_back(static_cast<char>(n));
}

class BlockWriter {
 public:
  explicit BlockWriter(std::string head) : block_(std::move(head)) {}

  template <class Range>
  void deltas(const Range& numbers) {
    std::string column;
    column.reserve(numbers.size() + 8);
    std::uint64_t previous = 0;
    for (const auto number : numbers) {
      const auto n = static_cast<std::uint64_t>(number);
      append_varint(column, zigzag(n - previous));
      previous = n;
    }
    bytes(column);
  }

  template <class Range>
  void flags(const Range& numbers) {
    std::string column;
    for (const auto number : numbers) column.push_back(static_cast<char>(number));
    bytes(column);
  }

  void planes(const std::vector<std::uint64_t>& numbers, std::size_t width) {
    std::string column;
    column.reserve(numbers.size() * width);
    for (std::size_t byte = 0; byte < width; ++byte) {
      for (const std::uint64_t number : numbers) column.push_back(static_cast<char>(number >> 8 * byte & 0xff));
    }
    bytes(column);
  }

  void bytes(std::string_view column) {
    append_little(block_, static_cast<std::uint32_t>(column.size()));
    block_ += column;
  }

  std::string take() { return std::move(block_); }

 private:
  std::string block_;
};

// Reads column after column; after the first mistake nothing more is read.
class BlockReader {
 public:
  BlockReader(std::string_view block, std::size_t rows) : block_(block), rows_(rows) {}

  template <class T>
  std::vector<T> deltas() {
    std::string_view column = bytes();
    std::vector<T> numbers;
    if (column.size() < rows_) good_ = false;
    if (!good_) return numbers;
    numbers.reserve(rows_);
    std::uint64_t previous = 0;
    for (std::size_t row = 0; row < rows_ && good_; ++row) {
      previous += unzigzag(varint(column));
      if constexpr (std::is_same_v<T, std::uint32_t>) {
        if (previous > std::numeric_limits<T>::max()) good_ = false;
      }
      numbers.push_back(static_cast<T>(previous));
    }
    if (!column.empty()) good_ = false;
    return numbers;
  }

  template <class T>
  std::vector<T> flags(std::uint8_t last) {
    const std::string_view column = bytes();
    std::vector<T> numbers;
    if (column.size() != rows_) good_ = false;
    for (const char c : column) {
      if (static_cast<std::uint8_t>(c) > last) good_ = false;
      numbers.push_back(static_cast<T>(c));
    }
    return numbers;
  }

  std::vector<std::uint64_t> planes(std::size_t width) {
    const std::string_view column = bytes();
    std::vector<std::uint64_t> numbers(good_ ? rows_ : 0);
    if (column.size() != rows_ * width) good_ = false;
    if (!good_) return numbers;
    for (std::size_t byte = 0; byte < width; ++byte) {
      for (std::size_t row = 0; row < rows_; ++row) {
        numbers[row] |= std::uint64_t{static_cast<unsigned char>(column[byte * rows_ + row])} << 8 * byte;
      }
    }
    return numbers;
  }

  std::vector<std::string> blobs() {
    const std::vector<std::uint64_t> sizes = deltas<std::uint64_t>();
    std::string_view column = bytes();
    std::vector<std::string> blobs;
    for (const std::uint64_t size : sizes) {
      if (size > column.size()) good_ = false;
      if (!good_) return blobs;
      blobs.emplace_back(column.substr(0, size));
      column.remove_prefix(size);
    }
    if (!column.empty()) good_ = false;
    return blobs;
  }

  std::string_view bytes() {
    if (block_.size() < 4) good_ = false;
    if (!good_) return {};
    const auto size = read_little<std::uint32_t>(block_);
    if (size > block_.size() - 4) {
      good_ = false;
      return {};
    }
    const std::string_view column = block_.substr(4, size);
    block_.remove_prefix(4 + std::size_t{size});
    return column;
  }

  bool ended_well() const { return good_ && block_.empty(); }

 private:
  std::uint64_t varint(std::string_view& from) {
    std::uint64_t n = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (from.empty()) break;
      const auto byte = static_cast<unsigned char>(from.front());
      from.remove_prefix(1);
      n |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return n;
    }
    good_ = false;
    return 0;
  }

  std::string_view block_;
  const std::size_t rows_;
  bool good_ = true;
};

}  // namespace

std::size_t width_of(DType dtype) {
  switch (dtype) {
    case DType::kBool:
    case DType::kI8:
    case DType::kU8:
      return 1;
    case DType::kI16:
    case DType::kU16:
    case DType::kF16:
    case DType::kBF16:
      return 2;
    case DType::kI32:
    case DType::kU32:
    case DType::kF32:
      return 4;
    case DType::kI64:
    case DType::kU64:
    case DType::kF64:
    case DType::kC64:
      return 8;
    case DType::kC128:
      return 16;
    case DType::kText:
    case DType::kBytes:
    case DType::kError:
      return 0;
  }
  return 0;
}

bool uses_blobs(DType dtype, bool is_vector) {
  const std::size_t width = width_of(dtype);
  return is_vector || width == 0 || width > sizeof(std::uint64_t);
}

Result<void> check_columns(const SeriesKey& key, const SeriesColumns& columns) {
  const auto invalid = [&](const char* what) {
    return Error(ErrorKind::kInvalid, "series '" + key.name + "': " + what);
  };
  const std::size_t rows = columns.size();
  if (rows > std::numeric_limits<std::uint32_t>::max() / 32) return invalid("too many rows at once");
  if (columns.levels.size() != key.nest.size()) return invalid("its rows have another depth than its loops");
  if (key.nest.size() > 255) return invalid("more than 255 loops deep");
  if (key.dtype < DType::kBool || key.dtype > DType::kError) return invalid("unknown dtype");
  const bool blobs = uses_blobs(key.dtype, key.is_vector);
  bool equal = columns.order.size() == rows && columns.status.size() == rows && columns.segment.size() == rows &&
               columns.scalars.size() == (blobs ? 0 : rows) && columns.blobs.size() == (blobs ? rows : 0);
  for (const auto& level : columns.levels) {
    equal = equal && level.entry.size() == rows && level.ordinal.size() == rows && level.label.size() == rows &&
            level.has_label.size() == rows;
  }
  if (!equal) return invalid("its columns differ in length");
  std::uint64_t bytes = 0;
  for (const std::string& blob : columns.blobs) bytes += blob.size();
  if (bytes > std::numeric_limits<std::uint32_t>::max() / 2) return invalid("more than 2 GiB of values at once");
  const std::size_t width = width_of(key.dtype);
  if (!blobs && width < 8) {
    for (const std::uint64_t bits : columns.scalars) {
      if (bits >> 8 * width != 0) return invalid("a value does not fit its dtype");
    }
  }
  return {};
}

std::string encode_block(const SeriesKey& key, const SeriesColumns& columns) {
  const bool blobs = uses_blobs(key.dtype, key.is_vector);
  std::string head;
  head.push_back(static_cast<char>(kLayout));
  head.push_back(static_cast<char>(columns.levels.size()));
  head.push_back(static_cast<char>(key.dtype));
  head.push_back(static_cast<char>(blobs));
  append_little(head, static_cast<std::uint32_t>(columns.size()));
  BlockWriter block(std::move(head));
  for (const auto& level : columns.levels) {
    block.deltas(level.entry);
    block.deltas(level.ordinal);
    block.deltas(level.label);
    block.flags(level.has_label);
  }
  block.deltas(columns.seq);
  block.deltas(columns.order);
  block.flags(columns.status);
  block.deltas(columns.segment);
  if (blobs) {
    std::vector<std::uint64_t> sizes;
    std::string all;
    for (const std::string& blob : columns.blobs) {
      sizes.push_back(blob.size());
      all += blob;
    }
    block.deltas(sizes);
    block.bytes(all);
  } else if (is_integer(key.dtype)) {
    block.deltas(columns.scalars);
  } else {
    block.planes(columns.scalars, width_of(key.dtype));
  }
  return block.take();
}

Result<SeriesColumns> decode_block(const SeriesKey& key, std::string_view block) {
  const auto corrupt = [](const char* what) { return Error(ErrorKind::kCorrupt, what); };
  const bool blobs = uses_blobs(key.dtype, key.is_vector);
  if (block.size() < 8 || static_cast<std::uint8_t>(block[0]) != kLayout) return corrupt("not a series block (I4)");
  if (static_cast<std::uint8_t>(block[1]) != key.nest.size() || static_cast<DType>(block[2]) != key.dtype ||
      static_cast<bool>(block[3]) != blobs) {
    return corrupt("the block is of another series (I10)");
  }
  BlockReader reader(block.substr(8), read_little<std::uint32_t>(block, 4));
  SeriesColumns columns;
  for (std::size_t i = 0; i < key.nest.size(); ++i) {
    SeriesColumns::LevelColumn level;
    level.entry = reader.deltas<std::uint32_t>();
    level.ordinal = reader.deltas<std::uint64_t>();
    level.label = reader.deltas<std::int64_t>();
    level.has_label = reader.flags<std::uint8_t>(1);
    columns.levels.push_back(std::move(level));
  }
  columns.seq = reader.deltas<std::uint64_t>();
  columns.order = reader.deltas<std::uint64_t>();
  columns.status = reader.flags<Status>(static_cast<std::uint8_t>(Status::kError));
  columns.segment = reader.deltas<std::uint32_t>();
  if (blobs) {
    columns.blobs = reader.blobs();
  } else {
    columns.scalars = is_integer(key.dtype) ? reader.deltas<std::uint64_t>() : reader.planes(width_of(key.dtype));
  }
  if (!reader.ended_well() || !check_columns(key, columns)) return corrupt("the block's columns are damaged (I4)");
  return columns;
}

void append_rows(SeriesColumns& to, const SeriesColumns& more) {
  const auto append = [](auto& a, const auto& b) { a.insert(a.end(), b.begin(), b.end()); };
  if (to.levels.size() < more.levels.size()) to.levels.resize(more.levels.size());
  for (std::size_t i = 0; i < more.levels.size(); ++i) {
    append(to.levels[i].entry, more.levels[i].entry);
    append(to.levels[i].ordinal, more.levels[i].ordinal);
    append(to.levels[i].label, more.levels[i].label);
    append(to.levels[i].has_label, more.levels[i].has_label);
  }
  append(to.seq, more.seq);
  append(to.order, more.order);
  append(to.status, more.status);
  append(to.segment, more.segment);
  append(to.scalars, more.scalars);
  append(to.blobs, more.blobs);
}

}  // namespace hindsight::store
