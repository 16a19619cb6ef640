#include "tests/runtime/fake_host.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "runtime/crc32c.h"

namespace hindsight::test {
namespace {

constexpr std::uint64_t kSalt = 0x5a17;

void require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

struct Site {
  std::string name, file, probe;
  std::uint32_t line = 0;
  wire::SiteKind kind = wire::SiteKind::kLog;
};
struct Place {
  std::string text;
  std::string label;
  wire::PositionRecord fields = {};
};

// One program's journal and pool, seen from the host.
class Session {
 public:
  explicit Session(const Setup& setup) : setup_(setup) {
    const std::string folder = setup.journal_folder.empty() ? std::filesystem::temp_directory_path().string() : setup.journal_folder;
    std::string name = folder + "/hindsight-test-XXXXXX";
    journal_ = mkostemp(name.data(), O_CLOEXEC);
    require(journal_ >= 0, "make a journal");
    unlink(name.c_str());
    wire::JournalHeader header = {};
    std::memcpy(header.magic, wire::kJournalMagic, sizeof header.magic);
    header.version = wire::kVersion;
    header.mode = static_cast<std::uint32_t>(setup.mode);
    header.salt = kSalt;
    header.end = header.allocated = wire::kJournalStart;
    std::string page(wire::kJournalStart, '\0');
    std::memcpy(page.data(), &header, sizeof header);
    require(pwrite(journal_, page.data(), page.size(), 0) == static_cast<ssize_t>(page.size()), "write the journal's header");
    pool_ = memfd_create("pool", MFD_CLOEXEC);
    require(pool_ >= 0 && ftruncate(pool_, wire::kPoolHeaderBytes) == 0, "make the pool");
    void* memory = mmap(nullptr, wire::kPoolHeaderBytes, PROT_READ | PROT_WRITE, MAP_SHARED, pool_, 0);
    require(memory != MAP_FAILED, "map the pool");
    table_ = static_cast<wire::PoolHeader*>(memory);
    table_->size = wire::kPoolHeaderBytes;
  }
  ~Session() {
    munmap(table_, wire::kPoolHeaderBytes);
    close(pool_);
    close(journal_);
  }

