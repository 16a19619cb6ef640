#include "tests/e2e/scratch_project.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace hindsight::e2e {
namespace fs = std::filesystem;
namespace {

const fs::path kSources = HINDSIGHT_SOURCES;
const fs::path kPrefix = HINDSIGHT_PREFIX;
const fs::path kScratch = HINDSIGHT_SCRATCH;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The folder with hindsight.pc, which depends on the system's layout.
fs::path pkgconfig_folder() {
  for (const auto& entry : fs::recursive_directory_iterator(kPrefix)) {
    if (entry.path().filename() == "hindsight.pc") return entry.path().parent_path();
  }
  return {};
}

// What every command of ours sees, besides what this process does.
void set_environment(const fs::path& root) {
  const char* path = std::getenv("PATH");
  ::setenv("PATH", ((kPrefix / "bin").string() + ":" + (path == nullptr ? "/usr/bin:/bin" : path)).c_str(), 1);
  ::setenv("CMAKE_PREFIX_PATH", kPrefix.c_str(), 1);
  ::setenv("PKG_CONFIG_PATH", pkgconfig_folder().c_str(), 1);
  ::setenv("GIT_CEILING_DIRECTORIES", root.parent_path().c_str(), 1);
  ::setenv("OMP_NUM_THREADS", "1", 1);
  ::setenv("OPENBLAS_NUM_THREADS", "1", 1);
}

fs::path fresh_folder(const std::string& name) {
  const fs::path root = kScratch / name;
  fs::remove_all(root);
  fs::create_directories(root);
  return fs::canonical(root);
}

std::string key_of(const nlohmann::json& record) {
  std::string key = record.at("name").get<std::string>() + " at ";
  for (const nlohmann::json& level : record.at("position")) {
    key += level.at("loop").get<std::string>() + "@" + level.at("entry").dump() + "=" + level.at("ordinal").dump() + "/";
  }
  return key + " #" + record.at("seq").dump() + " thread " + record.at("thread").dump();
}

}  // namespace

std::string Call::story() const {
  std::string text = "command:";
  for (const std::string& word : command) text += " '" + word + "'";
  return text + "\nended with " + std::to_string(code) + "\nstdout:\n" + out + "\nstderr:\n" + err;
}

std::vector<nlohmann::json> Call::of_type(std::string_view type) const {
  std::vector<nlohmann::json> found;
  for (const nlohmann::json& object : objects) {
    if (object.value("type", "") == type) found.push_back(object);
  }
  return found;
}

nlohmann::json Call::summary() const {
  const std::vector<nlohmann::json> found = of_type("summary");
  return found.empty() ? nlohmann::json() : found.back();
}

void PrintTo(const Call& call, std::ostream* out) { *out << call.story(); }

ScratchProject ScratchProject::of_sample(const std::string& name, const std::string& folder) {
  const fs::path root = fresh_folder(folder);
  for (const char* part : {"CMakeLists.txt", "hindsight.toml", "src"}) {
    fs::copy(kSources / "samples" / name / part, root / part, fs::copy_options::recursive);
  }
  return {root, name};
}

ScratchProject ScratchProject::of_program(const std::string& name, const std::string& folder) {
  ScratchProject project(fresh_folder(folder), "");
  fs::copy_file(kSources / "tests" / "programs" / (name + ".cc"), project.root_ / "train.cc");
  project.write("hindsight.toml",
                "[build]\n"
                "command = \"g++ -std=c++20 -O2 $(pkg-config --cflags hindsight) -c train.cc -o train.o"
                " && g++ train.o -o train $(pkg-config --libs hindsight)\"\n"
                "outputs = [\"train\"]\n"
                "exclude = [\"train.o\"]\n"
                "[run]\ncommand = [\"./train\"]\n");
  return project;
}

ScratchProject ScratchProject::of_unmodified(const std::string& name, const std::string& folder, const std::string& flags) {
  ScratchProject project(fresh_folder(folder), "");
  const fs::path of_one = kSources / "tests" / "programs" / "unmodified" / (name + ".cc");
  std::string units;
  if (fs::exists(of_one)) {
    fs::copy_file(of_one, project.root_ / "train.cc");
    units = " train.cc";
  } else {
    for (const auto& entry : fs::directory_iterator(kSources / "tests" / "programs" / "unmodified" / name)) {
      fs::copy_file(entry.path(), project.root_ / entry.path().filename());
      if (entry.path().extension() == ".cc") units += " " + entry.path().filename().string();
    }
  }
  project.write("hindsight.toml", "[build]\ncommand = \"g++ " + flags + units + " -o train\"\noutputs = [\"train\"]\n[run]\ncommand = [\"./train\"]\n");
  return project;
}

