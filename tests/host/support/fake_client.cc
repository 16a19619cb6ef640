#include "tests/host/support/fake_client.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

namespace hindsight::host::testing {
namespace {

constexpr std::size_t kJournalBytes = 8 << 20;

void require(bool condition) {
  if (!condition) ::_exit(120);
}

}  // namespace

FakeClient::FakeClient() {
  const char* number = std::getenv(wire::kHostVariable);
  require(number != nullptr);
  const int front_door = std::atoi(number);
  int pair[2];
  require(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
  session_ = pair[0];

  wire::Hello hello;
  hello.pid = ::getpid();
  iovec part{&hello, sizeof hello};
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = CMSG_SPACE(sizeof(int));
  cmsghdr* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(rights), &pair[1], sizeof(int));
  require(::sendmsg(front_door, &message, MSG_NOSIGNAL) == sizeof hello);
  ::close(pair[1]);

  std::string text(wire::kMaxSettings, '\0');
  iovec parts[2] = {{&welcome_, sizeof welcome_}, {text.data(), text.size()}};
  message = {};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t got = ::recvmsg(session_, &message, MSG_CMSG_CLOEXEC);
  require(got >= static_cast<ssize_t>(sizeof welcome_));
  rights = CMSG_FIRSTHDR(&message);
  require(rights != nullptr && rights->cmsg_len == CMSG_LEN(2 * sizeof(int)));
  int descriptors[2];
  std::memcpy(descriptors, CMSG_DATA(rights), sizeof descriptors);
  journal_fd_ = descriptors[0];
  pool_fd_ = descriptors[1];
  settings_ = text.substr(0, welcome_.settings_bytes);

  require(::posix_fallocate(journal_fd_, 0, kJournalBytes) == 0);
  void* map = ::mmap(nullptr, kJournalBytes, PROT_READ | PROT_WRITE, MAP_SHARED, journal_fd_, 0);
  require(map != MAP_FAILED);
  map_ = static_cast<char*>(map);
  void* pool = ::mmap(nullptr, wire::kPoolHeaderBytes, PROT_READ | PROT_WRITE, MAP_SHARED, pool_fd_, 0);
  require(pool != MAP_FAILED);
  pool_ = static_cast<wire::PoolHeader*>(pool);
  journal = JournalBuilder(reinterpret_cast<wire::JournalHeader*>(map_)->salt);
  journal.written = [this](std::string_view record, std::uint64_t offset) { append(record, offset); };
}

void FakeClient::append(std::string_view record, std::uint64_t offset) {
  require(offset + record.size() <= kJournalBytes);
  // The checksum last, as a client that dies in the middle leaves it.
  std::memcpy(map_ + offset + 4, record.data() + 4, record.size() - 4);
  std::memcpy(map_ + offset, record.data(), 4);
  std::atomic_ref(reinterpret_cast<wire::JournalHeader*>(map_)->end)
      .store(offset + record.size(), std::memory_order_release);
}

std::uint32_t FakeClient::fill_slot(std::string_view state) {
  const std::uint32_t number = pool_->slot_count;
  require(number < wire::kMaxSlots);
  wire::Slot& slot = pool_->slots[number];
  slot.offset = (pool_->size + 4095) / 4096 * 4096;
  slot.capacity = (state.size() + 4095) / 4096 * 4096 + 4096;
  slot.state = static_cast<std::uint32_t>(wire::SlotState::kWriting);
  require(::posix_fallocate(pool_fd_, static_cast<off_t>(slot.offset), static_cast<off_t>(slot.capacity)) == 0);
  pool_->size = slot.offset + slot.capacity;
  require(::pwrite(pool_fd_, state.data(), state.size(), static_cast<off_t>(slot.offset)) ==
          static_cast<ssize_t>(state.size()));
  std::atomic_ref(slot.state).store(static_cast<std::uint32_t>(wire::SlotState::kFull), std::memory_order_release);
  pool_->slot_count = number + 1;
  return number;
}

std::string FakeClient::read_slot(std::uint32_t number, std::uint64_t bytes) {
  const wire::Slot& slot = pool_->slots[number];
  require(slot.state == static_cast<std::uint32_t>(wire::SlotState::kAnswer) && bytes <= slot.capacity);
  std::string text(bytes, '\0');
  require(::pread(pool_fd_, text.data(), bytes, static_cast<off_t>(slot.offset)) == static_cast<ssize_t>(bytes));
  std::atomic_ref(pool_->slots[number].state)
      .store(static_cast<std::uint32_t>(wire::SlotState::kFree), std::memory_order_release);
  return text;
}

bool FakeClient::slot_is_free(std::uint32_t number) {
  return std::atomic_ref(pool_->slots[number].state).load(std::memory_order_acquire) ==
         static_cast<std::uint32_t>(wire::SlotState::kFree);
}

void FakeClient::ring() {
  const wire::Ring ring;
  ::send(session_, &ring, sizeof ring, MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool FakeClient::ask(wire::Directive& directive) {
  wire::Ask ask;
  ask.journal_offset = journal.offset();
  require(::send(session_, &ask, sizeof ask, MSG_NOSIGNAL) == sizeof ask);
  return ::recv(session_, &directive, sizeof directive, 0) == sizeof directive;
}

void FakeClient::close_session() { ::close(session_); }

void FakeClient::close_descriptors() {
  ::close(session_);
  ::close(journal_fd_);
  ::close(pool_fd_);
}

}  // namespace hindsight::host::testing