  void send_welcome(int to) {
    wire::Welcome welcome;
    welcome.mode = setup_.mode;
    welcome.settings_bytes = static_cast<std::uint32_t>(setup_.settings.size());
    welcome.pool_limit = setup_.pool_limit;
    const int draws = make_draws(welcome.draws_bytes);
    std::string text(reinterpret_cast<const char*>(&welcome), sizeof welcome);
    text += setup_.settings;
    iovec part = {text.data(), text.size()};
    const int descriptors[3] = {journal_, pool_, draws};
    const std::size_t size = (draws < 0 ? 2 : 3) * sizeof(int);
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptors)] = {};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(size);
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(rights), descriptors, size);
    require(sendmsg(to, &message, MSG_NOSIGNAL) >= 0, "send welcome");
    if (draws >= 0) close(draws);
  }

  // -1: nothing is given back.
  int make_draws(std::uint64_t& bytes) const {
    if (setup_.draws.empty()) return -1;
    std::vector<std::uint64_t> all;
    for (std::size_t i = 0; i < wire::kDraws; ++i) all.push_back(i < setup_.draws.size() ? setup_.draws[i].size() : 0);
    for (const std::vector<std::uint64_t>& each : setup_.draws) all.insert(all.end(), each.begin(), each.end());
    if (setup_.false_count != 0) all[0] = setup_.false_count;
    bytes = all.size() * sizeof all[0];
    const int file = memfd_create("draws", MFD_CLOEXEC);
    require(write(file, all.data(), bytes) == static_cast<ssize_t>(bytes), "write what is given back");
    return file;
  }

  void drain(Report& report) {
    wire::JournalHeader header;
    require(pread(journal_, &header, sizeof header, 0) == sizeof header, "read the journal");
    report.dropped = header.dropped;
    report.closed = header.closed != 0;
    std::string bytes(header.end - at_, '\0');
    require(pread(journal_, bytes.data(), bytes.size(), static_cast<off_t>(at_)) == static_cast<ssize_t>(bytes.size()), "read records");
    std::size_t at = 0;
    while (at + 16 <= bytes.size()) {
      wire::RecordHeader head;
      std::memcpy(&head, bytes.data() + at, sizeof head);
      const std::size_t size = wire::size_of(head);
      if (size < 16 || size > bytes.size() - at || wire::record_crc(kSalt, at_ + at, bytes.data() + at, size) != head.crc) {
        ++report.torn;
        break;
      }
      take(wire::kind_of(head), bytes.substr(at, size), report);
      at += size;
    }
    at_ += at;
  }

  const std::string& live_point() const { return live_point_; }

  wire::Directive put(const Answer& answer) {
    wire::Directive directive;
    directive.action = answer.action;
    directive.ordinal = answer.ordinal;
    directive.next_ask = answer.next_ask;
    directive.slot_bytes = answer.state.size();
    if (!answer.state.empty()) {
      const std::uint64_t size = (answer.state.size() + 4095) / 4096 * 4096;
      require(fallocate(pool_, 0, static_cast<off_t>(table_->size), static_cast<off_t>(size)) == 0, "grow the pool");
      require(pwrite(pool_, answer.state.data(), answer.state.size(), static_cast<off_t>(table_->size)) ==
                  static_cast<ssize_t>(answer.state.size()),
              "fill the answer");
      directive.slot = table_->slot_count;
      table_->slots[directive.slot] = {static_cast<std::uint32_t>(wire::SlotState::kAnswer), 0, table_->size, size};
      table_->size += size;
      table_->slot_count = directive.slot + 1;
    }
    return directive;
  }

 private:
  template <class T>
  static T fields(const std::string& record) {
    T value;
    std::memcpy(&value, record.data(), sizeof value);
    return value;
  }

  std::string point(const wire::PointFields& p) {
    std::string text = p.kind == wire::PointKind::kExit ? "exit " : p.kind == wire::PointKind::kReads ? "reads " : "head ";
    if (p.enclosing != 0) text += positions_.at(p.enclosing).text + "/";
    return text + level(p.site, p.entry, p.ordinal);
  }
  std::string level(std::uint32_t site, std::uint32_t entry, std::uint64_t ordinal) {
    return sites_.at(site).name + (entry == 0 ? "" : "@" + std::to_string(entry)) + "=" + std::to_string(ordinal);
  }

  void take(wire::RecordKind kind, const std::string& record, Report& report) {
    switch (kind) {
      case wire::RecordKind::kSite: {
        const auto f = fields<wire::SiteRecord>(record);
        const char* text = record.data() + sizeof f;
        Site& site = sites_[f.site];
        site.name.assign(text, f.name_bytes);
        site.file.assign(text + f.name_bytes, f.file_bytes);
        if (f.kind == wire::SiteKind::kProbe) site.probe.assign(text + f.name_bytes + f.file_bytes, 32);
        site.line = f.line;
        site.kind = f.kind;
        return;
      }
      case wire::RecordKind::kPosition: {
        const auto f = fields<wire::PositionRecord>(record);
        std::string text = f.parent == 0 ? "" : positions_.at(f.parent).text + "/";
        text += level(f.site, f.entry, f.ordinal);
        positions_[f.position] = {text, f.has_label != 0 ? std::to_string(f.label) : "", f};
        if (f.has_state != 0) {
          report.iterations.push_back(text);
          report.events.push_back("iteration " + text);
        }
        return;
      }
      case wire::RecordKind::kNext: {
        const auto f = fields<wire::NextRecord>(record);
        const std::uint64_t number = positions_.rbegin()->first + 1;
        wire::PositionRecord next = positions_.at(number - f.back).fields;
        require(next.thread == f.thread && next.has_state == 0, "a next position is of the same thread and has no state");
        next.position = number;
        ++next.ordinal;
        ++next.label;
        const std::string text = (next.parent == 0 ? "" : positions_.at(next.parent).text + "/") + level(next.site, next.entry, next.ordinal);
        positions_[number] = {text, next.has_label != 0 ? std::to_string(next.label) : "", next};
        return;
      }
      case wire::RecordKind::kValue: {
        const auto f = fields<wire::ValueRecord>(record);
        const Site& site = sites_.at(f.site);
        Value value;
        value.name = site.name;
        value.file = site.file;
        value.line = site.line;
        value.kind = site.kind;
        value.probe = site.probe;
        if (f.position != 0) {
          value.position = positions_.at(f.position).text;
          value.label = positions_.at(f.position).label;
        }
        value.thread = f.thread;
        value.dtype = f.dtype;
        value.vector = f.vector != 0;
        if (f.vector != 0 || f.dtype >= static_cast<int>(wire::DType::kText)) {
          static constexpr std::size_t kSizes[] = {0, 1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 2, 4, 8, 8, 16, 1, 1, 1};
          value.bytes = record.substr(sizeof f, f.bits_or_count * kSizes[f.dtype]);
        } else {
          value.bytes.assign(reinterpret_cast<const char*>(&f.bits_or_count), 8);
        }
        if (value.kind == wire::SiteKind::kDraw) {
          report.draws.push_back(std::move(value));
          return;
        }
        report.events.push_back("value " + value.name + "@" + value.position);
        report.values.push_back(std::move(value));
        return;
      }
      case wire::RecordKind::kCapture: {
        const auto f = fields<wire::CaptureRecord>(record);
        const wire::Slot& slot = table_->slots[f.slot];
        require(slot.state == static_cast<std::uint32_t>(wire::SlotState::kFull), "a captured slot is full");
        Capture capture{point(f.point), f.purpose, f.digest, std::string(f.bytes, '\0')};
        require(pread(pool_, capture.state.data(), f.bytes, static_cast<off_t>(slot.offset)) == static_cast<ssize_t>(f.bytes), "read a slot");
        if (setup_.free_slots) {
          __atomic_store_n(&table_->slots[f.slot].state, static_cast<std::uint32_t>(wire::SlotState::kFree), __ATOMIC_RELEASE);
        }
        live_point_ = capture.point;
        report.events.push_back("capture " + capture.point);
        report.captures.push_back(std::move(capture));
        return;
      }
      case wire::RecordKind::kDigest: {
        const auto f = fields<wire::DigestRecord>(record);
        report.digests[point(f.point)] = f.digest;
        report.events.push_back("digest " + point(f.point));
        return;
      }
      case wire::RecordKind::kSkipped: {
        const auto f = fields<wire::SkippedRecord>(record);
        live_point_ = point(f.point);
        report.skipped[live_point_] = record.substr(sizeof f, f.reason_bytes);
        report.events.push_back("skipped " + point(f.point));
        return;
      }
      case wire::RecordKind::kLoopEnd: {
        const auto f = fields<wire::LoopEndRecord>(record);
        static constexpr const char* kHow[] = {"?", "finished ", "abandoned ", "skipped "};
        report.ends.push_back(kHow[static_cast<int>(f.how)] + point(f.point).substr(5));
        report.events.push_back("end " + report.ends.back());
        return;
      }
      case wire::RecordKind::kJump: {
        const auto f = fields<wire::JumpRecord>(record);
        report.jumps.push_back(f.failed == 0 ? point(f.point) : "failed " + point(f.point) + ": " + record.substr(sizeof f, f.reason_bytes));
        report.events.push_back("jump " + report.jumps.back());
        return;
      }
      case wire::RecordKind::kNote: {
        const auto f = fields<wire::NoteRecord>(record);
        report.notes.push_back(record.substr(sizeof f, f.text_bytes));
        return;
      }
      case wire::RecordKind::kEnd:
        report.ended = true;
        report.events.push_back("end of process");
        return;
      case wire::RecordKind::kPad:
        return;
    }
    throw std::runtime_error("a record of an unknown kind");
  }

  const Setup& setup_;
  int journal_ = -1;
  int pool_ = -1;
  wire::PoolHeader* table_ = nullptr;
  std::uint64_t at_ = wire::kJournalStart;
  std::map<std::uint32_t, Site> sites_;
  std::map<std::uint64_t, Place> positions_;
  std::string live_point_;
};