ScratchProject ScratchProject::of_files(const std::string& folder, const std::map<std::string, std::string>& files, const std::string& command) {
  ScratchProject project(fresh_folder(folder), "");
  for (const auto& [file, text] : files) project.write(file, text);
  project.write("hindsight.toml", "[build]\ncommand = \"" + command + "\"\noutputs = [\"train\"]\n[run]\ncommand = [\"./train\"]\n");
  return project;
}

pid_t ScratchProject::start(const Words& command, const std::string& log) const {
  const std::string out = (root_.parent_path() / (root_.filename().string() + "." + log + ".out")).string();
  const std::string err = (root_.parent_path() / (root_.filename().string() + "." + log + ".err")).string();
  const pid_t child = ::fork();
  if (child != 0) return child;
  set_environment(root_);
  if (::chdir(root_.c_str()) != 0) ::_exit(126);
  ::dup2(::open("/dev/null", O_RDONLY), 0);
  ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666), 1);
  ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666), 2);
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  ::_exit(127);
}

Call ScratchProject::wait_for(pid_t process, const std::string& log) const {
  Call call;
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  call.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  call.out = read_file(root_.parent_path() / (root_.filename().string() + "." + log + ".out"));
  call.err = read_file(root_.parent_path() / (root_.filename().string() + "." + log + ".err"));
  std::istringstream lines(call.out);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() != '{') continue;
    nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
    if (!object.is_discarded()) call.objects.push_back(std::move(object));
  }
  return call;
}

Call ScratchProject::run(const Words& command) const {
  Call call = wait_for(start(command, "log"), "log");
  call.command = command;
  return call;
}

Call ScratchProject::hindsight(const std::string& verb, Words words) const {
  Words command = {"hindsight", verb, "--json"};
  command.insert(command.end(), words.begin(), words.end());
  return run(command);
}

Answer ScratchProject::values(const std::string& name, const std::string& run, const std::string& where) const {
  Words words = {name, "--run", run};
  if (!where.empty()) words.insert(words.end(), {"--where", where});
  Answer answer;
  for (const nlohmann::json& record : hindsight("table", words).of_type("record")) {
    const auto added = answer.bits.emplace(key_of(record), record.at("dtype").get<std::string>() + " " + record.at("value").dump());
    EXPECT_TRUE(added.second) << "twice: " << record.dump();
    ++answer.statuses[record.at("status").get<std::string>()];
    answer.records.push_back(record);
  }
  return answer;
}

void ScratchProject::apply_patch(const std::string& version) const {
  const Call call = run({"git", "apply", (kSources / "samples" / sample_ / "versions" / (version + ".patch")).string()});
  ASSERT_EQ(call.code, 0) << call.story();
}

std::string ScratchProject::read(const std::string& file) const { return read_file(root_ / file); }

void ScratchProject::write(const std::string& file, const std::string& text) const {
  std::ofstream out(root_ / file, std::ios::binary | std::ios::trunc);
  out << text;
  ASSERT_TRUE(out.good()) << file;
}

void ScratchProject::replace(const std::string& file, const std::string& old_text, const std::string& new_text) const {
  std::string text = read(file);
  const std::size_t at = text.find(old_text);
  ASSERT_NE(at, std::string::npos) << file << " does not have: " << old_text;
  ASSERT_EQ(text.find(old_text, at + 1), std::string::npos) << file << " has more than once: " << old_text;
  write(file, text.replace(at, old_text.size(), new_text));
}

void ScratchProject::insert_line(const std::string& file, const std::string& text, const std::string& line, bool above) const {
  std::istringstream lines(read(file));
  std::string edited;
  int hits = 0;
  for (std::string old_line; std::getline(lines, old_line);) {
    const bool hit = old_line.find(text) != std::string::npos;
    hits += hit ? 1 : 0;
    if (hit && above) edited += line + "\n";
    edited += old_line + "\n";
    if (hit && !above) edited += line + "\n";
  }
  ASSERT_EQ(hits, 1) << file << " has in " << hits << " lines: " << text;
  write(file, edited);
}

}  // namespace hindsight::e2e
