// State adapters for std::ifstream, std::ofstream and std::fstream: as file.h has it for FILE*, with the stream's own flags.
#pragma once
#pragma GCC system_header

#include <fstream>
#include <locale>

#include "hindsight/std/file.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

#if defined(__GLIBCXX__)
// Protected members, reached as a derived class may.
template <class Char, class Traits>
struct FileBuffer : std::basic_filebuf<Char, Traits> {
  using Base = std::basic_filebuf<Char, Traits>;
  static std::ios_base::openmode mode(Base& buffer) { return buffer.*(&FileBuffer::_M_mode); }
  static bool was_pushed_back(Base& buffer) { return buffer.*(&FileBuffer::_M_pback_init); }
  static int descriptor(Base& buffer) { return (buffer.*(&FileBuffer::_M_file)).fd(); }
};
struct StreamBase : std::ios_base {
  static iostate& state(std::ios_base& stream) { return stream.*(&StreamBase::_M_streambuf_state); }
  static iostate& exceptions_of(std::ios_base& stream) { return stream.*(&StreamBase::_M_exception); }
};
template <class Char, class Traits>
struct InputStream : std::basic_istream<Char, Traits> {
  static std::streamsize& count(std::basic_istream<Char, Traits>& stream) { return stream.*(&InputStream::_M_gcount); }
  template <class Stream>
  static std::streamsize* count_of(Stream& stream, std::true_type) {
    return &count(stream);
  }
  template <class Stream>
  static std::streamsize* count_of(Stream&, std::false_type) {
    return nullptr;
  }
};

template <class Stream>
inline void visit_file_stream(Archive& archive, Stream& value) {
  using Char = typename Stream::char_type;
  using Traits = typename Stream::traits_type;
  using Buffer = FileBuffer<Char, Traits>;
  const KeepErrno keep;
  typename Buffer::Base& buffer = *value.rdbuf();
  if (static_cast<std::basic_ios<Char, Traits>&>(value).rdbuf() != &buffer) return archive.fail("was given another buffer than its own");
  if (sizeof(Char) != 1) return archive.fail("is a stream of wide characters, which cannot be part of the state");
  const std::ios_base::openmode mode = buffer.is_open() ? Buffer::mode(buffer) : std::ios_base::openmode();
  const bool reads = (mode & std::ios_base::in) != 0, writes = (mode & (std::ios_base::out | std::ios_base::app)) != 0;
  if (reads && writes) return archive.fail("is open for reading and writing, which cannot be part of the state");
  if (!visit_use(archive, reads ? kReadFile : writes ? kWrittenFile : kNoFile)) return;
  if (reads) {
    if (Buffer::was_pushed_back(buffer)) return archive.fail("holds a character that was pushed back into it");
    if (!std::use_facet<std::codecvt<Char, char, std::mbstate_t>>(buffer.getloc()).always_noconv()) {
      return archive.fail("converts what it reads, which cannot be part of the state");
    }
    visit_path(archive, Buffer::descriptor(buffer));
    if (archive.failed()) return;
    const auto at = static_cast<std::int64_t>(std::streamoff(buffer.pubseekoff(0, std::ios_base::cur, std::ios_base::in)));
    if (at < 0) return archive.fail("cannot be positioned");
    const std::int64_t offset = archive.number("offset", at);
    if (archive.loading() && !archive.failed() && offset != at &&
        std::streamoff(buffer.pubseekpos(typename Stream::pos_type(std::streamoff(offset)), std::ios_base::in)) != offset) {
      return archive.fail("cannot be positioned");
    }
  }
  // Not by their functions, which throw what was thrown when they were set.
  std::ios_base::iostate &state = StreamBase::state(value), &exceptions = StreamBase::exceptions_of(value);
  std::streamsize* const count =
      InputStream<Char, Traits>::count_of(value, std::is_base_of<std::basic_istream<Char, Traits>, Stream>());
  const std::int64_t states = archive.number("state", state), throwing = archive.number("exceptions", exceptions),
                     flags = archive.number("flags", value.flags()), width = archive.number("width", value.width()),
                     precision = archive.number("precision", value.precision()),
                     last = archive.number("count", count == nullptr ? 0 : *count);
  if (!archive.loading() || archive.failed()) return;
  state = static_cast<std::ios_base::iostate>(states);
  exceptions = static_cast<std::ios_base::iostate>(throwing);
  value.flags(static_cast<std::ios_base::fmtflags>(flags));
  value.width(static_cast<std::streamsize>(width));
  value.precision(static_cast<std::streamsize>(precision));
  if (count != nullptr) *count = static_cast<std::streamsize>(last);
}
#else
template <class Stream>
inline void visit_file_stream(Archive& archive, Stream&) {
  archive.fail("is a file stream of a standard library that does not tell how it is open");
}
#endif

}  // namespace detail

template <class Char, class Traits>
struct Adapter<std::basic_ifstream<Char, Traits>> {
  static void visit(Archive& archive, std::basic_ifstream<Char, Traits>& value) { detail::visit_file_stream(archive, value); }
};
template <class Char, class Traits>
struct Adapter<std::basic_ofstream<Char, Traits>> {
  static void visit(Archive& archive, std::basic_ofstream<Char, Traits>& value) { detail::visit_file_stream(archive, value); }
};
template <class Char, class Traits>
struct Adapter<std::basic_fstream<Char, Traits>> {
  static void visit(Archive& archive, std::basic_fstream<Char, Traits>& value) { detail::visit_file_stream(archive, value); }
};

HINDSIGHT_NAMESPACE_END