int receive_hello(int door, wire::Hello& hello) {
  iovec part = {&hello, sizeof hello};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (recvmsg(door, &message, MSG_CMSG_CLOEXEC) != static_cast<ssize_t>(sizeof hello)) return -1;
  int session = -1;
  std::memcpy(&session, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof session);
  return session;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Program {
  pid_t pid = -1;
  std::string folder;

  Program(const std::vector<std::string>& argv, int door, std::uint64_t file_size_limit) {
    std::string name = (std::filesystem::temp_directory_path() / "hindsight-test-XXXXXX").string();
    require(mkdtemp(name.data()) != nullptr, "make a folder");
    folder = name;
    pid = fork();
    require(pid >= 0, "fork");
    if (pid != 0) return;
    const int out = open((folder + "/out").c_str(), O_WRONLY | O_CREAT, 0600);
    const int err = open((folder + "/err").c_str(), O_WRONLY | O_CREAT, 0600);
    dup2(out, 1);
    dup2(err, 2);
    if (door >= 0) {
      fcntl(door, F_SETFD, 0);
      setenv(wire::kHostVariable, std::to_string(door).c_str(), 1);
    } else {
      unsetenv(wire::kHostVariable);
    }
    if (file_size_limit != 0) {
      const rlimit limit = {file_size_limit, file_size_limit};
      setrlimit(RLIMIT_FSIZE, &limit);
    }
    std::vector<char*> arguments;
    for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    execv(arguments[0], arguments.data());
    _exit(127);
  }

  void finish(Report& report) {
    int status = 0;
    waitpid(pid, &status, 0);
    report.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    report.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    report.output = read_file(folder + "/out");
    report.errors = read_file(folder + "/err");
    std::filesystem::remove_all(folder);
  }
};

}  // namespace

