// A program that does what its arguments say, one after another: "values:3" "die:9". For tests of the host.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/host/support/fake_client.h"

namespace {

using namespace hindsight;
using namespace hindsight::host::testing;

std::string self;  // argv[0]: also the file, in these tests

void run(FakeClient* client, const std::vector<std::string>& commands);

struct Program {
  FakeClient& client;
  std::uint32_t loss = client.journal.site(wire::SiteKind::kLog, "loss");
  std::uint32_t epoch = client.journal.site(wire::SiteKind::kLoop, "epoch");
  std::string state = leaf("w", wire::DType::kF32, "0123456789abcdef") + leaf("i", wire::DType::kI64, "12345678");

  void values(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i)
      client.journal.value(client.journal.position(0, epoch, i), loss, static_cast<double>(i));
    client.ring();
  }
  // A value, then a byte on `fd` once it is in the journal, for ever.
  [[noreturn]] void acknowledged_values(int fd) {
    for (std::uint64_t i = 0;; ++i) {
      client.journal.value(0, loss, static_cast<double>(i));
      if (i % 100 == 0) client.ring();
      if (::write(fd, "x", 1) != 1) ::_exit(121);
    }
  }
  void capture(const std::string& how) {
    const auto point = JournalBuilder::point(0, epoch, 0);
    const std::string bytes = how == "torn" ? state.substr(0, 20) + std::string(4096, '\xff') : state;
    std::uint32_t slot = client.fill_slot(bytes);
    std::uint64_t size = bytes.size();
    if (how == "no-slot") slot = 40;
    if (how == "huge-slot") slot = 0xffffffff;
    if (how == "not-full") client.slot(slot).state = static_cast<std::uint32_t>(wire::SlotState::kWriting);
    if (how == "outside") client.slot(slot).offset = std::uint64_t{1} << 40;
    if (how == "wrapped") client.slot(slot).offset = ~std::uint64_t{4095};
    if (how == "crooked") client.slot(slot).offset += 8;
    if (how == "header") client.slot(slot).offset = 0;
    if (how == "wide") client.slot(slot).capacity = ~std::uint64_t{0};
    if (how == "long") size = 1 << 30;
    if (how == "count") client.set_slot_count(0xffffffff);
    if (how == "shrunk") {
      if (::ftruncate(client.pool_descriptor(), 4096) == 0) ::_exit(122);  // it must not be possible
    }
    client.journal.capture(point, wire::Purpose::kCheckpoint, slot, size);
    client.ring();
  }
  void wait_until_free(std::uint32_t slot) {
    while (!client.slot_is_free(slot)) ::sched_yield();
  }
  // Asks at the head of `ordinal`; logs what it was told and the state it was given.
  void ask(std::uint64_t ordinal) {
    const auto point = JournalBuilder::point(0, epoch, ordinal);
    const std::uint32_t slot = client.fill_slot(state);
    client.journal.capture(point, wire::Purpose::kLive, slot, state.size());
    wire::Directive directive;
    if (!client.ask(directive)) ::_exit(125);
    std::string told = "action " + std::to_string(static_cast<int>(directive.action)) + " ordinal " +
                       std::to_string(directive.ordinal) + " next " +
                       std::to_string(static_cast<std::int64_t>(directive.next_ask));
    if (directive.action == wire::Action::kRestore || directive.action == wire::Action::kSkip) {
      told += client.read_slot(directive.slot, directive.slot_bytes) == state ? " same state" : " another state";
      client.journal.jump(point, ordinal);
    }
    client.journal.note(told);
    if (directive.action == wire::Action::kStop) ::_exit(0);
  }
  [[noreturn]] void wait_for_term() {
    sigset_t term;
    ::sigemptyset(&term);
    ::sigaddset(&term, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &term, nullptr);
    client.journal.note("ready");
    client.ring();
    int signal = 0;
    ::sigwait(&term, &signal);
    ::_exit(7);
  }
};

// Without attaching: writes to the front door what is no Hello, or one of another version.
void knock_wrongly(const std::string& how) {
  const int door = std::atoi(std::getenv(wire::kHostVariable));
  if (how == "garbage") {
    if (::send(door, "garbage", 7, MSG_NOSIGNAL) != 7) ::_exit(123);
    return;
  }
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0) ::_exit(123);
  wire::Hello hello;
  hello.version = 999;
  hello.pid = ::getpid();
  iovec part{&hello, sizeof hello};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(rights), &pair[1], sizeof(int));
  if (::sendmsg(door, &message, MSG_NOSIGNAL) != sizeof hello) ::_exit(123);
}

void exec_self(const std::string& command) {
  ::execl(self.c_str(), self.c_str(), command.c_str(), static_cast<char*>(nullptr));
  ::_exit(124);
}

void run(FakeClient* client, const std::vector<std::string>& commands) {
  std::optional<Program> program;
  if (client != nullptr) program.emplace(Program{*client});
  for (const std::string& command : commands) {
    const std::size_t colon = command.find(':');
    const std::string verb = command.substr(0, colon);
    const std::string what = colon == std::string::npos ? "" : command.substr(colon + 1);
    const int number = std::atoi(what.c_str());
    if (verb == "values") program->values(static_cast<std::uint64_t>(number));
    if (verb == "acks") program->acknowledged_values(number);
    if (verb == "log-at") client->journal.value(0, client->journal.site(wire::SiteKind::kLog, "x", what), 1);
    if (verb == "settings") client->journal.note(client->settings());
    if (verb == "mode")
      client->journal.note("mode " + std::to_string(static_cast<int>(client->welcome().mode)) + " limit " +
                           std::to_string(client->welcome().pool_limit));
    if (verb == "print") std::puts(what.c_str());
    if (verb == "cwd") client->journal.note(std::filesystem::current_path().string());
    if (verb == "variable")
      client->journal.note(std::getenv(what.c_str()) == nullptr ? "unset" : std::getenv(what.c_str()));
    if (verb == "capture") program->capture(what);
    if (verb == "wait-free") program->wait_until_free(static_cast<std::uint32_t>(number));
    if (verb == "ask") program->ask(static_cast<std::uint64_t>(number));
    if (verb == "wait-term") program->wait_for_term();
    if (verb == "close-descriptors") client->close_descriptors();
    if (verb == "wait-byte") {
      char byte;
      if (::read(number, &byte, 1) < 0) ::_exit(126);
    }
    if (verb == "end") client->journal.end();
    if (verb == "knock") knock_wrongly(what);
    if (verb == "exec") exec_self(what);
    if (verb == "child") {
      const pid_t pid = ::fork();
      if (pid == 0) exec_self(what);
      int status = 0;
      ::waitpid(pid, &status, 0);
    }
    if (verb == "orphan") {  // a child that attaches to nothing and lives until `number` is closed
      if (::fork() == 0) {
        char byte;
        ::_exit(::read(number, &byte, 1) == 0 ? 0 : 1);
      }
    }
    if (verb == "exit") ::_exit(number);
    if (verb == "die") {
      // Without a handler that a sanitizer may have put there; an ignored signal stays ignored.
      struct sigaction now {};
      ::sigaction(number, nullptr, &now);
      if (number != SIGKILL && now.sa_handler != SIG_IGN) ::signal(number, SIG_DFL);
      ::kill(::getpid(), number);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  self = argv[0];
  const std::vector<std::string> commands(argv + 1, argv + argc);
  if (!commands.empty() && commands.front() == "unattached") {
    run(nullptr, commands);
    return 0;
  }
  FakeClient client;
  run(&client, commands);
  return 0;
}
