// hindsight-enter: makes a private view of some folders and runs a program in it (sandbox.h says what the view is).
//
//   hindsight-enter view [--overlay AT UPPER WORK N LOWER...]... [--bind FROM TO | --ro-bind FROM TO]... --chdir CWD
//                   -- PROGRAM ARGV0 [ARG...]
//   hindsight-enter exec PROGRAM ARGV0 [ARG...]      (inside the view: sets argv[0], which bubblewrap 0.8 cannot)
//
// A program of its own since it must be single-threaded to enter a user namespace. Exit status 125: the view could not
// be made, said on stderr in one line.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

namespace {

[[noreturn]] void fail(const std::string& what, int number) {
  std::fprintf(stderr, "hindsight-enter: %s: %s\n", what.c_str(), std::strerror(number));
  std::exit(125);
}
[[noreturn]] void fail_usage(const char* what) {
  std::fprintf(stderr, "hindsight-enter: %s\n", what);
  std::exit(125);
}

struct Overlay {
  std::string at, upper, work;
  std::vector<std::string> lower;
};
struct Bind {
  std::string from, to;
  bool writable = false;
};
struct Request {
  std::vector<Overlay> overlays;
  std::vector<Bind> binds;
  std::string cwd;
  std::vector<std::string> command;  // PROGRAM ARGV0 ARG...
};

class Arguments {
 public:
  explicit Arguments(std::vector<std::string> all) : all_(std::move(all)) {}
  bool empty() const { return at_ == all_.size(); }
  std::string next() {
    if (empty()) fail_usage("too few arguments");
    return all_[at_++];
  }

 private:
  std::vector<std::string> all_;
  std::size_t at_ = 0;
};

Request parse(Arguments arguments) {
  Request request;
  while (true) {
    const std::string word = arguments.next();
    if (word == "--") break;
    if (word == "--overlay") {
      Overlay overlay;
      overlay.at = arguments.next();
      overlay.upper = arguments.next();
      overlay.work = arguments.next();
      for (int n = std::atoi(arguments.next().c_str()); n > 0; --n) overlay.lower.push_back(arguments.next());
      request.overlays.push_back(overlay);
    } else if (word == "--bind" || word == "--ro-bind") {
      const std::string from = arguments.next();
      request.binds.push_back({from, arguments.next(), word == "--bind"});
    } else if (word == "--chdir") {
      request.cwd = arguments.next();
    } else {
      fail_usage("unknown argument");
    }
  }
  while (!arguments.empty()) request.command.push_back(arguments.next());
  if (request.command.size() < 2) fail_usage("no program");
  return request;
}

void write_text(const char* file, const std::string& text) {
  const int descriptor = open(file, O_WRONLY | O_CLOEXEC);
  if (descriptor < 0 || write(descriptor, text.data(), text.size()) != static_cast<ssize_t>(text.size())) fail(file, errno);
  close(descriptor);
}

// A path that survives being mounted over: the folder held open. Option strings stay short, too, and free of ',' and ':'.
std::string hold(const std::string& path) {
  const int descriptor = open(path.c_str(), O_PATH | O_CLOEXEC);
  if (descriptor < 0) fail("open " + path, errno);
  return "/proc/self/fd/" + std::to_string(descriptor);
}

bool is_folder(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

void mount_overlay(const Overlay& overlay, bool unprivileged) {
  const std::string& at = overlay.at;
  // An overlay inside another: its place may have to be made, in the outer one's upper.
  std::error_code error;
  if (!is_folder(at)) std::filesystem::create_directories(at, error);
  std::string options = "lowerdir=";
  for (const std::string& lower : overlay.lower) options += (&lower == &overlay.lower.front() ? "" : ":") + lower;
  options += ",upperdir=" + overlay.upper + ",workdir=" + overlay.work;
  if (unprivileged) options += ",userxattr";
  if (mount("overlay", at.c_str(), "overlay", 0, options.c_str()) != 0) fail("mount an overlay at " + at, errno);
}

bool lies_in(const std::string& path, const std::string& folder) {
  return path == folder || path.compare(0, folder.size() + 1, folder + "/") == 0;
}

// A folder that can be covered for our own use: bubblewrap covers it again afterwards, or nothing of the view needs it.
std::string staging_folder(const Request& request) {
  for (const char* candidate : {"/run", "/mnt", "/media", "/srv"}) {
    bool used = lies_in(request.cwd, candidate);
    for (const Overlay& overlay : request.overlays) used = used || lies_in(overlay.at, candidate);
    if (is_folder(candidate) && !used) return candidate;
  }
  fail_usage("no folder to prepare the view in");
}

// bubblewrap leaves without waiting for the processes of the view, so their CPU time would be lost and their mounts could
// outlive it. They are left to us instead.
int run_and_reap(std::vector<std::string>& call) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  // Only now: entering a user namespace would have cleared it. The thread that started us waits for us.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const pid_t child = fork();
  if (child < 0) fail("start bwrap", errno);
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::vector<char*> argv;
    for (std::string& text : call) argv.push_back(text.data());
    argv.push_back(nullptr);
    execvp(argv[0], argv.data());
    fail("run bwrap (package bubblewrap)", errno);
  }
  int exit_code = 125;
  while (true) {
    int status = 0;
    const pid_t ended = waitpid(-1, &status, 0);
    if (ended < 0 && errno == EINTR) continue;
    if (ended < 0) return exit_code;
    if (ended == child) exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
}

int enter(const Request& request) {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  const bool unprivileged = user != 0;
  if (unshare(CLONE_NEWNS | (unprivileged ? CLONE_NEWUSER : 0)) != 0) fail("make a private mount namespace", errno);
  if (unprivileged) {
    write_text("/proc/self/setgroups", "deny");
    write_text("/proc/self/uid_map", "0 " + std::to_string(user) + " 1");
    write_text("/proc/self/gid_map", "0 " + std::to_string(group) + " 1");
  }
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) fail("make mounts private", errno);

