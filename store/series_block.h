// Rows of a series to and from the bytes of a block (FORMAT.md, "Series blocks"). Pure.
#pragma once

#include <string>
#include <string_view>

#include "store/base/result.h"
#include "store/types.h"

namespace hindsight::store {

// Are the values of this kind kept in SeriesColumns::blobs (else in scalars)?
bool uses_blobs(DType dtype, bool is_vector);
// Bytes of one element; 0 for text, bytes and errors.
std::size_t width_of(DType dtype);

// kInvalid: columns of unequal length, or not those that `key` asks for.
Result<void> check_columns(const SeriesKey& key, const SeriesColumns& columns);

// REQUIRES: check_columns() is content.
std::string encode_block(const SeriesKey& key, const SeriesColumns& columns);
// kCorrupt (I4, I10): not a block of a series like `key`.
Result<SeriesColumns> decode_block(const SeriesKey& key, std::string_view block);

// Puts the rows of `more` after those of `to`. REQUIRES: both are of one series, or `to` is empty.
void append_rows(SeriesColumns& to, const SeriesColumns& more);

}  // namespace hindsight::store