std::vector<Leaf> leaves_of(const std::string& state) {
  const auto round_up = [](std::size_t n) { return (n + 63) / 64 * 64; };
  std::vector<Leaf> leaves;
  for (std::size_t at = 0; at < state.size();) {
    wire::LeafHeader header;
    std::memcpy(&header, state.data() + at, sizeof header);
    Leaf leaf;
    leaf.dtype = header.dtype;
    leaf.small = header.small != 0;
    leaf.shape.resize(header.ndim);
    if (header.ndim != 0) std::memcpy(leaf.shape.data(), state.data() + at + sizeof header, header.ndim * 8u);
    leaf.path = state.substr(at + sizeof header + header.ndim * 8u, header.path_bytes);
    const std::size_t data = round_up(at + sizeof header + header.ndim * 8u + header.path_bytes);
    leaf.bytes = state.substr(data, header.data_bytes);
    at = round_up(data + header.data_bytes);
    leaves.push_back(std::move(leaf));
  }
  return leaves;
}

const Capture* Report::find(const std::string& point) const {
  for (const Capture& capture : captures) {
    if (capture.point == point) return &capture;
  }
  return nullptr;
}

std::vector<std::string> Report::texts(const std::string& name) const {
  std::vector<std::string> all;
  for (const Value& value : values) {
    if (name.empty() || value.name == name) all.push_back(value.text());
  }
  return all;
}

std::string Report::text_of(const std::string& name) const {
  std::string bytes;
  int found = 0;
  for (const Value& value : values) {
    if (value.name == name) {
      bytes = value.bytes;
      ++found;
    }
  }
  return found == 1 ? bytes : "(" + std::to_string(found) + " values)";
}

Report run(const std::vector<std::string>& argv, const Setup& setup) {
  Report report;
  Session session(setup);
  int doors[2];
  require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, doors) == 0, "make the front door");
  Program program(argv, doors[1], setup.file_size_limit);
  close(doors[1]);
  int client = -1;
  for (bool open = true; open;) {
    pollfd fds[2] = {{doors[0], POLLIN, 0}, {client, POLLIN, 0}};
    poll(fds, client < 0 ? 1 : 2, 20);
    if (client >= 0) session.drain(report);
    if (client < 0 && (fds[0].revents & POLLIN) != 0) {
      wire::Hello hello;
      client = receive_hello(doors[0], hello);
      if (client >= 0) {
        report.keeps_draws = hello.keeps_draws == 1;
        report.attached = true;
        if (setup.welcome) session.send_welcome(client);
      }
    } else if (client < 0 && (fds[0].revents & POLLHUP) != 0) {
      open = false;
    } else if (client >= 0 && fds[1].revents != 0) {
      wire::Ask message;
      const ssize_t got = recv(client, &message, sizeof message, 0);
      if (got <= 0) {
        open = false;
      } else if (message.type == wire::MessageType::kAsk) {
        if (setup.die_on_ask) break;
        session.drain(report);
        const wire::Directive directive = session.put(setup.on_ask ? setup.on_ask(session.live_point(), report) : Answer{});
        if (send(client, &directive, sizeof directive, MSG_NOSIGNAL) < 0) open = false;
      }
    }
  }
  if (client >= 0) close(client);
  close(doors[0]);
  program.finish(report);
  if (setup.welcome) session.drain(report);
  return report;
}

Report run_alone(const std::vector<std::string>& argv) {
  Report report;
  Program program(argv, -1, 0);
  program.finish(report);
  return report;
}

}  // namespace hindsight::test
