// How a process attaches, what becomes of its forked children, and how it ends (wire.h).
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "runtime/client/ambient.h"
#include "runtime/client/draws.h"
#include "runtime/client/engine.h"
#include "runtime/client/journal.h"
#include "runtime/client/pool.h"

extern "C" {
__attribute__((visibility("default"))) int hindsight_active = 0;
}

// Not there in a program that is linked without draws.h's flags.
extern "C" __attribute__((weak)) void hindsight_keeps_draws();

namespace hindsight::client {

Engine engine = {};

namespace {

constexpr int64_t kPatience = 5ll * 1000000000;  // ns, for the host to answer
constexpr int kHighDescriptor = 700;             // out of the way of the program's own

// True once `fd` has something to read, or room to write; false when `deadline` has passed.
bool wait_for(int fd, short events, int64_t deadline) {
  for (;;) {
    const int64_t left = deadline - monotonic_ns();
    if (left <= 0) return false;
    pollfd entry = {fd, events, 0};
    const int ready = poll(&entry, 1, static_cast<int>(left / 1000000) + 1);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

// The same open file under a high number, so that the program's own descriptors keep theirs.
int moved_up(int fd) {
  const int high = fcntl(fd, F_DUPFD_CLOEXEC, kHighDescriptor);
  if (high < 0) return fd;
  close(fd);
  return high;
}

bool say_hello(int front_door, int theirs, int64_t deadline) {
  wire::Hello hello;
  hello.pid = static_cast<int32_t>(syscall(SYS_getpid));
  hello.keeps_draws = &hindsight_keeps_draws != nullptr ? 1 : 0;
  iovec part = {&hello, sizeof hello};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(rights), &theirs, sizeof theirs);
  for (;;) {
    if (sendmsg(front_door, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return true;
    if (errno == EINTR) continue;
    if (errno != EAGAIN || !wait_for(front_door, POLLOUT, deadline)) return false;
  }
}

alignas(wire::Welcome) char welcome_room[sizeof(wire::Welcome) + wire::kMaxSettings + 1];

// Fills welcome_room and the descriptors.
bool get_welcome(int session, int64_t deadline) {
  if (!wait_for(session, POLLIN, deadline)) return false;
  iovec part = {welcome_room, sizeof welcome_room - 1};
  alignas(cmsghdr) char control[CMSG_SPACE(3 * sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got;
  do {
    got = recvmsg(session, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  cmsghdr* const rights = CMSG_FIRSTHDR(&message);
  const auto& welcome = *reinterpret_cast<const wire::Welcome*>(welcome_room);
  if (got < static_cast<ssize_t>(sizeof(wire::Welcome)) || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || rights == nullptr ||
      rights->cmsg_type != SCM_RIGHTS || rights->cmsg_len != CMSG_LEN((welcome.draws_bytes != 0 ? 3 : 2) * sizeof(int))) {
    return false;
  }
  int descriptors[3];
  memcpy(descriptors, CMSG_DATA(rights), rights->cmsg_len - CMSG_LEN(0));
  engine.journal_fd = moved_up(descriptors[0]);
  engine.pool_fd = moved_up(descriptors[1]);
  if (welcome.draws_bytes != 0 && !draws::open(descriptors[2], welcome.draws_bytes)) return false;
  return welcome.type == wire::MessageType::kWelcome && welcome.version == wire::kVersion &&
         welcome.settings_bytes <= static_cast<size_t>(got) - sizeof(wire::Welcome);
}

// The descriptor of the front door, or -1 where there is none.
int find_front_door() {
  const char* const text = getenv(wire::kHostVariable);
  if (text == nullptr || *text == 0) return -1;
  char* rest = nullptr;
  const long number = strtol(text, &rest, 10);
  struct stat status;
  if (*rest != 0 || number < 0 || number > 1 << 30 || fstat(static_cast<int>(number), &status) != 0 || !S_ISSOCK(status.st_mode)) {
    complain("HINDSIGHT_HOST names no open connection; nothing is recorded");
    return -1;
  }
  return static_cast<int>(number);
}

void keep_settings(const wire::Welcome& welcome) {
  char* const text = welcome_room + sizeof(wire::Welcome);
  text[welcome.settings_bytes] = 0;
  for (uint32_t i = 0; i < welcome.settings_bytes; ++i) {
    if (text[i] == '\n') text[i] = 0;
  }
  engine.settings = text;
  engine.settings_bytes = welcome.settings_bytes;
  const char* const overhead = setting("overhead", "loops");
  engine.overhead = overhead == nullptr ? 0 : strtoll(overhead, nullptr, 10);
}

void in_forked_child() {
  if (engine.session > 0) close(engine.session);
  engine.session = -1;
  __atomic_store_n(&hindsight_active, 0, __ATOMIC_RELAXED);
}

bool make_guard() {
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return false;
  engine.guard = static_cast<uint8_t*>(page);
  *engine.guard = 1;
  // Kernels before 4.14 do not know it; then only fork() itself is noticed.
  madvise(page, 4096, MADV_WIPEONFORK);
  return true;
}

// What keeps this process from attaching; null: nothing, it has.
const char* attach_through(int front_door) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return "no connection to the host can be made";
  const int64_t deadline = monotonic_ns() + kPatience;
  engine.session = moved_up(ends[0]);
  const bool asked = say_hello(front_door, ends[1], deadline);
  close(ends[1]);
  if (!asked || !get_welcome(engine.session, deadline)) return "the host does not answer";
  if (!journal::open() || !pool::open() || !make_guard() || pthread_atfork(nullptr, nullptr, in_forked_child) != 0) {
    return "there is no memory for the journal";
  }
  return nullptr;
}

// Before main and before the program's static objects, so that what those log is kept.
__attribute__((constructor(101))) void attach() {
  const int saved = errno;
  const int front_door = find_front_door();
  if (front_door < 0) {
    errno = saved;
    return;
  }
  if (const char* const problem = attach_through(front_door)) {
    journal::give_up();
    const int descriptors[] = {engine.session, engine.journal_fd, engine.pool_fd};
    for (const int fd : descriptors) {
      if (fd > 0) close(fd);
    }
    complain(problem, "; nothing is recorded");
  } else {
    const auto& welcome = *reinterpret_cast<const wire::Welcome*>(welcome_room);
    engine.mode = welcome.mode;
    engine.names_shift = welcome.names_shift != 0;
    engine.guard_probes = welcome.guard_probes != 0;
    engine.pool_limit = welcome.pool_limit;
    keep_settings(welcome);
    open_ambient();
    __atomic_store_n(&hindsight_active, 1, __ATOMIC_RELAXED);
  }
  errno = saved;
}

// After exit handlers and static objects.
__attribute__((destructor(101))) void end_in_order() {
  if (!alive()) return;
  const Undisturbed undisturbed;
  {
    const journal::Lock lock;
    wire::EndRecord record = {};
    record.values = engine.values;
    record.dropped = journal::dropped();
    journal::append(wire::RecordKind::kEnd, &record, sizeof record);
    journal::close_in_order();
  }
  ring();
  __atomic_store_n(&hindsight_active, 0, __ATOMIC_RELAXED);
}

}  // namespace

bool alive() { return __atomic_load_n(&hindsight_active, __ATOMIC_RELAXED) != 0 && *static_cast<volatile uint8_t*>(engine.guard) != 0; }

void go_inert() { __atomic_store_n(&hindsight_active, 0, __ATOMIC_RELAXED); }

void complain(const char* sentence, const char* detail) {
  char text[512] = "hindsight: ";
  size_t size = strlen(text);
  const char* const parts[] = {sentence, detail == nullptr ? "" : detail, "\n"};
  for (const char* part : parts) {
    const size_t length = strnlen(part, sizeof text - size - 1);
    memcpy(text + size, part, length);
    size += length;
  }
  // Of no consequence if it fails: there is nobody else to tell.
  if (write(STDERR_FILENO, text, size) < 0) return;
}

void abandon_replay() {
  // Not exit: nothing that the program would do at its end may happen here.
  _exit(125);
}

void ring() {
  const Undisturbed undisturbed;
  const wire::Ring message{wire::MessageType::kRing, 0};
  // A full queue is a host that has been told already; a closed one is a host that is gone. Neither concerns the training.
  if (send(engine.session, &message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) return;
}

wire::Directive ask() {
  static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
  const Undisturbed undisturbed;
  pthread_mutex_lock(&one_at_a_time);
  wire::Ask message{wire::MessageType::kAsk, 0, journal::end()};
  wire::Directive directive;
  ssize_t done;
  do {
    done = send(engine.session, &message, sizeof message, MSG_NOSIGNAL);
  } while (done < 0 && errno == EINTR);
  if (done != sizeof message) abandon_replay();
  do {
    done = recv(engine.session, &directive, sizeof directive, 0);
  } while (done < 0 && errno == EINTR);
  if (done != sizeof directive || directive.type != wire::MessageType::kDirective) abandon_replay();
  pthread_mutex_unlock(&one_at_a_time);
  return directive;
}

const char* setting(const char* key, const char* name) {
  const size_t key_size = strlen(key), name_size = strlen(name);
  const char* const end = engine.settings + engine.settings_bytes;
  for (const char* line = engine.settings; line < end; line += strlen(line) + 1) {
    const size_t size = strlen(line);
    if (size > key_size + 1 + name_size && memcmp(line, key, key_size) == 0 && line[key_size] == ' ' &&
        memcmp(line + key_size + 1, name, name_size) == 0 && line[key_size + 1 + name_size] == ' ') {
      return line + key_size + name_size + 2;
    }
  }
  return nullptr;
}

}  // namespace hindsight::client
