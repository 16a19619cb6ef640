// Raw pointers, what they own and what they share go out and come back; what cannot be known is refused by name.
#include <gtest/gtest.h>
#include <hindsight/hindsight.h>
#include <hindsight/inserted.h>
#include <hindsight/pointer.h>
#include <hindsight/std/iterator.h>
#include <hindsight/std/reference.h>
#include <hindsight/std/span.h>
#include <dlfcn.h>
#include <malloc.h>

#include <chrono>
#include <csetjmp>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#pragma GCC diagnostic ignored "-Wuse-after-free"  // what is said of freed blocks is what is tested

#include "runtime/client/engine.h"
#include "runtime/client/live.h"
#include "tests/runtime/archive_io.h"

namespace hindsight::test {
namespace {
struct Layer;
struct Dense;
struct Relu;
}  // namespace
}  // namespace hindsight::test
template <>
struct hindsight::Kinds<hindsight::test::Layer> {
  using types = TypeList<hindsight::test::Dense, hindsight::test::Relu>;
};

namespace hindsight::test {
namespace {

// Blocks are noted while a host listens; here none does, but the table is to work.
struct Listening {
  std::uint8_t guard = 1;
  Listening() {
    client::engine.guard = &guard;
    hindsight_active = 1;
    client::this_thread().probes = 1;  // there is no journal for what the test framework draws
  }
  ~Listening() { hindsight_active = 0; }
};
const Listening listening;

std::string failure(void (*visit)(hindsight_archive*, void*), void* object) {
  hindsight_archive archive;
  client::begin(archive, HINDSIGHT_SAVE);
  hindsight_ar_push(&archive, "x", 1);
  visit(&archive, object);
  if (!archive.failed) hindsight_ar_pop(&archive);
  client::resolve_pointers(archive);
  client::finish(archive);
  return archive.failed ? archive.reason : "";
}
template <class T>
std::string failure(T& value) {
  return failure(&detail::visit_object<T>, &value);
}
template <class T>
std::string load(T& value, const std::string& stored) {
  const std::string checked = read(value, stored, HINDSIGHT_CHECK);
  return checked.empty() ? read(value, stored, HINDSIGHT_LOAD) : "check: " + checked;
}
template <class T>
T* known_block(T* pointer, std::uint64_t bytes, std::uint32_t kind) {
  hindsight_block block = {};
  EXPECT_EQ(hindsight_heap_block(pointer, &block), 1);
  EXPECT_EQ(block.base, static_cast<const void*>(pointer));
  EXPECT_EQ(block.bytes, bytes);
  EXPECT_EQ(block.kind, kind);
  return pointer;
}

TEST(Heap, KnowsTheRequestedExtentOfEveryKindOfBlock) {
  void* aligned = nullptr;
  ASSERT_EQ(posix_memalign(&aligned, 256, 1000), 0);
  std::free(known_block(aligned, 1000, HINDSIGHT_MALLOC));
  std::free(known_block(std::malloc(13), 13, HINDSIGHT_MALLOC));
  std::free(known_block(std::calloc(3, 7), 21, HINDSIGHT_MALLOC));
  std::free(known_block(std::realloc(std::malloc(10), 100000), 100000, HINDSIGHT_MALLOC));
  std::free(known_block(std::aligned_alloc(64, 128), 128, HINDSIGHT_MALLOC));
  std::free(known_block(memalign(64, 100), 100, HINDSIGHT_MALLOC));
  std::free(known_block(strdup("abc"), 4, HINDSIGHT_MALLOC));
  delete known_block(new double(1), 8, HINDSIGHT_NEW);
  delete[] known_block(new char[33], 33, HINDSIGHT_NEW_ARRAY);
  struct alignas(64) Wide {
    char bytes[64];
  };
  delete known_block(new Wide, 64, HINDSIGHT_NEW);
  delete[] known_block(new Wide[3], 192, HINDSIGHT_NEW_ARRAY);
}

TEST(Heap, FindsBlocksByInteriorAddressesAndForgetsFreedOnes) {
  for (const std::size_t size : {1u, 24u, 4000u, 65535u, 65536u, 5000000u}) {
    SCOPED_TRACE(size);
    char* const block = static_cast<char*>(std::malloc(size));
    hindsight_block found = {};
    for (std::size_t at = 0; at < size; at += size / 7 + 1) {
      ASSERT_EQ(hindsight_heap_block(block + at, &found), 1) << at;
      ASSERT_EQ(found.base, block);
    }
    ASSERT_EQ(hindsight_heap_block(block + size - 1, &found), 1);
    EXPECT_EQ(hindsight_heap_block(block + size, &found), 0);
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    std::free(block);
    EXPECT_EQ(hindsight_heap_block(reinterpret_cast<void*>(address), &found), 0);
  }
}

TEST(Heap, ABlockThatALibraryFreedIsNotBelieved) {
  void (*const real_free)(void*) = reinterpret_cast<void (*)(void*)>(dlsym(RTLD_NEXT, "free"));
  ASSERT_NE(real_free, nullptr);
  void* const large = std::malloc(50000000);
  hindsight_block found = {};
  ASSERT_EQ(hindsight_heap_block(large, &found), 1);
  const auto address = reinterpret_cast<std::uintptr_t>(large);
  real_free(large);  // unmaps it
  EXPECT_EQ(hindsight_heap_block(reinterpret_cast<void*>(address), &found), 0);
}

TEST(Heap, ManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      std::vector<std::pair<char*, std::size_t>> mine;
      unsigned random = static_cast<unsigned>(t) + 1;
      for (int i = 0; i < 40000; ++i) {
        random = random * 1664525u + 1013904223u;
        if (mine.size() > 300 || (random >> 30 == 0 && !mine.empty())) {
          std::swap(mine[random / 7 % mine.size()], mine.back());
          std::free(mine.back().first);
          mine.pop_back();
        } else {
          const std::size_t size = random % 3000 + 1;
          mine.emplace_back(static_cast<char*>(std::malloc(size)), size);
        }
      }
      for (const auto& [pointer, size] : mine) {
        hindsight_block found = {};
        ASSERT_EQ(hindsight_heap_block(pointer + size / 2, &found), 1);
        ASSERT_EQ(found.base, pointer);
        ASSERT_EQ(found.bytes, size);
        std::free(pointer);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Heap, CostsLittle) {
  const auto time = [](bool on) {
    hindsight_active = on ? 1 : 0;
    std::vector<void*> blocks(1000);
    const auto begun = std::chrono::steady_clock::now();
    for (int round = 0; round < 1000; ++round) {
      for (void*& block : blocks) block = std::malloc(48);
      for (void* block : blocks) std::free(block);
    }
    const auto ended = std::chrono::steady_clock::now();
    hindsight_active = 1;
    return std::chrono::duration<double, std::nano>(ended - begun).count() / 1e6;
  };
  time(true);
  const double off = time(false), on = time(true);
  RecordProperty("ns_per_malloc_and_free_off", std::to_string(off));
  RecordProperty("ns_per_malloc_and_free_on", std::to_string(on));
  std::printf("malloc + free: %.1f ns without a host, %.1f ns with one\n", off, on);
  EXPECT_LT(on - off, 400) << "ten times what it should be";
}

struct Buffers {
  float* a = nullptr;
  float* b = nullptr;
  float* cursor = nullptr;
  int n = 0;
  template <class A>
  void serialize(A& ar) {
    ar(cursor, a, b, n);
  }
};

TEST(Pointers, ABufferIsOneLeafWithItsTrueExtentAndComesBackInPlace) {
  float* p = static_cast<float*>(std::malloc(5 * sizeof(float)));
  for (int i = 0; i < 5; ++i) p[i] = static_cast<float>(i);
  const std::string stored = save(p);
  float* const there = p;
  for (int i = 0; i < 5; ++i) p[i] = -1;
  ASSERT_EQ(load(p, stored), "");
  EXPECT_EQ(p, there);
  EXPECT_EQ(p[4], 4);
  EXPECT_EQ(save(p), stored);
  std::free(p);
}

TEST(Pointers, SharedAndInteriorOnesFollowTheirBlock) {
  Buffers original;
  original.a = original.b = new float[100];
  for (int i = 0; i < 100; ++i) original.a[i] = static_cast<float>(i * i);
  original.cursor = original.a + 37;
  const std::string stored = save(original);
  Buffers fresh;
  ASSERT_EQ(load(fresh, stored), "");
  ASSERT_NE(fresh.a, nullptr);
  EXPECT_NE(fresh.a, original.a);
  EXPECT_EQ(fresh.a, fresh.b);
  EXPECT_EQ(fresh.cursor, fresh.a + 37);
  EXPECT_EQ(fresh.a[99], 99 * 99);
  EXPECT_EQ(save(fresh), stored);
  known_block(fresh.a, 400, HINDSIGHT_NEW_ARRAY);
  // Of another size: another block, and all follow.
  Buffers other;
  other.a = new float[7]();
  other.b = new float[8]();
  other.cursor = other.b;
  ASSERT_EQ(load(other, stored), "");
  EXPECT_EQ(other.a, other.b);
  EXPECT_EQ(other.cursor, other.a + 37);
  EXPECT_EQ(save(other), stored);
  // Null when stored: null.
  Buffers none;
  ASSERT_EQ(load(other, save(none)), "");
  EXPECT_EQ(other.a, nullptr);
}

TEST(Pointers, TwoBuffersOfOneSizeStayTwoWhateverPointedWhere) {
  Buffers original;
  original.a = new float[4]{1, 1, 1, 1};
  original.b = new float[4]{2, 2, 2, 2};
  original.cursor = original.a + 4;  // the end
  const std::string stored = save(original);
  std::swap(original.a, original.b);
  ASSERT_EQ(load(original, stored), "");
  EXPECT_EQ(original.a[0], 1);
  EXPECT_EQ(original.b[0], 2);
  EXPECT_EQ(original.cursor, original.a + 4);
  original.b = original.a;
  ASSERT_EQ(load(original, stored), "");
  EXPECT_NE(original.b, original.a);
  EXPECT_EQ(save(original), stored);
}

struct IntoState {
  float* before = nullptr;   // visited before what they point to
  std::vector<float>* whole = nullptr;
  std::vector<float> values;
  float few[4] = {};
  float* after = nullptr;
  float* end = nullptr;
  template <class A>
  void serialize(A& ar) {
    ar(before, whole, values, few, after, end);
  }
};

TEST(Pointers, IntoVisitedVariablesBeforeAndAfterThem) {
  IntoState original;
  original.values.assign(50, 3.f);
  original.before = &original.values[20];
  original.whole = &original.values;
  original.after = &original.few[3];
  original.end = original.values.data() + 50;
  const std::string stored = save(original);
  IntoState fresh;
  ASSERT_EQ(load(fresh, stored), "");
  EXPECT_EQ(fresh.before, &fresh.values[20]);
  EXPECT_EQ(fresh.whole, &fresh.values);
  EXPECT_EQ(fresh.after, &fresh.few[3]);
  EXPECT_EQ(fresh.end, fresh.values.data() + 50);
  EXPECT_EQ(save(fresh), stored);
}

struct Rows {
  double** w = nullptr;
  template <class A>
  void serialize(A& ar) {
    ar(w);
  }
};
TEST(Pointers, RowsThatWereAllocatedOneByOne) {
  const auto make = [](std::size_t rows, std::size_t columns) {
    Rows made;
    made.w = static_cast<double**>(std::malloc(rows * sizeof(double*)));
    for (std::size_t i = 0; i < rows; ++i) {
      made.w[i] = static_cast<double*>(std::malloc(columns * sizeof(double)));
      for (std::size_t k = 0; k < columns; ++k) made.w[i][k] = static_cast<double>(i * 100 + k);
    }
    return made;
  };
  Rows original = make(20, 5), none, other = make(3, 5), same = make(20, 5);
  const std::string stored = save(original);
  double* const row = same.w[7];
  same.w[7][3] = -1;
  for (Rows* over : {&none, &other, &same}) {
    ASSERT_EQ(load(*over, stored), "");
    EXPECT_EQ(over->w[19][4], 1904);
    EXPECT_EQ(save(*over), stored);
  }
  EXPECT_EQ(same.w[7], row);
  EXPECT_EQ(same.w[7][3], 703);
}

struct Node {
  int value = 0;
  std::vector<int> more;
  Node* next = nullptr;
  Node* other = nullptr;
  template <class A>
  void serialize(A& ar) {
    ar(named("value", value), named("more", more), named("next", next), named("other", other));
  }
};
TEST(Pointers, ALongListWithCyclesIsMadeAnew) {
  Node* head = new Node;
  Node* last = head;
  for (int i = 1; i < 3000; ++i) {
    last = last->next = new Node{i, std::vector<int>(1, i), nullptr, head};
  }
  last->next = head;
  const std::string stored = save(head);
  Node* fresh = nullptr;
  ASSERT_EQ(load(fresh, stored), "");
  Node* at = fresh;
  for (int i = 0; i < 3000; ++i, at = at->next) {
    ASSERT_EQ(at->value, i);
    ASSERT_EQ(at->more.size(), i == 0 ? 0u : 1u);
    if (i > 0) {
      ASSERT_EQ(at->other, fresh);
    }
  }
  EXPECT_EQ(at, fresh);
  EXPECT_EQ(save(fresh), stored);
  ASSERT_EQ(load(head, stored), "");
  EXPECT_EQ(save(head), stored);
}

TEST(Pointers, AnArrayOfObjectsWithDestructors) {
  Node* nodes = new Node[3];
  nodes[2].more = {7, 8};
  nodes[0].next = &nodes[2];
  const std::string stored = save(nodes);
  Node* fresh = nullptr;
  ASSERT_EQ(load(fresh, stored), "");
  EXPECT_EQ(fresh[2].more, (std::vector<int>{7, 8}));
  EXPECT_EQ(fresh[0].next, &fresh[2]);
  EXPECT_EQ(save(fresh), stored);
  delete[] fresh;
  delete[] nodes;
}

int twice(int x) { return 2 * x; }
int thrice(int x) { return 3 * x; }
const double kTable[] = {1, 2, 3};
struct Constants {
  const char* name = nullptr;
  int (*function)(int) = nullptr;
  const double* table = nullptr;
  template <class A>
  void serialize(A& ar) {
    ar(name, function, table);
  }
};
TEST(Pointers, ConstantTextDataAndFunctions) {
  Constants original{"the learning rate's name", &twice, &kTable[1]};
  const std::string stored = save(original);
  Constants other{"another", &thrice, nullptr};
  ASSERT_EQ(load(other, stored), "");
  EXPECT_STREQ(other.name, "the learning rate's name");
  EXPECT_EQ(other.function, &twice);
  EXPECT_EQ(other.table, &kTable[1]);
  EXPECT_EQ(save(other), stored);
  char* copy = strdup("on the heap");
  const std::string text = save(copy);
  char* none = nullptr;
  ASSERT_EQ(load(none, text), "");
  EXPECT_STREQ(none, "on the heap");
}

struct Untyped {
  void* what = nullptr;
  float* known = nullptr;
  template <class A>
  void serialize(A& ar) {
    ar(named("what", what), named("known", known));
  }
};
TEST(Pointers, VoidIsFineWhereItsBlockIsKnownOtherwise) {
  Untyped original;
  original.known = new float[10]();
  original.what = original.known + 2;
  const std::string stored = save(original);
  Untyped fresh;
  ASSERT_EQ(load(fresh, stored), "");
  EXPECT_EQ(fresh.what, fresh.known + 2);
  original.known = nullptr;
  EXPECT_NE(failure(original).find("*x.what points to a block of the heap, but its type"), std::string::npos) << failure(original);
}

struct NoDefault {
  explicit NoDefault(int n) : number(n) {}
  int number;
  template <class A>
  void serialize(A& ar) {
    ar(number);
  }
};
int outside_of_state = 1;

TEST(Pointers, WhatCannotBeKnownIsRefusedByName) {
  int* p = new int[1000000];
  const auto address = reinterpret_cast<std::uintptr_t>(p);
  delete[] p;
  int* dangling = reinterpret_cast<int*>(address);
  EXPECT_NE(failure(dangling).find("*x points into memory that nobody knows"), std::string::npos) << failure(dangling);
  int local = 1;
  int* to_local = &local;
  EXPECT_NE(failure(to_local).find("*x points into memory that nobody knows"), std::string::npos) << failure(to_local);
  int* global = &outside_of_state;
  EXPECT_NE(failure(global).find("*x points to a global variable"), std::string::npos) << failure(global);
  std::vector<float> hidden(10);
  float* into_container = hidden.data();
  EXPECT_NE(failure(into_container).find("a container or another object manages"), std::string::npos) << failure(into_container);
  double* odd = static_cast<double*>(std::malloc(13));
  EXPECT_NE(failure(odd).find("whole number"), std::string::npos) << failure(odd);
  std::free(odd);
  // An object that hides behind a pointer to one of its numbers holds an address.
  Node* node = static_cast<Node*>(std::calloc(2, sizeof(Node)));
  node->next = node;
  int* member = &node[1].value;
  EXPECT_NE(failure(member).find("holds pointers as well"), std::string::npos) << failure(member);
  std::free(node);
}

TEST(Pointers, WhatCannotBeMadeIsFoundOutByChecking) {
  NoDefault* original = new NoDefault(4);
  const std::string stored = save(original);
  NoDefault* fresh = nullptr;
  EXPECT_NE(read(fresh, stored, HINDSIGHT_CHECK).find("cannot be made"), std::string::npos);
  NoDefault* same = new NoDefault(9);
  ASSERT_EQ(load(same, stored), "");
  EXPECT_EQ(same->number, 4);
}

TEST(Pointers, CheckingWritesNothing) {
  Buffers original, value;
  original.a = new float[3]{1, 2, 3};
  original.cursor = original.a;
  value.b = new float[3]{4, 5, 6};
  const std::string stored = save(original), before = save(value);
  EXPECT_EQ(read(value, stored, HINDSIGHT_CHECK), "");
  EXPECT_EQ(save(value), before);
}

TEST(Pointers, TakesNothingThatIsCutShort) {
  Node* head = new Node{1, {1, 2}, new Node{2, {3}, nullptr, nullptr}, nullptr};
  const std::string stored = save(head);
  for (std::size_t size = 0; size + 64 < stored.size(); size += 8) {
    Node* value = nullptr;
    EXPECT_NE(read(value, stored.substr(0, size), HINDSIGHT_LOAD), "") << size;
  }
}

struct PointerKey {
  int* p;
  bool operator<(const PointerKey& other) const { return *p < *other.p; }
  template <class A>
  void serialize(A& ar) {
    ar(p);
  }
};
TEST(Pointers, InACopyThatAnAdapterMakesAreRefused) {
  std::map<PointerKey, int> value;
  value[PointerKey{new int(3)}] = 4;
  EXPECT_NE(failure(value).find("temporary copy"), std::string::npos) << failure(value);
}

struct Layer {
  int inputs = 1;
  virtual ~Layer() = default;
  virtual int forward() const = 0;
  template <class A>
  void serialize(A& ar) {
    ar(inputs);
  }
};
struct Dense : Layer {
  std::vector<float> weights;
  Layer* next = nullptr;
  int forward() const override { return 1; }
  template <class A>
  void serialize(A& ar) {
    ar(named("weights", weights), named("next", next), named("base", static_cast<Layer&>(*this)));
  }
};
struct Relu : Layer {
  float slope = 0;
  explicit Relu(float s = 0) : slope(s) {}
  int forward() const override { return 2; }
  template <class A>
  void serialize(A& ar) {
    ar(slope);
    ar(static_cast<Layer&>(*this));
  }
};
struct Unlisted : Layer {
  int forward() const override { return 3; }
};

template <class Pointer>
void comes_back_as_what_it_is() {
  const auto make = [](bool dense) {
    Pointer made;
    if (dense) {
      auto* const layer = new Dense;
      layer->weights = {1, 2, 3};
      layer->inputs = 7;
      made = Pointer(layer);
    } else {
      made = Pointer(new Relu(0.5f));
    }
    return made;
  };
  for (const bool from : {true, false}) {
    for (int over = 0; over < 3; ++over) {
      SCOPED_TRACE(std::to_string(from) + " over " + std::to_string(over));
      Pointer original = make(from), value = over == 2 ? Pointer() : make(over == 1);
      const std::string stored = save(original);
      const Layer* const there = &*value;
      if (over < 2) value->inputs = 99;
      ASSERT_EQ(load(value, stored), "");
      EXPECT_EQ(value->forward(), from ? 1 : 2);
      EXPECT_EQ(value->inputs, original->inputs);
      EXPECT_EQ(save(value), stored);
      if (over < 2 && (over == 1) == from) {
        EXPECT_EQ(&*value, there) << "in place";
      }
    }
  }
  Pointer unlisted(new Unlisted);
  EXPECT_NE(failure(unlisted).find("Unlisted, which is not among"), std::string::npos) << failure(unlisted);
}
TEST(Polymorphic, RawPointersComeBackAsWhatTheyPointTo) { comes_back_as_what_it_is<Layer*>(); }
TEST(Polymorphic, UniquePointersComeBackAsWhatTheyPointTo) { comes_back_as_what_it_is<std::unique_ptr<Layer>>(); }
TEST(Polymorphic, SharedPointersComeBackAsWhatTheyPointTo) { comes_back_as_what_it_is<std::shared_ptr<Layer>>(); }

TEST(Polymorphic, AChainOfLayersInAVector) {
  std::vector<Layer*> original;
  for (int i = 0; i < 4; ++i) original.push_back(i % 2 == 0 ? static_cast<Layer*>(new Dense) : new Relu(static_cast<float>(i)));
  static_cast<Dense*>(original[0])->next = original[3];
  const std::string stored = save(original);
  std::vector<Layer*> fresh;
  ASSERT_EQ(load(fresh, stored), "");
  EXPECT_EQ(dynamic_cast<Dense&>(*fresh[0]).next, fresh[3]);
  EXPECT_EQ(dynamic_cast<Relu&>(*fresh[3]).slope, 3);
  EXPECT_EQ(save(fresh), stored);
}

TEST(UniqueArrays, ComeBackWithTheirExtent) {
  auto numbers = std::make_unique<double[]>(6);
  numbers[5] = 1.5;
  const std::string stored = save(numbers);
  std::unique_ptr<double[]> none, other(new double[2]);
  const std::string empty = save(none);
  for (auto* over : {&none, &other, &numbers}) {
    ASSERT_EQ(load(*over, stored), "");
    EXPECT_EQ((*over)[5], 1.5);
    EXPECT_EQ(save(*over), stored);
  }
  ASSERT_EQ(load(other, empty), "");
  EXPECT_EQ(other, nullptr);
  std::unique_ptr<std::string[]> texts(new std::string[3]{"a", "bc", std::string(100, 'd')}), fresh;
  const std::string text = save(texts);
  ASSERT_EQ(load(fresh, text), "");
  EXPECT_EQ(fresh[2], texts[2]);
  EXPECT_EQ(save(fresh), text);
}

// Iterators, spans and references come after and before what they refer to.
struct Cursors {
  std::vector<float>::iterator early;
  std::span<const float> view;
  std::vector<float> numbers;
  std::vector<std::string> words{"a", "b", "c"};
  std::string text;
  std::vector<std::string>::const_iterator word = words.begin();
  std::string::iterator letter = text.begin();
  std::span<std::string, 2> two{words.begin(), 2};
  std::reference_wrapper<std::string> name = words[0];
  std::vector<std::vector<float>::iterator> several;
  template <class A>
  void serialize(A& ar) {
    ar(early, view, numbers, words, text, word, letter, two, name, several);
  }
  Cursors(std::size_t n, std::string t, std::size_t room) : numbers(n, 0.5f), text(t) {
    numbers.reserve(room);
    text.reserve(room);
    early = numbers.begin();
    view = numbers;
    letter = text.begin();
  }
};
TEST(Cursors, FollowWhatTheyReferTo) {
  Cursors original(9, "letters", 0);
  original.early += 4;
  original.view = std::span(original.numbers).subspan(2, 5);
  original.word += 2;
  original.letter += 3;
  original.two = std::span<std::string, 2>(original.words.begin() + 1, 2);
  original.name = original.words[1];
  original.several = {original.numbers.begin(), original.numbers.end(), {}};
  const std::string stored = save(original);
  Cursors small(1, "", 0), roomy(20, "a text that does not fit into the object itself", 100), itself = original;
  itself.early = itself.numbers.begin();
  for (Cursors* to : {&small, &roomy, &itself, &original}) {
    ASSERT_EQ(load(*to, stored), "");
    EXPECT_EQ(to->early, to->numbers.begin() + 4);
    EXPECT_EQ(to->view.data(), to->numbers.data() + 2);
    EXPECT_EQ(to->view.size(), 5u);
    EXPECT_EQ(to->word, to->words.begin() + 2);
    EXPECT_EQ(to->letter, to->text.begin() + 3);
    EXPECT_EQ(&*to->letter, &to->text[3]);
    EXPECT_EQ(to->two.data(), &to->words[1]);
    EXPECT_EQ(&to->name.get(), &to->words[1]);
    EXPECT_EQ(to->several, (std::vector{to->numbers.begin(), to->numbers.end(), {}}));
    EXPECT_EQ(save(*to), stored);
  }
}
TEST(Cursors, IntoWhatIsNotPartOfTheStateAreRefused) {
  std::vector<int> elsewhere(1);
  auto iterator = elsewhere.begin();
  EXPECT_NE(failure(iterator), "");
  std::span<int> view = elsewhere;
  EXPECT_NE(failure(view), "");
  // An empty vector with room for one: no object that the iterator could own.
  std::pair<std::vector<int>, std::vector<int>::iterator> empty{{1}, {}};
  empty.first.clear();
  empty.second = empty.first.begin();
  EXPECT_NE(failure(empty), "");
}

// As the tool writes it: some of its members are not restored, so that none can be made.
struct Partial {
  int x = 0;
  enum { hindsight_partial = 1 };
  template <class A>
  void hindsight_members(A& ar) {
    ar(x);
  }
};
TEST(Pointers, AnObjectThatIsRestoredInPartIsNeverMade) {
  Partial *there = new Partial{5}, *none = nullptr, *other = new Partial{6};
  const std::string stored = save(there);
  ASSERT_EQ(load(other, stored), "");
  EXPECT_EQ(other->x, 5);
  EXPECT_NE(load(none, stored).find("check: "), std::string::npos);
  EXPECT_EQ(none, nullptr);
  delete there;
  delete other;
}
TEST(Pointers, AFileIsAStream) {
  std::FILE* file = std::fopen("/proc/self/exe", "r");
  const std::string at_begin = save(file);
  const int first = std::fgetc(file);
  ASSERT_EQ(load(file, at_begin), "");
  EXPECT_EQ(std::fgetc(file), first);
  std::fclose(file);
}

struct Net {
  std::vector<float> weights;
  double rate = 0.1;
  int few[4] = {};
  int* cursor = few;
  float* best = nullptr;
  template <class A>
  void serialize(A& ar) {
    ar(weights, rate, few, named("cursor", cursor), named("best", best));
  }
};
struct Trainer {
  Net* net = nullptr;
  double* rate = nullptr;
  int steps = 0;
  template <class A>
  void serialize(A& ar) {
    ar(named("net", net), named("rate", rate), steps);
  }
};
std::vector<std::string> live_names() {
  client::Variable variables[32];
  const std::uint32_t count = client::live_variables(variables, 32);
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < count && i < 32; ++i) names.emplace_back(variables[i].name);
  return names;
}
const char kNobodyKnows[] = "points into memory that nobody knows";

double global_rate = 1;
int global_counts[5] = {};
const Live<double> live_global_rate("global_rate", global_rate);
const Live<int[5]> live_global_counts("global_counts", global_counts);

TEST(Scopes, AVariableThatAPointerLeadsToIsCapturedAndRestoredInPlace) {
  Net net;
  const Live<Net> live("main::net", net);
  net.weights = {1, 2, 3};
  net.best = new float[2]{4, 5};
  net.cursor = net.few + 2;
  Trainer trainer{&net, &net.rate, 7};
  const std::string stored = save(trainer);
  net = {};
  trainer.steps = 0;
  trainer.rate = nullptr;
  ASSERT_EQ(load(trainer, stored), "");
  EXPECT_EQ(trainer.net, &net);
  EXPECT_EQ(trainer.rate, &net.rate);
  EXPECT_EQ(trainer.steps, 7);
  EXPECT_EQ(net.weights, (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(net.cursor, net.few + 2);
  ASSERT_NE(net.best, nullptr);
  EXPECT_EQ(net.best[1], 5);
  EXPECT_EQ(save(trainer), stored);
  Trainer fresh;  // wherever its pointers lead now
  ASSERT_EQ(load(fresh, stored), "");
  EXPECT_EQ(fresh.net, &net);
  EXPECT_EQ(save(fresh), stored);
  for (std::size_t size = 0; size + 64 < stored.size(); size += 8) {
    EXPECT_NE(read(fresh, stored.substr(0, size), HINDSIGHT_CHECK), "") << size;
  }
  // An interior pointer reaches it first, and one without a type.
  std::pair<double*, void*> others{&net.rate, &net};
  const std::string two = save(others);
  net.rate = 9;
  others = {};
  ASSERT_EQ(load(others, two), "");
  EXPECT_EQ(others.first, &net.rate);
  EXPECT_EQ(others.second, &net);
  EXPECT_EQ(net.rate, 0.1);
}

TEST(Scopes, WhatNoPointerLeadsToIsNotCaptured) {
  Net net;
  Trainer trainer;
  const std::string alone = save(trainer);
  const Live<Net> live("main::net", net);
  net.weights.assign(1000, 1.f);
  EXPECT_EQ(save(trainer), alone);
}

TEST(Scopes, WhatIsStateAnywayIsNoScope) {
  std::pair<Trainer, Net> both;
  const Live<Net> live("net", both.second);
  both.first.net = &both.second;
  const std::string stored = save(both);
  EXPECT_EQ(stored.find("scope"), std::string::npos);
  ASSERT_EQ(load(both, stored), "");
  // A part of it is: neither could be restored without the other.
  std::pair<double*, Net*> pointers{&both.second.rate, nullptr};
  EXPECT_EQ(failure(pointers), "");
  struct Part {
    std::vector<float>& weights;
    Net* net;
    void serialize(Archive& ar) { ar(weights, named("net", net)); }
  } in_part{both.second.weights, &both.second};
  EXPECT_EQ(failure(in_part), "*x.net points into the variable 'net', of which only a part is state otherwise");
  struct Other {
    double& rate;
    Net* net;
    void serialize(Archive& ar) { ar(rate, named("net", net)); }
  } in_other{both.second.rate, &both.second};
  EXPECT_EQ(failure(in_other), "*x.net points into the variable 'net', of which only a part is state otherwise");
}

TEST(Scopes, GlobalsAndStatics) {
  static std::vector<int> seen{1};
  static const Live<std::vector<int>> live_seen("seen", seen);
  struct Globals {
    double* rate = &global_rate;
    int* count = &global_counts[3];
    int* end = global_counts + 5;
    std::vector<int>* all = &seen;
    void serialize(Archive& ar) { ar(rate, count, end, all); }
  } globals;
  global_counts[4] = 11;
  const std::string stored = save(globals);
  std::string elsewhere;
  std::thread([&] { elsewhere = save(globals); }).join();
  EXPECT_EQ(elsewhere, stored) << "they are every thread's";
  global_rate = 2;
  global_counts[4] = 0;
  seen = {2, 3};
  globals.count = nullptr;
  ASSERT_EQ(load(globals, stored), "");
  EXPECT_EQ(global_rate, 1);
  EXPECT_EQ(globals.count, &global_counts[3]);
  EXPECT_EQ(globals.end, global_counts + 5);
  EXPECT_EQ(global_counts[4], 11);
  EXPECT_EQ(seen, std::vector<int>{1});
}

TEST(Scopes, ArraysOfNumbersAndOfObjects) {
  struct Frame {
    Net nets[3];
    double table[2][3] = {{1, 2, 3}, {4, 5, 6}};
    const double fixed[2] = {7, 8};
  } frame;
  const Live<Net[3]> live_nets("nets", frame.nets);
  const Live<double[2][3]> live_table("table", frame.table);
  const Live<const double[2]> live_fixed("fixed", frame.fixed);
  frame.nets[2].weights = {1, 2};
  std::tuple<std::vector<float>*, int*, double*, const double*> into{&frame.nets[2].weights, frame.nets[1].few + 1, &frame.table[1][2],
                                                                     frame.fixed + 1};
  const std::string stored = save(into);
  for (Net& net : frame.nets) net = {};
  frame.table[0][0] = 0;
  into = {};
  ASSERT_EQ(load(into, stored), "");
  EXPECT_EQ(std::get<0>(into), &frame.nets[2].weights);
  EXPECT_EQ(std::get<1>(into), frame.nets[1].few + 1);
  EXPECT_EQ(std::get<2>(into), &frame.table[1][2]);
  EXPECT_EQ(std::get<3>(into), frame.fixed + 1);
  EXPECT_EQ(frame.nets[2].weights, (std::vector<float>{1, 2}));
  EXPECT_EQ(frame.table[0][0], 1);
}

TEST(Scopes, TheEndOfOneOrTheBeginOfTheNext) {
  struct Frame {
    double first[2] = {1, 2};
    double second[2] = {3, 4};
    Net net;
  } frame;
  const Live<double[2]> live_first("first", frame.first), live_second("second", frame.second);
  const Live<Net> live_net("net", frame.net);
  double* either = frame.second;
  EXPECT_NE(failure(either).find("may mean the end of one variable or the begin of the next one"), std::string::npos) << failure(either);
  if (static_cast<void*>(&frame.net) == frame.second + 2) {
    Net* net = &frame.net;  // numbers do not end where a Net begins
    EXPECT_EQ(failure(net), "");
  }
  struct Both {
    double (&first)[2];
    double* pointer;
    void serialize(Archive& ar) { ar(first, named("pointer", pointer)); }
  } both{frame.first, frame.second};
  EXPECT_NE(failure(both).find("may mean the end of one"), std::string::npos) << failure(both);
}

TEST(Scopes, ABaseAndWhatDerivesFromIt) {
  Dense dense;
  const Live<Dense> live("dense", dense);
  dense.weights = {1};
  Layer* layer = &dense;
  const std::string stored = save(layer);
  dense.weights = {2, 3};
  layer = nullptr;
  ASSERT_EQ(load(layer, stored), "");
  EXPECT_EQ(layer, &dense);
  EXPECT_EQ(dense.weights, std::vector<float>{1});
}

// Each level has a net of its own, all of one name.
void recurse(int depth, std::vector<Net*>& nets, std::string& stored) {
  Net net;
  const Live<Net> live("recurse::net", net);
  net.rate = depth;
  nets.push_back(&net);
  if (depth < 3) return recurse(depth + 1, nets, stored);
  Trainer trainer{nets[1], &nets[3]->rate, 0};
  if (stored.empty()) {
    stored = save(trainer);
    return;
  }
  for (Net* each : nets) each->rate = -1;
  trainer = {};
  ASSERT_EQ(load(trainer, stored), "");
  EXPECT_EQ(trainer.net, nets[1]);
  EXPECT_EQ(trainer.rate, &nets[3]->rate);
  EXPECT_EQ(nets[1]->rate, 1);
  EXPECT_EQ(nets[3]->rate, 3);
  EXPECT_EQ(nets[2]->rate, -1);
  EXPECT_EQ(save(trainer), stored);
}
TEST(Scopes, SeveralOfOneNameAreCountedFromTheInnermost) {
  std::string stored;
  for (int again = 0; again < 2; ++again) {
    std::vector<Net*> nets;
    recurse(0, nets, stored);
  }
  Trainer trainer;
  Net net;
  const Live<Net> only("recurse::net", net);
  const std::string refused = load(trainer, stored);
  EXPECT_NE(refused.find("pointed to a variable 'recurse::net', and none of that name and type is live now"), std::string::npos) << refused;
  EXPECT_EQ(trainer.net, nullptr);
}

TEST(Scopes, AnotherTypeExtentOrNameIsRefused) {
  double* pointer = nullptr;
  std::string stored;
  {
    double rates[4] = {1, 2, 3, 4};
    const Live<double[4]> live("rates", rates);
    pointer = rates + 1;
    stored = save(pointer);
  }
  double* none = nullptr;
  EXPECT_NE(load(none, stored).find("none of that name"), std::string::npos) << "gone";
  double five[5] = {}, four[4] = {};
  float floats[4] = {};
  {
    const Live<double[5]> live("rates", five);
    EXPECT_NE(load(none, stored).find("none of that name"), std::string::npos);
  }
  {
    const Live<float[4]> live("rates", floats);
    EXPECT_NE(load(none, stored).find("none of that name"), std::string::npos);
  }
  {
    const Live<double[4]> live("others", four);
    EXPECT_NE(load(none, stored).find("none of that name"), std::string::npos);
  }
  EXPECT_EQ(none, nullptr);
  const Live<double[4]> live("rates", four);
  ASSERT_EQ(load(none, stored), "");
  EXPECT_EQ(none, four + 1);
  EXPECT_EQ(four[3], 4);
}

TEST(Scopes, WithoutANameTheTypeTells) {
  double rate = 1;
  float other = 2;
  const Live<double> live(rate);
  const Live<float> live_other(other);
  double* pointer = &rate;
  const std::string stored = save(pointer);
  rate = 5;
  pointer = nullptr;
  ASSERT_EQ(load(pointer, stored), "");
  EXPECT_EQ(pointer, &rate);
  EXPECT_EQ(rate, 1);
}

TEST(Scopes, APointerIntoAScopeThatIsGoneIsRefused) {
  Trainer trainer;
  [&]() __attribute__((noinline)) {
    Net net;
    const Live<Net> live("net", net);
    trainer.net = &net;
    EXPECT_EQ(failure(trainer), "");
  }();
  EXPECT_NE(failure(trainer).find(kNobodyKnows), std::string::npos) << failure(trainer);
}

TEST(Scopes, AScopeThatIsLeftByAnExceptionIsGone) {
  Net outer;
  const Live<Net> live("outer", outer);
  const std::vector<std::string> before = live_names();
  EXPECT_EQ(before.front(), "outer");
  Trainer trainer;
  try {
    Net inner;
    const Live<Net> live_inner("inner", inner);
    trainer.net = &inner;
    EXPECT_EQ(live_names().size(), before.size() + 1);
    throw 1;
  } catch (int) {
  }
  EXPECT_EQ(live_names(), before);
  EXPECT_NE(failure(trainer).find(kNobodyKnows), std::string::npos);
}

std::jmp_buf back;
[[gnu::noinline, gnu::no_sanitize_address]] void overwrite_the_stack(int with) {
  volatile char room[1 << 16];
  for (volatile char& byte : room) byte = static_cast<char>(with);
}
[[gnu::noinline]] void jump_from_within(Trainer& trainer) {
  Net net;
  const Live<Net> live("jump_from_within::net", net);
  trainer.net = &net;
  std::longjmp(back, 1);
}
[[gnu::noinline]] void jump_from(Trainer& trainer) {
  double rate = 1;
  const Live<double> live("jump_from::rate", rate);
  trainer.rate = &rate;
  jump_from_within(trainer);
}
[[gnu::noinline]] void jump(Trainer& trainer) {
  if (setjmp(back) == 0) jump_from(trainer);
}
[[gnu::noinline]] std::vector<std::string> names_from_below() {
  volatile char room[1 << 14];  // not written: what was left here is as it was
  EXPECT_NE(&room[0], nullptr);
  Net net;
  const Live<Net> live("names_from_below::net", net);
  return live_names();
}
TEST(Scopes, ScopesThatLongjmpLeavesAreForgotten) {
  Trainer trainer;
  double rate = 0.5;
  const Live<double> live("outer", rate);
  const std::vector<std::string> before = live_names();
  for (const int with : {0, 0xff}) {
    jump(trainer);
    hindsight_live_settle();  // as a loop's head does
    EXPECT_EQ(live_names(), before);
    EXPECT_NE(failure(trainer).find(kNobodyKnows), std::string::npos) << failure(trainer);
    // Where nobody says so, what was overwritten is not believed, and what lies around it is still known.
    jump(trainer);
    overwrite_the_stack(with);
    std::vector<std::string> names = names_from_below();
    EXPECT_EQ(names.front(), "names_from_below::net");
    names.erase(names.begin());
    EXPECT_EQ(names, before);
    EXPECT_EQ(live_names(), before);
  }
}

TEST(Scopes, AreTheThreadsOwn) {
  Net net;
  const Live<Net> live("net", net);
  Trainer trainer{&net, nullptr, 0};
  EXPECT_EQ(failure(trainer), "");
  std::thread([&] {
    EXPECT_NE(failure(trainer).find(kNobodyKnows), std::string::npos) << "it may be gone at any time";
    Net own;
    const Live<Net> live_own("own", own);
    Trainer inner{&own, nullptr, 0};
    EXPECT_EQ(failure(inner), "");
    EXPECT_EQ(live_names().front(), "own");
  }).join();
}

[[gnu::noinline]] std::size_t go_deep(int depth, int& bottom) {
  int here = depth;
  const Live<int> live("go_deep::here", here);
  if (depth == 0) {
    int* pointer = &bottom;
    const std::string stored = save(pointer);
    bottom = -1;
    EXPECT_EQ(load(pointer, stored), "");
    return client::live_variables(nullptr, 0);
  }
  return go_deep(depth - 1, bottom) + static_cast<std::size_t>(here - depth);
}
TEST(Scopes, ManyAtATime) {
  int bottom = 5;
  const Live<int> live("bottom", bottom);
  const std::size_t before = client::live_variables(nullptr, 0);
  EXPECT_EQ(go_deep(5000, bottom), before + 5001);
  EXPECT_EQ(bottom, 5);
  EXPECT_EQ(client::live_variables(nullptr, 0), before);
}

[[gnu::noinline]] int one_scope(int x) {
  int local = x;
  const Live<int> live("one_scope::local", local);
  return local + 1;
}
TEST(Scopes, CostLittle) {
  const auto time = [](bool on) {
    hindsight_active = on ? 1 : 0;
    int sum = 0;
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 2000000; ++i) sum = one_scope(sum);
    const auto ended = std::chrono::steady_clock::now();
    hindsight_active = 1;
    EXPECT_EQ(sum, 2000000);
    return std::chrono::duration<double, std::nano>(ended - begun).count() / 2e6;
  };
  double off = 1e9, on = 1e9;
  for (int round = 0; round < 5; ++round) {
    off = std::min(off, time(false));
    on = std::min(on, time(true));
  }
  RecordProperty("ns_per_scope_off", std::to_string(off));
  RecordProperty("ns_per_scope_on", std::to_string(on));
  std::printf("a scope: %.1f ns without a host, %.1f ns with one\n", off, on);
  EXPECT_LT(on - off, 100) << "ten times what it should be";
}

// Run by the test below, in processes of their own.
struct All {
  Node* list = nullptr;
  Rows rows;
  IntoState into;
  Constants constants{"text", &twice, &kTable[2]};
  Layer* layer = new Relu(2);
  Trainer trainer;
  template <class A>
  void serialize(A& ar) {
    ar(list, rows, into, constants, layer, trainer);
  }
};
std::string state_of_this_process() {
  All all;
  for (int i = 0; i < 300; ++i) all.list = new Node{i, {i}, all.list, all.list};
  all.rows.w = new double*[5];
  for (int i = 0; i < 5; ++i) all.rows.w[i] = new double[3]{1, 2, 3};
  all.into.values.assign(9, 1.f);
  all.into.before = &all.into.values[4];
  Net net;
  const Live<Net> live("net", net);
  all.trainer = {&net, &global_rate, 1};
  return save(all);
}
TEST(Pointers, TheSameStateIsTheSameBytesInEveryProcess) {
  const auto digest_of_a_process = [] {
    std::FILE* const child = popen("PRINT_STATE=1 /proc/$PPID/exe --gtest_filter=Pointers.TheSameStateIsTheSameBytesInEveryProcess", "r");
    char line[300];
    std::string digest;
    while (std::fgets(line, sizeof line, child) != nullptr) {
      if (std::strncmp(line, "state ", 6) == 0) digest = line;
    }
    pclose(child);
    return digest;
  };
  const std::string state = state_of_this_process();
  char line[100];
  std::snprintf(line, sizeof line, "state %zu %zx\n", state.size(), std::hash<std::string>()(state));
  if (getenv("PRINT_STATE") != nullptr) {
    std::printf("%s", line);
    return;
  }
  EXPECT_EQ(digest_of_a_process(), line);
  EXPECT_EQ(digest_of_a_process(), line);
}

}  // namespace
}  // namespace hindsight::test
