// Preloaded into programs: makes calls of one of them fail, as $HINDSIGHT_FAULT says:
//
//   PROGRAM CALL ERRNO FIRST COUNT     PROGRAM's (a file name) calls FIRST .. FIRST + COUNT - 1 of CALL fail with ERRNO
//   PROGRAM cut 0 FIRST 1              after PROGRAM has begun its transaction FIRST, the store's data.mdb is cut to nothing
//
// A call that was made to fail leaves an empty file $HINDSIGHT_FAULT_FIRED behind. What is seen are the calls of the program and
// of the libraries that it links, not those of libc itself: the loader and malloc work as ever. A program with AddressSanitizer
// needs ASAN_OPTIONS=verify_asan_link_order=0.
#include <dlfcn.h>
#include <fcntl.h>
#include <lmdb.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

struct Fault {
  char program[64] = "";
  char call[32] = "";
  int error = 0;
  int first = 0;
  int count = 0;
};

constinit Fault fault;

// Before it, nothing fails: a sanitizer calls what stands below before there is an environment.
__attribute__((constructor)) void read_fault() {
  Fault read;
  const char* const text = std::getenv("HINDSIGHT_FAULT");
  if (text == nullptr || std::sscanf(text, "%63s %31s %d %d %d", read.program, read.call, &read.error, &read.first, &read.count) != 5) return;
  char path[4096] = "";
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path - 1);
  const char* const name = size > 0 ? std::strrchr(path, '/') : nullptr;
  if (name != nullptr && std::strcmp(name + 1, read.program) == 0) fault = read;
}

// Counts the calls of the kind that is to fail. True, with errno set: this one does.
bool is_due(const char* call) {
  static std::atomic<int> calls = 0;
  if (std::strcmp(call, fault.call) != 0) return false;
  const int number = ++calls;
  if (number < fault.first || number - fault.first >= fault.count) return false;
  if (const char* const fired = std::getenv("HINDSIGHT_FAULT_FIRED")) {
    // Not by open(), which may be the call that fails.
    const long file = ::syscall(SYS_openat, AT_FDCWD, fired, O_WRONLY | O_CREAT, 0600);
    if (file >= 0) ::syscall(SYS_close, file);
  }
  errno = fault.error;
  return true;
}

template <class Function>
Function* next_of(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

// NAME fails as CALL does, returning FAILED.
#define FAILING(call, type, name, parameters, arguments, failed)       \
  type name parameters {                                               \
    static auto* const next = next_of<type parameters>(#name);         \
    if (is_due(call)) return failed;                                   \
    return next arguments;                                             \
  }

extern "C" {

FAILING("open", int, open, (const char* path, int flags, ...), (path, flags, 0600), -1)
FAILING("open", int, open64, (const char* path, int flags, ...), (path, flags, 0600), -1)
FAILING("open", FILE*, fopen, (const char* path, const char* mode), (path, mode), nullptr)
FAILING("open", FILE*, fopen64, (const char* path, const char* mode), (path, mode), nullptr)
FAILING("mmap", void*, mmap, (void* at, size_t size, int access, int flags, int fd, off_t offset) noexcept, (at, size, access, flags, fd, offset), MAP_FAILED)
FAILING("mmap", void*, mmap64, (void* at, size_t size, int access, int flags, int fd, off64_t offset) noexcept, (at, size, access, flags, fd, offset), MAP_FAILED)
FAILING("fallocate", int, ftruncate, (int fd, off_t size) noexcept, (fd, size), -1)
FAILING("fallocate", int, ftruncate64, (int fd, off64_t size) noexcept, (fd, size), -1)
FAILING("fallocate", int, fallocate, (int fd, int mode, off_t at, off_t size), (fd, mode, at, size), -1)
FAILING("fallocate", int, fallocate64, (int fd, int mode, off64_t at, off64_t size), (fd, mode, at, size), -1)
FAILING("fallocate", int, posix_fallocate, (int fd, off_t at, off_t size), (fd, at, size), errno)
FAILING("fallocate", int, posix_fallocate64, (int fd, off64_t at, off64_t size), (fd, at, size), errno)
FAILING("memfd_create", int, memfd_create, (const char* name, unsigned flags) noexcept, (name, flags), -1)
FAILING("write", ssize_t, write, (int fd, const void* bytes, size_t size), (fd, bytes, size), -1)
FAILING("write", ssize_t, pwrite, (int fd, const void* bytes, size_t size, off_t at), (fd, bytes, size, at), -1)
FAILING("write", ssize_t, pwrite64, (int fd, const void* bytes, size_t size, off64_t at), (fd, bytes, size, at), -1)
FAILING("write", ssize_t, writev, (int fd, const iovec* parts, int count), (fd, parts, count), -1)
FAILING("write", ssize_t, pwritev, (int fd, const iovec* parts, int count, off_t at), (fd, parts, count, at), -1)
FAILING("sync", int, fsync, (int fd), (fd), -1)
FAILING("sync", int, fdatasync, (int fd), (fd), -1)
FAILING("sync", int, msync, (void* at, size_t size, int flags), (at, size, flags), -1)
FAILING("rename", int, rename, (const char* from, const char* to) noexcept, (from, to), -1)

int mdb_txn_begin(MDB_env* environment, MDB_txn* parent, unsigned flags, MDB_txn** transaction) {
  static auto* const next = next_of<decltype(mdb_txn_begin)>("mdb_txn_begin");
  const int code = next(environment, parent, flags, transaction);
  if (code == 0 && is_due("cut")) {
    const char* folder = nullptr;
    next_of<decltype(mdb_env_get_path)>("mdb_env_get_path")(environment, &folder);  // not linked: most programs have no LMDB
    char file[4096];
    std::snprintf(file, sizeof file, "%s/data.mdb", folder);
    if (::truncate(file, 0) != 0) std::abort();
  }
  return code;
}

}  // extern "C"
