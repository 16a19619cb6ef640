// State adapter for FILE*. Of a file that is read: its path, the offset, and whether its end or an error was met; restoring positions the one
// that the process has open in its place. Of a file that is only written: that it is open. Refused is what cannot be read again from an offset: a
// pipe, a device, memory, a deleted file, one that is open for both, characters that were pushed back. A pointer that was not reset by
// fclose() is known as such, where the C library is glibc; with others only null can be part of the state.
#pragma once
#pragma GCC system_header

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "hindsight/state.h"
#if defined(__GLIBC__)
#include <stdio_ext.h>
#endif

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

struct KeepErrno {
  int value = errno;
  ~KeepErrno() { errno = value; }
};

// What has this path can be read again from an offset.
inline bool is_seekable(const char* path) noexcept {
  const auto in = [path](const char* folder) { return __builtin_strncmp(path, folder, __builtin_strlen(folder)) == 0; };
  return !in("/proc/") && !in("/sys/") && (!in("/dev/") || in("/dev/shm/") || __builtin_strcmp(path, "/dev/null") == 0);
}

// The file behind a descriptor, as the leaf "path": it has to be the one that was stored.
inline void visit_path(Archive& archive, int descriptor) {
  if (archive.digesting()) return;
  constexpr std::size_t kMostPath = 4096;  // what realpath() asks for
  char* const path = static_cast<char*>(hindsight_scratch(kMostPath));
  if (path == nullptr) return archive.fail("could not be visited: no memory");
  char link[32];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  if (descriptor < 0 || ::realpath(link, path) == nullptr) {
    return archive.fail("reads what has no path (a pipe, a socket, memory, or a file that was deleted)");
  }
  if (!is_seekable(path)) return archive.fail("reads from a device or the system, not from a file");
  std::uint64_t size = __builtin_strlen(path);
  hindsight_ar_push(archive.raw(), "path", 4);
  if (archive.saving()) {
    void* const place = hindsight_ar_reserve(archive.raw(), kText, 1, &size, size, 0);
    if (place != nullptr) __builtin_memcpy(place, path, size);
  } else {
    std::uint64_t count = 0, bytes = 0;
    const void* const stored = hindsight_ar_peek(archive.raw(), kText, 1, &count, &bytes);
    if (stored != nullptr && (bytes != size || __builtin_memcmp(stored, path, size) != 0)) {
      archive.fail("reads another file than when it was stored");
    }
    hindsight_ar_consume(archive.raw());
  }
  hindsight_ar_pop(archive.raw());
}

// How a file is open, as the leaf "open". False after a failure.
enum FileUse : std::int64_t { kNoFile = 0, kReadFile = 1, kWrittenFile = 2, kClosedFile = 3 };
inline bool visit_use(Archive& archive, std::int64_t now) {
  const std::int64_t stored = archive.number("open", now);
  if (archive.failed() || stored == now) return !archive.failed();
  archive.fail(now == kReadFile || now == kWrittenFile ? "is open now, but was not (or not in this way) when it was stored"
                                                       : "is not open now, but was when it was stored, or is null in one case only");
  return false;
}

#if defined(__GLIBC__)
// glibc's list of the streams that are open, by names that no header has.
extern "C" void hindsight_libc_lock_files() __asm__("_IO_list_lock") __attribute__((weak));
extern "C" void hindsight_libc_unlock_files() __asm__("_IO_list_unlock") __attribute__((weak));
extern "C" void* hindsight_libc_first_file() __asm__("_IO_iter_begin") __attribute__((weak));
extern "C" void* hindsight_libc_next_file(void* at) __asm__("_IO_iter_next") __attribute__((weak));
extern "C" FILE* hindsight_libc_file(void* at) __asm__("_IO_iter_file") __attribute__((weak));

inline bool is_open(const FILE* file) {
  if (&hindsight_libc_lock_files == nullptr || &hindsight_libc_first_file == nullptr) return false;
  hindsight_libc_lock_files();
  bool found = false;
  for (void* at = hindsight_libc_first_file(); at != nullptr && !found; at = hindsight_libc_next_file(at)) {
    found = hindsight_libc_file(at) == file;
  }
  hindsight_libc_unlock_files();
  return found;
}

inline void visit_read_file(Archive& archive, FILE* file) {
  constexpr int kPushedBack = 0x100;  // _IO_IN_BACKUP
  constexpr int kMet = _IO_EOF_SEEN | _IO_ERR_SEEN;
  if (__fwritable(file) != 0) return archive.fail("is open for reading and writing, which cannot be part of the state");
  if (file->_mode > 0) return archive.fail("is read as wide characters, which cannot be part of the state");
  if ((file->_flags & kPushedBack) != 0) return archive.fail("holds characters that were pushed back into it");
  visit_path(archive, ::fileno(file));
  const std::int64_t at = ::ftello(file);
  if (at < 0) return archive.fail("cannot be positioned");
  // Pointers to one stream stay that.
  if (!archive.digesting()) {
    constexpr std::uint64_t type = type_key<FILE>();
    std::int64_t number = hindsight_ar_find_object(archive.raw(), file, type);
    if (number < 0) number = hindsight_ar_add_object(archive.raw(), file, type, nullptr, nullptr);
    // While checking, objects that will be made are not counted yet.
    if (archive.number("stream", number) != number && archive.loading()) return archive.fail("is not the stream that was stored in its place");
  }
  const std::int64_t offset = archive.number("offset", at), met = archive.number("met", file->_flags & kMet);
  if (!archive.loading() || archive.failed()) return;
  if (offset != at && ::fseeko(file, offset, SEEK_SET) != 0) return archive.fail("cannot be positioned");
  file->_flags = (file->_flags & ~kMet) | (static_cast<int>(met) & kMet);
}
#endif

}  // namespace detail

template <>
struct Adapter<FILE*> {
  static void visit(Archive& archive, FILE*& value) {
    const detail::KeepErrno keep;
#if defined(__GLIBC__)
    const std::int64_t use = value == nullptr           ? detail::kNoFile
                             : !detail::is_open(value)  ? detail::kClosedFile
                             : __freadable(value) != 0 ? detail::kReadFile
                                                        : detail::kWrittenFile;
    if (detail::visit_use(archive, use) && use == detail::kReadFile) detail::visit_read_file(archive, value);
#else
    if (value != nullptr) return archive.fail("is a FILE of a C library that does not tell how it is open");
    detail::visit_use(archive, detail::kNoFile);
#endif
  }
};

HINDSIGHT_NAMESPACE_END