  // Everything is opened before anything is covered.
  std::vector<Overlay> overlays = request.overlays;
  for (Overlay& overlay : overlays) {
    overlay.upper = hold(overlay.upper);
    overlay.work = hold(overlay.work);
    for (std::string& lower : overlay.lower) lower = hold(lower);
  }
  std::vector<std::string> sources;
  for (const Bind& bind : request.binds) sources.push_back(hold(bind.from));

  const std::string staging = staging_folder(request);
  if (mount("tmpfs", staging.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0) fail("cover " + staging, errno);
  std::vector<std::string> call = {"bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp",
                                   "--tmpfs", "/run"};
  for (const char* device : {"/dev/dri", "/dev/kfd", "/dev/nvidia0", "/dev/nvidia1", "/dev/nvidia2", "/dev/nvidia3",
                             "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools"}) {
    call.insert(call.end(), {"--dev-bind-try", device, device});
  }
  std::vector<std::string> binds;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const std::string stage = staging + "/" + std::to_string(i);
    if (is_folder(sources[i])) {
      if (mkdir(stage.c_str(), 0755) != 0) fail("make " + stage, errno);
    } else {
      const int file = open(stage.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
      if (file < 0) fail("make " + stage, errno);
      close(file);
    }
    if (mount(sources[i].c_str(), stage.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0) fail("bind " + request.binds[i].from, errno);
    binds.insert(binds.end(), {request.binds[i].writable ? "--bind" : "--ro-bind", stage, request.binds[i].to});
  }
  for (const Overlay& overlay : overlays) mount_overlay(overlay, unprivileged);

  // A bind may lie at or above an overlay (an installation in /tmp with the project in it) or inside one.
  std::vector<std::string> inner;
  for (std::size_t i = 0; i < binds.size(); i += 3) {
    bool inside = false;
    for (const Overlay& overlay : overlays) inside = inside || lies_in(binds[i + 2], overlay.at);
    std::vector<std::string>& where = inside ? inner : call;
    where.insert(where.end(), binds.begin() + static_cast<std::ptrdiff_t>(i), binds.begin() + static_cast<std::ptrdiff_t>(i) + 3);
  }
  for (const Overlay& overlay : overlays) call.insert(call.end(), {"--bind", overlay.at, overlay.at});
  call.insert(call.end(), inner.begin(), inner.end());
  call.insert(call.end(), {"--chdir", request.cwd, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"});
  if (unprivileged) {
    call.insert(call.end(), {"--unshare-user", "--uid", std::to_string(user), "--gid", std::to_string(group)});
  }
  std::error_code error;
  call.insert(call.end(), {"--", std::filesystem::read_symlink("/proc/self/exe", error).string(), "exec"});
  call.insert(call.end(), request.command.begin(), request.command.end());

  // Sockets that name a service of the user's session are not reachable, so nothing should try.
  for (const char* name : {"SSH_AUTH_SOCK", "DOCKER_HOST", "DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"}) unsetenv(name);
  return run_and_reap(call);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "exec" && argc > 3) {
    execv(argv[2], argv + 3);
    std::fprintf(stderr, "hindsight-enter: run %s: %s\n", argv[2], std::strerror(errno));
    return 127;
  }
  if (mode != "view") fail_usage("use: hindsight-enter view ... -- PROGRAM ARGV0 ARG...");
  return enter(parse(Arguments(std::vector<std::string>(argv + 2, argv + argc))));
}
