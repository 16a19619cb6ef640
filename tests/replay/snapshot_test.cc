#include "replay/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "folder_fixture.h"
#include "store/store.h"

namespace hindsight::replay {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

// Contents by hash, as a store would keep them.
class Blobs {
 public:
  PutBlob put() {
    return [this](std::string_view bytes) -> Result<store::Hash> {
      const store::Hash hash = store::hash_bytes(bytes);
      kept_[hash] = std::string(bytes);
      return hash;
    };
  }
  ReadBlob read() {
    return [this](store::Hash hash) -> Result<std::string> {
      const auto at = kept_.find(hash);
      if (at == kept_.end()) return Error(ErrorKind::kNotFound, "no blob");
      return at->second;
    };
  }
  bool holds(const std::string& content) const { return kept_.contains(store::hash_bytes(content)); }

 private:
  std::map<store::Hash, std::string> kept_;
};

std::vector<std::string> paths(const store::Tree& tree) {
  std::vector<std::string> all;
  for (const store::FileEntry& entry : tree) all.push_back(entry.path);
  return all;
}

struct Taken {
  Blobs blobs;
  Snapshot snapshot;
};
Taken take(const Folder& folder, const Recipe& recipe = {}) {
  Taken taken;
  HashCache cache(folder / ".hindsight/hashes");
  Result<Snapshot> snapshot = take_snapshot(folder.path(), recipe, cache, taken.blobs.put());
  if (!snapshot) {
    ADD_FAILURE() << snapshot.error().message();
  } else {
    taken.snapshot = std::move(*snapshot);
  }
  return taken;
}

TEST(Snapshot, SourcesMakeTheVersionAndOtherFilesAreInputs) {
  const Folder folder;
  for (const char* name : {"main.cc", "src/net.h", "CMakeLists.txt", "run.sh", "hindsight.toml", "config.h.in"}) folder.write(name, name);
  for (const char* name : {"data/train.csv", "model.pt", "README.md"}) folder.write(name, name);
  for (const char* name : {".git/HEAD", ".hindsight/format", "build/x.cc", "train"}) folder.write(name, name);
  Recipe recipe;
  recipe.exclude = {"build"};
  recipe.outputs = {"train"};
  const Taken taken = take(folder, recipe);
  EXPECT_THAT(paths(taken.snapshot.sources), ElementsAre("CMakeLists.txt", "config.h.in", "hindsight.toml", "main.cc", "run.sh", "src/net.h"));
  EXPECT_THAT(paths(taken.snapshot.inputs), ElementsAre("README.md", "data/train.csv", "model.pt"));
}

TEST(Snapshot, AFileThatTheBuildNamesIsASource) {
  const Folder folder;
  folder.write("CMakeLists.txt", "add_custom_command(OUTPUT v.h COMMAND xxd -i ${CMAKE_SOURCE_DIR}/vocab.txt)\nfile(GLOB P schema/*.fbs)\n");
  folder.write("main.cc", "#include \"weights.dat\"\nint main() {}\n");
  folder.write("vocab.txt", "a");
  folder.write("schema/a.fbs", "b");
  folder.write("weights.dat", "1,2");
  folder.write("other.txt", "c");
  const Taken taken = take(folder);
  EXPECT_THAT(paths(taken.snapshot.sources), ElementsAre("CMakeLists.txt", "main.cc", "schema/a.fbs", "vocab.txt", "weights.dat"));
  EXPECT_THAT(paths(taken.snapshot.inputs), ElementsAre("other.txt"));
}

store::VersionId version_id(store::Tree sources, const char* recipe, bool as_built) {
  store::Version version;
  version.sources = std::move(sources);
  version.recipe = recipe;
  version.as_built = as_built;
  return store::version_id(version);
}

TEST(Snapshot, WhatATrainingWritesMakesNoNewVersion) {
  const Folder folder;
  folder.write("main.cc", "int main() { save(\"model.pt\"); }");
  const store::VersionId before = version_id(take(folder).snapshot.sources, "recipe", false);
  folder.write("model.pt", "weights");
  EXPECT_EQ(version_id(take(folder).snapshot.sources, "recipe", false), before);
  folder.write("main.cc", "int main() { save(\"model.pt\"); } ");
  EXPECT_NE(version_id(take(folder).snapshot.sources, "recipe", false), before);
}

TEST(Snapshot, TheVersionDependsOnContentModePathRecipeAndHowItWasBuilt) {
  store::Tree tree = {{.path = "a.cc", .mode = 0100644, .size = 1, .hash = {1, 2}, .mtime_ns = 5}};
  const store::VersionId id = version_id(tree, "recipe", false);
  EXPECT_NE(version_id(tree, "recipe2", false), id);
  EXPECT_NE(version_id(tree, "recipe", true), id);
  const auto changed = [&](auto change) {
    store::Tree other = tree;
    change(other.front());
    return version_id(other, "recipe", false);
  };
  EXPECT_NE(changed([](store::FileEntry& e) { e.path = "b.cc"; }), id);
  EXPECT_NE(changed([](store::FileEntry& e) { e.mode = 0100755; }), id);
  EXPECT_NE(changed([](store::FileEntry& e) { e.hash.low = 3; }), id);
  EXPECT_EQ(changed([](store::FileEntry& e) { e.mtime_ns = 6; }), id);
}

TEST(Snapshot, SecretsAreReportedAndNotKept) {
  const Folder folder;
  folder.write("main.cc", "");
  const std::vector<std::string> secrets = {".env", ".env.local", "id_rsa", "deploy/server.pem", "tls.key"};
  for (const std::string& name : secrets) folder.write(name, "secret of " + name);
  const Taken taken = take(folder);
  EXPECT_THAT(paths(taken.snapshot.inputs), ElementsAre());
  EXPECT_EQ(taken.snapshot.notes.size(), secrets.size());
  for (const std::string& name : secrets) {
    EXPECT_FALSE(taken.blobs.holds("secret of " + name));
    EXPECT_THAT(taken.snapshot.notes, testing::Contains(HasSubstr("'" + name + "'")));
  }
}

TEST(Snapshot, AFileAboveTheLimitIsKnownByHashOnlyAndReported) {
  const Folder folder;
  folder.write("small.bin", std::string(100, 'x'));
  folder.write("large.bin", std::string(101, 'x'));
  Recipe recipe;
  recipe.max_file = 100;
  const Taken taken = take(folder, recipe);
  ASSERT_THAT(paths(taken.snapshot.inputs), ElementsAre("large.bin", "small.bin"));
  EXPECT_FALSE(taken.snapshot.inputs[0].kept);
  EXPECT_EQ(taken.snapshot.inputs[0].hash, store::hash_bytes(std::string(101, 'x')));
  EXPECT_TRUE(taken.snapshot.inputs[1].kept);
  EXPECT_THAT(taken.snapshot.notes, ElementsAre(HasSubstr("'large.bin'")));
}

TEST(Snapshot, MaterialisedItIsTheSameAgain) {
  const Folder folder;
  folder.write("src/main.cc", std::string("a\0b", 3));
  folder.write("configure", "#!/bin/sh\n");
  fs::permissions(folder / "configure", fs::perms::owner_all);
  fs::create_symlink("src/main.cc", folder / "link.cc");
  fs::create_directories(folder / "out/empty");
  Taken taken = take(folder);
  ASSERT_THAT(paths(taken.snapshot.inputs), ElementsAre("out/empty"));
  const Folder copy;
  for (const store::Tree* tree : {&taken.snapshot.sources, &taken.snapshot.inputs}) {
    const Result<void> done = materialise(*tree, copy.path(), taken.blobs.read(), folder.path());
    ASSERT_TRUE(done) << done.error().message();
  }
  Taken again = take(copy);
  const auto times_kept = [](store::Tree tree) {
    for (store::FileEntry& entry : tree) {
      if (S_ISDIR(entry.mode)) entry.mtime_ns = 0;
    }
    return tree;
  };
  EXPECT_EQ(again.snapshot.sources, taken.snapshot.sources);
  EXPECT_EQ(times_kept(again.snapshot.inputs), times_kept(taken.snapshot.inputs));
  EXPECT_EQ(fs::read_symlink(copy / "link.cc"), "src/main.cc");
}

class Inputs : public testing::Test {
 protected:
  Inputs() {
    recipe.max_file = 4 << 20;
    project.write("small.txt", "small");
    project.write("large.bin", std::string(3 << 20, 'l'));
    project.write("huge.bin", std::string(5 << 20, 'h'));
    taken = take(project, recipe);
  }
  Result<void> lay_out() {
    HashCache cache(project / ".hindsight/hashes");
    Result<FoundFiles> now = find_files(project.path(), recipe);
    if (!now) return std::move(now).error();
    return materialise_inputs(taken.snapshot.inputs, *now, project.path(), farm / "in", taken.blobs.read(), cache);
  }
  Recipe recipe;
  Folder project;
  Folder farm;
  Taken taken;
};

TEST_F(Inputs, AreAsTheyWereAtTheRecording) {
  project.write("small.txt", "changed");
  project.write("large.bin", "changed");
  project.write("new.txt", "was not there");
  const Result<void> done = lay_out();
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(farm.read("in/small.txt"), "small");
  EXPECT_EQ(farm.read("in/large.bin"), std::string(3 << 20, 'l'));
  EXPECT_EQ(farm.read("in/huge.bin"), std::string(5 << 20, 'h'));
  EXPECT_FALSE(farm.has("in/new.txt"));
}

TEST_F(Inputs, ALostFileComesFromTheStore) {
  fs::remove(project / "small.txt");
  fs::remove(project / "large.bin");
  const Result<void> done = lay_out();
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(farm.read("in/small.txt"), "small");
  EXPECT_EQ(farm.read("in/large.bin"), std::string(3 << 20, 'l'));
}

// Often to a folder of data that lies elsewhere.
TEST_F(Inputs, ALinkThatIsExcludedIsThereAsItIs) {
  recipe.exclude = {"data", "gone"};
  fs::create_directory_symlink(farm.path(), project / "data");
  fs::create_symlink("/no/such/file", project / "gone");
  const Result<void> done = lay_out();
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(fs::read_symlink(farm / "in/data"), farm.path());
  EXPECT_EQ(fs::read_symlink(farm / "in/gone"), "/no/such/file");
}

TEST_F(Inputs, AChangedFileThatWasNotKeptIsRefusedByName) {
  std::string content(5 << 20, 'h');
  for (const std::size_t at : {std::size_t{0}, content.size() / 2, content.size() - 1}) {
    std::string changed = content;
    changed[at] = 'x';
    project.write("huge.bin", changed);
    const Result<void> done = lay_out();
    ASSERT_FALSE(done) << at;
    EXPECT_THAT(done.error().message(), HasSubstr("'huge.bin' has changed"));
    fs::remove_all(farm / "in");
  }
  fs::remove(project / "huge.bin");
  EXPECT_FALSE(lay_out());
}

TEST(HashFile, AgreesWithTheHashOfTheBytesAtEverySize) {
  const Folder folder;
  for (std::size_t size = 0; size < 5 << 20; size = size * 3 + 1) {
    std::string content(size, '\0');
    for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 131 + i / 7);
    folder.write("f", content);
    const Result<store::Hash> hash = hash_file(folder / "f");
    ASSERT_TRUE(hash);
    EXPECT_EQ(*hash, store::hash_bytes(content)) << size;
  }
}

TEST(HashCache, AFileThatChangedIsReadAgain) {
  const Folder folder;
  folder.write("f", "one");
  HashCache cache(folder / "cache");
  const auto hash = [&] {
    const Result<FoundFiles> found = find_files(folder.path(), {});
    const Result<store::Hash> known = cache.hash(folder.path(), found->files.front());
    return known ? *known : store::Hash{};
  };
  EXPECT_EQ(hash(), store::hash_bytes("one"));
  folder.write("f", "two");
  EXPECT_EQ(hash(), store::hash_bytes("two"));
}

}  // namespace
}  // namespace hindsight::replay
