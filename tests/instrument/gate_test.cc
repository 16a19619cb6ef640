// The gate: which outside variables may a loop's body modify that its state does not cover? A wrong "none" would let
// replay enter a loop with a part of its state missing, so every row that names a variable guards against a wrong number.
#include <gtest/gtest.h>

#include "gate_rows.h"

namespace hindsight::instrument {
namespace {

class Gate : public testing::TestWithParam<Row> {};

TEST_P(Gate, NamesWhatTheStateLeavesOut) { EXPECT_EQ(missing_in(GetParam().text), GetParam().missing) << GetParam().text; }

const Row kPlain[] = {
    {"ALoopThatOnlyUsesItsOwnVariablesMissesNothing", MAIN("", "", "int a = e; a += 2; ++a;"), {}},
    {"TheForgottenAccumulatorIsNamed", MAIN("double net = 0, opt = 0, epoch_loss = 0;", ", net, opt", "net += 1; opt += net; epoch_loss += net;"), {"epoch_loss"}},
    {"AnAssignmentIsAModification", MAIN("int a = 0;", "", "a = e;"), {"a"}},
    {"AnIncrementIsAModification", MAIN("int a = 0;", "", "a++;"), {"a"}},
    {"ADecrementIsAModification", MAIN("int a = 0;", "", "--a;"), {"a"}},
    {"ReadingIsNoModification", MAIN("int a = 0;", "", "int b = a; (void)b;"), {}},
    {"AMemberAssignmentModifiesTheWhole", "struct S { int x, y; }; " MAIN("S s{};", "", "s.x = e;"), {"s"}},
    {"CoveringTheWholeCoversItsMembers", "struct S { int x, y; }; " MAIN("S s{};", ", s", "s.x = e;"), {}},
    {"CoveringAMemberCoversOnlyThatMember", "struct S { int x, y; }; " MAIN("S s{};", ", s.x", "s.x = e; s.y = e;"), {"s"}},
    {"CoveringTheModifiedMemberIsEnough", "struct S { int x, y; }; " MAIN("S s{};", ", s.x", "s.x = e;"), {}},
    {"ArrayElementsCount", MAIN("int a[3] = {};", "", "a[1] = e;"), {"a"}},
    {"AnArrayInTheStateIsCovered", MAIN("int a[3] = {};", ", a", "a[1] = e;"), {}},
    {"APointerLeadsToWhatItPointsTo", MAIN("int a = 0; int* p = &a;", ", p", "*p = e;"), {"a"}},
    {"APointersTargetInTheStateIsCovered", MAIN("int a = 0; int* p = &a;", ", a", "*p = e;"), {}},
    {"EveryPossibleTargetIsNeeded", MAIN("int a = 0, b = 0; int* p = &a; if (a) p = &b;", ", a", "*p = e;"), {"b"}},
    {"ADereferencedPointerInTheStateCoversTheTarget", "struct S { int n; }; S* make(); " MAIN("S* p = make(); int* q = new int(1); int a = 0; int* r = &a;", ", *p, *q, *r", "p->n = e; *q = e; *r = e;"), {}},
    {"TheFirstOfManyCoversOnlyItself", MAIN("double* p = new double[9](); int* q = new int(1);", ", *p, *q", "p[3] += 1; q[0] = e;"), {"p", "q"}},
    {"WhatMayBeTheFirstOfManyIsNotTrusted", "int* make(); " MAIN("int* p = make();", ", *p", "*p = e;"), {"p"}},
    {"APointerThatMovesIsMissingItself", MAIN("int a[9] = {}; int* p = a;", ", a", "*p++ = e;"), {"p"}},
    {"AReferenceLocalLeadsToItsObject", MAIN("int a = 0; int& r = a;", "", "r = e;"), {"a"}},
    {"AReferenceInTheBodyLeadsOutside", "#include <vector>\n" MAIN("std::vector<std::vector<int>> w;", "", "auto& row = w[0]; row[1] = e;"), {"w"}},
    {"AConditionalReferenceLeadsToBoth", MAIN("int a = 0, b = 0;", ", a", "int& r = e ? a : b; r = 1;"), {"b"}},
    {"ANonConstReferenceArgumentIsModified", "void f(int&); " MAIN("int a = 0;", "", "f(a);"), {"a"}},
    {"AConstReferenceArgumentIsNot", "void f(const int&); " MAIN("int a = 0;", "", "f(a);"), {}},
    {"AValueArgumentIsNot", "void f(int); " MAIN("int a = 0;", "", "f(a);"), {}},
    {"APointerArgumentIsModified", "void f(int*); " MAIN("int a = 0;", "", "f(&a);"), {"a"}},
    {"AConstPointerArgumentIsNot", "void f(const int*); " MAIN("int a = 0;", "", "f(&a);"), {}},
    {"AVisibleBodyIsLookedInto", "void f(int& x, int& y) { x = y; } " MAIN("int a = 0, b = 0;", "", "f(a, b);"), {"a"}},
    {"AManipulatorIsNoUnknownCall", "#include <iostream>\nint g; " MAIN("", "", "std::cout << e + g << std::endl;"), {}},
    {"ALibrarysFunctionHandedOverIsKnown", "#include <algorithm>\n#include <cctype>\n#include <string>\nint g; " MAIN("std::string s;", "", "std::transform(s.begin(), s.end(), s.begin(), ::tolower); g + 0;"), {"s"}},
    {"VisibleBodiesAreFollowed", "void g(int& x) { x = 1; } void f(int& x) { g(x); } " MAIN("int a = 0;", "", "f(a);"), {"a"}},
    {"AReferenceParameterThatKeepsWhatItIsGivenIsStillItself", "#include <map>\n#include <vector>\nusing V = std::vector<double>; struct O { std::map<const V*, V> m; int n = 0; void up(V& w) { V& k = m[&w]; k[0] = 3; w[1] = 1; ++n; } };\n"
                                                               "struct N { V w; void run(O* o) { o->up(w); } }; void fit(O& o, N& n) { for (auto e : hindsight::loop(\"l\", 9, n.w)) { (void)e; n.run(&o); } }", {"o"}},
    {"RecursionIsFollowed", "void g(int& x, int n); void f(int& x, int n) { if (n) g(x, n - 1); } void g(int& x, int n) { x = n; if (n) f(x, n - 1); } " MAIN("int a = 0;", "", "f(a, 3);"), {"a"}},
    {"ANonConstMethodModifies", "struct M { void add(double); double mean() const; }; " MAIN("M m;", "", "m.add(1);"), {"m"}},
    {"AConstMethodDoesNot", "struct M { void add(double); double mean() const; }; " MAIN("M m;", "", "m.mean();"), {}},
    {"AConstMethodThatWritesAMutableMemberDoes", "struct M { mutable int n = 0; int get() const { return ++n; } }; " MAIN("M m;", "", "m.get();"), {"m"}},
    {"ACallOperatorModifies", "#include <random>\n" MAIN("std::mt19937 g; std::normal_distribution<float> d;", "", "d(g);"), {"d", "g"}},
    {"AShuffleModifiesTheRangeAndTheGenerator", "#include <random>\n#include <algorithm>\n#include <vector>\n" MAIN("std::mt19937 g; std::vector<int> v;", "", "std::shuffle(v.begin(), v.end(), g);"), {"g", "v"}},
    {"PushBackModifies", "#include <vector>\n" MAIN("std::vector<int> v;", "", "v.push_back(e);"), {"v"}},
    {"ReadingAContainerDoesNot", "#include <vector>\n#include <numeric>\n" MAIN("std::vector<int> v(3);", "", "int a = v[0] + v.at(1) + v.back() + std::accumulate(v.begin(), v.end(), 0); (void)a; for (int x : v) (void)x;"), {}},
    {"CopyingOutOfAContainerDoesNot", "#include <vector>\n" MAIN("std::vector<int> v(3);", "", "std::vector<int> w(v.begin(), v.end()); w[0] = e;"), {}},
    {"MapSubscriptInserts", "#include <map>\n#include <string>\n" MAIN("std::map<int, int> m;", "", "int a = m[e]; (void)a;"), {"m"}},
    {"AnIteratorLeadsToItsContainer", "#include <vector>\n" MAIN("std::vector<int> v(3);", "", "for (auto i = v.begin(); i != v.end(); ++i) *i = e;"), {"v"}},
    {"ARangeForByReferenceLeadsToItsContainer", "#include <vector>\n" MAIN("std::vector<int> v(3);", "", "for (auto& x : v) x = e;"), {"v"}},
    {"ARangeForByValueDoesNot", "#include <vector>\n" MAIN("std::vector<int> v(3);", "", "for (auto x : v) x = e;"), {}},
    {"AStructuredBindingLeadsToItsObject", "#include <utility>\n" MAIN("std::pair<int, int> p;", "", "auto& [a, b] = p; b = e; (void)a;"), {"p"}},
    {"AStructuredBindingOfAStructToo", "struct S { int x, y; }; " MAIN("S s{};", "", "auto& [a, b] = s; a = e; (void)b;"), {"s"}},
    {"StdSwapModifiesBoth", "#include <utility>\n" MAIN("int a = 0, b = 1;", ", a", "std::swap(a, b);"), {"b"}},
    {"MovingFromIsAModification", "#include <string>\n#include <utility>\n" MAIN("std::string s;", "", "std::string t = std::move(s); (void)t;"), {"s"}},
    {"CopyingAlgorithmsWriteOnlyTheirOutput", "#include <algorithm>\n#include <vector>\n" MAIN("std::vector<int> a(3), b(3);", "", "std::copy(a.begin(), a.end(), b.begin());"), {"b"}},
    {"MemcpyWritesItsFirstArgument", "#include <cstring>\n" MAIN("int a[3] = {}, b[3] = {};", "", "std::memcpy(a, b, sizeof a);"), {"a"}},
    {"PrintingIsNoModification", "#include <cstdio>\n#include <iostream>\n" MAIN("int a = 0;", "", "std::printf(\"%d\", a); std::fprintf(stderr, \"x\"); std::cout << a << std::endl; std::cerr << a;"), {}},
    {"AnInputFileStreamIsState", "#include <fstream>\n" MAIN("std::ifstream in; int a;", ", a", "in >> a;"), {"in"}},
    {"AnOutputFileStreamIsOnlyOutput", "#include <fstream>\n#include <iomanip>\n" MAIN("std::ofstream out;", "", "out << e << \" \" << std::fixed << 1.5 << std::endl; out.write(\"x\", 1); out.flush();"), {}},
    {"AnOutputFileStreamWhosePlaceIsAskedForIsState", "#include <fstream>\n" MAIN("std::ofstream out; long n;", ", n", "out << e; n = out.tellp();"), {"out"}},
    {"ReadingAStreamIsAModification", "#include <cstdio>\n" MAIN("FILE* f = std::fopen(\"x\", \"r\"); char b[9];", ", b", "std::fread(b, 1, 9, f);"), {"f"}},
    {"LoggingIsNoModification", MAIN("int a = 0;", "", "hindsight::log(\"a\", a); HINDSIGHT_LOG(\"b\", a + 1);"), {}},
    {"NamedArgumentsCover", MAIN("int a = 0;", ", hindsight::named(\"a\", a)", "a = e;"), {}},
    {"AReferenceWrapperCovers", "#include <functional>\n" MAIN("int a = 0;", ", std::ref(a)", "a = e;"), {}},
    {"AConstObjectIsOut", MAIN("const int a = 3; constexpr int b = 4;", "", "int c = a + b; (void)c;"), {}},
    {"AVolatileObjectIsState", MAIN("volatile int stop = 0;", "", "stop = 1;"), {"stop"}},
    {"AMutexIsOut", "#include <mutex>\n" MAIN("std::mutex m;", "", "std::lock_guard<std::mutex> lock(m);"), {}},
    {"WhetherItIsHeldIsNot", "#include <mutex>\n" MAIN("std::mutex m;", "", "m.try_lock();"), {"whether a lock is held"}},
    {"AMutableMemberOfAConstObjectIsState", "struct S { mutable int n = 0; void f() const { ++n; } }; " MAIN("const S s;", "", "s.f();"), {"s"}},
    {"AVectorElementOfGnuCounts", "typedef double v4 __attribute__((vector_size(32))); " MAIN("v4 z = {0, 0, 0, 0};", "", "z[1] += 1;"), {"z"}},
    {"AnAtomicBuiltinModifies", MAIN("long a = 0, b = 0;", ", b", "__atomic_fetch_add(&a, 1, __ATOMIC_SEQ_CST); __sync_fetch_and_add(&b, 1);"), {"a"}},
    {"CastingConstAwayIsNotTrusted", "void f(const double* x) { *(double*)x += 1; } " MAIN("double a = 0;", "", "f(&a);"), {"what a cast takes const from"}},
    {"AssemblerThatClobbersMemoryIsNotTrusted", MAIN("", "", "asm volatile(\"incq x\" ::: \"memory\");"), {"memory"}},
    {"ABarrierIsNothing", MAIN("", "", "asm volatile(\"\" ::: \"memory\");"), {}},
    {"ErrnoIsOut", "#include <cerrno>\n#include <cstdlib>\n" MAIN("", "", "errno = 0; std::strtod(\"1\", nullptr);"), {}},
    {"PercentNStoresThroughItsArgument", "#include <cstdio>\n" MAIN("int n = 0, m = 0;", "", "std::printf(\"%d%n\", e, &n); std::printf(\"%p\", (void*)&m);"), {"n"}},
    {"AStreamInMemoryIsNoFile", "#include <cstdio>\n" MAIN("char* b = nullptr; unsigned long n = 0; FILE* f = open_memstream(&b, &n);", "", "fprintf(f, \"%d\", e);"), {"(streams)"}},
    {"StrtokHasStateOfItsOwn", "#include <cstring>\n" MAIN("", "", "std::strtok(nullptr, \" \");"), {"(hidden state of the C library)"}},
    {"TheGlobalLocaleIsASetting", "#include <locale>\n" MAIN("", "", "std::locale::global(std::locale(\"C\")); std::locale now;"), {"(settings of the process)"}},
    {"CommaAndConditionalTargetsCount", MAIN("int a = 0, b = 0;", "", "(e ? a : b) = 1;"), {"a", "b"}},
    {"AnUnnamedUnionMemberCounts", "struct S { union { int i; float f; }; }; " MAIN("S s{};", "", "s.f = 1;"), {"s"}},
    {"NewAndDeleteCount", MAIN("int* p = new int(3);", "", "delete p; p = new int(e);"), {"p"}},
    {"AUniquePtrInTheStateCoversItsTarget", "#include <memory>\n" MAIN("auto p = std::make_unique<int>(3);", ", p", "*p = e;"), {}},
    {"AUniquePtrThatIsNotIsMissing", "#include <memory>\n" MAIN("auto p = std::make_unique<int>(3);", "", "*p = e;"), {"p"}},
    {"ASharedPtrCopyLeadsToTheOriginal", "#include <memory>\n" MAIN("auto p = std::make_shared<int>(3); auto q = p;", "", "*q = e;"), {"p"}},
    {"AMacroIsLookedThrough", "#define BUMP(x) ((x)++)\n" MAIN("int a = 0;", "", "BUMP(a);"), {"a"}},
    {"AssemblerOutputsCount", MAIN("int a = 0;", "", "asm(\"\" : \"=r\"(a));"), {"a"}},
    {"AnAtomicIsState", "#include <atomic>\n" MAIN("std::atomic<int> a{0};", "", "a.fetch_add(1); a++;"), {"a"}},
};
INSTANTIATE_TEST_SUITE_P(Plain, Gate, testing::ValuesIn(kPlain), [](const auto& row) { return row.param.claim; });

const char* const kOmp = "-fopenmp";
struct Compiled {
  const char* claim;
  const char* text;
  Names missing;
};
std::ostream& operator<<(std::ostream& out, const Compiled& row) { return out << row.claim; }
class OpenMpGate : public testing::TestWithParam<Compiled> {};
TEST_P(OpenMpGate, LooksIntoRegions) { EXPECT_EQ(missing_in(GetParam().text, {kOmp}), GetParam().missing) << GetParam().text; }
const Compiled kRegions[] = {
    {"AReduction", MAIN("double sum = 0;", "", "\n#pragma omp parallel for reduction(+:sum)\nfor (int i = 0; i < 9; ++i) sum += i;\n"), {"sum"}},
    {"AnAssignment", MAIN("double a[9];", "", "\n#pragma omp parallel for\nfor (int i = 0; i < 9; ++i) a[i] = e;\n"), {"a"}},
    {"ACall", "int g; void f() { ++g; } " MAIN("", "", "\n#pragma omp parallel\n{ f(); }\n"), {"g"}},
    {"AMember", "struct S { double sum = 0; void f() {\n#pragma omp parallel for reduction(+:sum)\nfor (int i = 0; i < 9; ++i) sum += i; } }; " MAIN("S s;", "", "s.f();"), {"s"}},
    {"WhatThreadsHaveCopiesOf", MAIN("double t = 0, u = 1, w[9];", ", w", "\n#pragma omp parallel for private(t) firstprivate(u)\nfor (int i = 0; i < 9; ++i) { t = i; u += t; w[i] = u; }\n"), {}},
    {"ACriticalSection", MAIN("double sum = 0;", "", "\n#pragma omp parallel\n{\n#pragma omp critical\nsum += 1;\n}\n"), {"sum"}},
};
INSTANTIATE_TEST_SUITE_P(Regions, OpenMpGate, testing::ValuesIn(kRegions), [](const auto& row) { return row.param.claim; });

// What every path from a loop's head writes before it reads it is no state. Numbers are kept all the same.
#define LOOP(before, body, after) "void use(int); int main() { int a[9] = {}; " before " int e = 0; hindsight::Loop l(\"l\", a, e); for (; l.more() && e < 9; ++e) { " body " } l.finish(); " after " }"

const Row kDead[] = {
    {"APointerThatEachIterationSetsIsDead", LOOP("int* p = a;", "p = &a[e]; *p = e;", ""), {}},
    {"ANumberCountsAsRead", LOOP("int n = 0;", "n = e; a[n] = 1;", ""), {"n"}},
    {"APointerThatIsReadFirstIsNot", LOOP("int* p = a;", "*p = e; p = &a[e];", ""), {"p"}},
    {"NorOneThatIsSetOnOnePathOnly", LOOP("int* p = a;", "if (e) p = &a[e]; *p = e;", ""), {"p"}},
    {"BothBranchesAreEnough", LOOP("int* p = a;", "if (e) p = &a[e]; else p = a; *p = e;", ""), {}},
    {"AnInnerLoopMayNotRun", LOOP("int* p = a;", "for (int i = 0; i < e; ++i) p = &a[i]; *p = e;", ""), {"p"}},
    {"WhatAnInnerLoopSetsAndUsesIsDead", LOOP("int* p;", "for (int i = 0; i < e; ++i) { p = &a[i]; *p = e; }", ""), {}},
    {"AContinueBeforeItSkipsTheReadingToo", LOOP("int* p = a;", "if (e == 3) continue; p = &a[e]; *p = e;", ""), {}},
    {"AContinueBehindTheReadingOfTheLastOne", LOOP("int* p = a;", "if (e == 3) { *p = 1; continue; } p = &a[e];", ""), {"p"}},
    {"WhatIsReadBehindTheLoopIsNeededThere", LOOP("int* p = a;", "p = &a[e]; *p = e;", "use(*p);"), {"p"}},
    {"WhatIsSetAnewBehindTheLoopIsNot", LOOP("int* p = a;", "p = &a[e]; *p = e;", "p = a; use(*p);"), {}},
    {"TheConditionReadsIt", "int main() { int a[9] = {}; int* p = a; hindsight::Loop l(\"l\", a); while (l.more() && *p < 9) { p = &a[1]; ++*p; } l.finish(); }", {"p"}},
    {"TheIncrementReadsIt", "int main() { int a[9] = {}; int* p = a; int e = 0; hindsight::Loop l(\"l\", a, e); for (; l.more() && e < 9; e += *p) { p = &a[1]; *p = 1; } l.finish(); }", {}},
    {"TheIncrementReadsWhatOnePathDoesNotSet", "int main() { int a[9] = {}; int* p = a; int e = 0; hindsight::Loop l(\"l\", a, e); for (; l.more() && e < 9; e += *p) { if (e == 3) continue; p = &a[1]; *p = 1; } l.finish(); }", {"p"}},
    {"AnEndlessLoopIsLeftByBreak", "void use(int); int main() { int a[9] = {}; int* p = a; int e = 0; hindsight::Loop l(\"l\", a, e); for (; l.more(); ++e) { p = &a[e]; *p = e; if (e > 5) break; } l.finish(); use(*p); }", {"p"}},
    {"ADoLoopReadsInItsBody", "int main() { int a[9] = {}; int* p = a; hindsight::Loop l(\"l\", a); if (l.more()) do { p = &a[1]; ++*p; } while ((*p < 9) && l.more()); l.finish(); }", {}},
    {"ARangeForDoes", MAIN("int a[9] = {}; int* p = a;", ", a", "p = &a[e]; *p = e;"), {}},
    {"AVectorThatIsClearedFirst", "#include <vector>\n" MAIN("std::vector<int> v;", "", "v.clear(); v.push_back(e);"), {}},
    {"AVectorThatIsClearedNowAndThen", "#include <vector>\n" MAIN("std::vector<int> v;", "", "if (e % 3 == 0) v.clear(); v.push_back(e);"), {"v"}},
    {"AVectorThatIsClearedLast", "#include <vector>\n" MAIN("std::vector<int> v;", "", "v.push_back(e); v.clear();"), {"v"}},
    {"AStringThatIsAssigned", "#include <string>\n" MAIN("std::string s;", "", "s = std::to_string(e); s += s;"), {}},
    {"AnAssignmentThatReadsIt", "#include <string>\n" MAIN("std::string s;", "", "s = s + 'x';"), {"s"}},
    {"AListsIteratorThatIsSetFirst", "#include <list>\n" MAIN("std::list<int> l; std::list<int>::iterator i;", ", l", "for (i = l.begin(); i != l.end(); ++i) *i = e;"), {}},
    {"AStructOfNumbers", "struct S { int x, y; }; S make(int); void use(int); " MAIN("S s{};", "", "s = make(e); s.x += 1; use(s.x);"), {}},
    {"AStructThatIsSetMemberByMember", "struct S { int x, y; }; void use(int); " MAIN("S s{};", "", "s.x = e; s.y = e; use(s.x);"), {"s"}},
    {"AnAssignmentOfTheUsersMayLookAtTheOldValue", "struct S { int x, n; S& operator=(const S& o) { x = o.x; ++n; return *this; } }; S make(int); " MAIN("S s{};", "", "s = make(e);"), {"s"}},
    {"ADestructorOfTheUsersRunsForTheOldValue", "#include <vector>\nint g; struct S { int x; ~S() { g += x; } }; " MAIN("std::vector<S> s;", ", g", "s.clear(); s.push_back({e});"), {"s"}},
    {"AnArrayThatIsZeroedFirst", "#include <cstring>\n" MAIN("int v[9];", "", "std::memset(v, 0, sizeof v); v[e] += 1;"), {}},
    {"AnArrayOfWhichHalfIsZeroed", "#include <cstring>\n" MAIN("int v[8] = {};", "", "std::memset(v, 0, sizeof v / 2); v[e] += 1;"), {"v"}},
    {"AnArrayThatIsZeroedByItsPointer", "#include <cstring>\n" MAIN("int* v = new int[8]();", "", "std::memset(v, 0, sizeof v); v[e] += 1;"), {"v"}},
    {"AReferenceOutsideReadsIt", LOOP("int* p = a; int*& r = p;", "use(*r); p = &a[e];", ""), {"p"}},
    {"ALambdaOutsideReadsIt", LOOP("int* p = a; auto show = [&] { use(*p); };", "show(); p = &a[e];", ""), {"p"}},
    {"ALambdaInsideReadsIt", LOOP("int* p = a;", "auto show = [&] { use(*p); }; show(); p = &a[e];", ""), {"p"}},
    {"APointerToItOutsideReadsIt", LOOP("int* p = a; int** q = &p;", "use(**q); p = &a[e];", ""), {"p"}},
    {"WhatATemporaryOutsideHoldsReadsIt", "struct H { int*& r; explicit H(int*& p) : r(p) {} int get() const { return *r; } }; " LOOP("int* p = a; const H& h = H(p);", "use(h.get()); p = &a[e];", ""), {"p"}},
    {"APointerOutsideToAReferenceInsideReadsIt", LOOP("int* p = a; int** q = nullptr;", "if (q) use(**q); p = &a[e]; int*& r = p; q = &r;", ""), {"p", "q"}},
    {"AStatementInAnExpressionMayComeLater", "void both(int, int); " LOOP("int* p = a;", "both(({ p = &a[e]; 1; }), *p);", ""), {"p"}},
    {"AnExceptionMayLeaveBeforeItIsSet", "void may_throw(); " LOOP("int* p = a;", "try { may_throw(); p = &a[e]; } catch (...) { } *p = 1;", ""), {"p"}},
    {"ASecondMentionInOneExpressionMayComeFirst", "void both(int*, int); " LOOP("int* p = a;", "both(p = &a[e], *p);", ""), {"p"}},
    {"AChainIsSetFromTheRight", LOOP("int* p = a; int* q = a;", "p = q = &a[e]; *p = *q + 1;", ""), {}},
    {"AGotoPastIt", LOOP("int* p = a;", "if (e == 2) goto past; p = &a[e]; past: *p = e;", ""), {"p"}},
    {"ASwitchThatMayMissIt", LOOP("int* p = a;", "switch (e) { case 1: p = a; break; case 2: p = &a[2]; } *p = e;", ""), {"p"}},
};
INSTANTIATE_TEST_SUITE_P(Dead, Gate, testing::ValuesIn(kDead), [](const auto& row) { return row.param.claim; });

const Row kShared[] = {
    {"WhoSharesAHandleThatIsAssignedAnewIsState", "#include <memory>\n" MAIN("auto a = std::make_shared<double>(1); auto b = a;", ", a", "if (e == 1) a = std::make_shared<double>(5); *a += 1;"), {"b"}},
    {"WhoseHandleItWasMadeFromToo", "#include <memory>\n" MAIN("auto b = std::make_shared<double>(1); auto a = b;", ", a", "a = std::make_shared<double>(5);"), {"b"}},
    {"WhoSharesAHandleThatStaysIsCovered", "#include <memory>\n" MAIN("auto a = std::make_shared<double>(1); auto b = a;", ", a", "*a += 1;"), {}},
    {"BothInTheStateAreCovered", "#include <memory>\n" MAIN("auto a = std::make_shared<double>(1); auto b = a;", ", a, b", "a = std::make_shared<double>(5);"), {}},
    {"ATensorThatWasSharedIsState", "#include <torch/torch.h>\n" MAIN("auto h0 = torch::zeros(3); auto h = h0;", ", h", "h = h0 + h * 0.5;"), {"h0"}},
    {"ATensorOfItsOwnIsCovered", "#include <torch/torch.h>\n" MAIN("auto h0 = torch::zeros(3); auto h = h0.clone();", ", h", "h = h0 + h * 0.5;"), {}},
};
INSTANTIATE_TEST_SUITE_P(Shared, Gate, testing::ValuesIn(kShared), [](const auto& row) { return row.param.claim; });

#define SERIALIZED(what) "template <class A> void serialize(A& ar) { ar(" what "); } "
#define BASE "struct B { int a = 0; " SERIALIZED("a") "}; "
const Row kSerialized[] = {
    {"AMemberThatIsNamedIsCovered", "struct S { int a = 0, b = 0; " SERIALIZED("a") "}; " MAIN("S s;", ", s", "s.a = e;"), {}},
    {"AMemberThatIsForgottenIsNot", "struct S { int a = 0, b = 0; void up() { ++a; ++b; } " SERIALIZED("a") "}; " MAIN("S s;", ", s", "s.up();"), {"s"}},
    {"AMemberOfAMemberThatIsForgottenIsNot", "struct T { int a = 0, b = 0; " SERIALIZED("a") "}; struct S { T t; " SERIALIZED("t") "}; " MAIN("S s;", ", s", "s.t.b = e;"), {"s"}},
    {"AnElementsForgottenMemberIsNot", "#include <vector>\nstruct S { int a = 0, b = 0; " SERIALIZED("a") "}; " MAIN("std::vector<S> s(3);", ", s", "s[1].b = e;"), {"s"}},
    {"AForgottenMemberThatNobodyModifiesIsNothing", "struct S { int a = 0; int width = 3; void up() { a += width; } " SERIALIZED("a") "}; " MAIN("S s;", ", s", "s.up();"), {}},
    {"AWholeAssignmentModifiesWhatIsForgotten", "struct S { int a = 0, b = 0; " SERIALIZED("a") "}; " MAIN("S s;", ", s", "if (s.a < 3) s = S{};"), {"s"}},
    {"AWholeAssignmentOfAClassOfManyLevelsToo", "template <int n> struct D { D<n - 1> d; " SERIALIZED("d") "}; template <> struct D<0> { int x = 0; " SERIALIZED("x") "}; struct S { D<9> d; int a = 0, b = 0; " SERIALIZED("d, a") "}; "
                                                MAIN("S s;", ", s", "if (s.a < 3) s = S{};"), {"s"}},
    {"AWholeObjectIsCoveredIfNothingIsForgotten", "struct S { int a = 0; const int n = 3; S& operator=(const S&) { return *this; } " SERIALIZED("a") "}; " MAIN("S s;", ", s", "s = S{};"), {}},
    {"AnInheritedSerializeKnowsTheBaseOnly", BASE "struct D : B { int e = 0; void up() { ++a; ++e; } }; " MAIN("D d;", ", d", "d.up();"), {"d"}},
    {"ASerializeThatHandsOnItsBaseCoversThat", BASE "struct D : B { int e = 0; void up() { ++a; ++e; } template <class A> void serialize(A& ar) { B::serialize(ar); ar(e); } }; " MAIN("D d;", ", d", "d.up();"), {}},
    {"ABaseReferenceCoversTheBase", BASE "struct D : B { int e = 0; }; " MAIN("D d; B& b = d;", ", b", "d.e = e;"), {"d"}},
    {"ABaseReferenceCoversTheBasesMembers", BASE "struct D : B { int x = 0; }; " MAIN("D d; B& b = d;", ", b", "d.a = e;"), {}},
    {"AFreeSerializeCounts", "struct S { int a = 0, b = 0; }; template <class A> void serialize(A& ar, S& s) { ar(s.a); } " MAIN("S s, t;", ", s, t", "s.a = e; t.b = e;"), {"t"}},
    {"ASerializeWhoseBodyIsElsewhereIsNotTrusted", "struct Archive; struct S { int a = 0; void serialize(Archive& ar); }; " MAIN("S s;", ", s", "s.a = e;"), {"s"}},
    {"AClassTemplatesSerializeCounts", "template <class T> struct S { T a{}, b{}; " SERIALIZED("a") "}; " MAIN("S<int> s, t;", ", s, t", "s.a = e; t.b = e;"), {"t"}},
    {"AModulesPlainMemberIsNotRegistered", "#include <torch/torch.h>\nstruct NetImpl : torch::nn::Module { int calls = 0; torch::nn::Linear fc; NetImpl() : fc(register_module(\"fc\", torch::nn::Linear(2, 2))) {}\n"
                                            "torch::Tensor forward(torch::Tensor x) { ++calls; return fc->forward(x); } }; TORCH_MODULE(Net); " MAIN("Net net; torch::Tensor x = torch::zeros(3);", ", net", "net->forward(x);"), {"net"}},
    {"AModulesRegisteredMemberIs", "#include <torch/torch.h>\nstruct NetImpl : torch::nn::Module { int width = 3; torch::nn::Linear fc{register_module(\"fc\", torch::nn::Linear(2, 2))};\n"
                                    "torch::Tensor forward(torch::Tensor x) { return fc->forward(x); } }; TORCH_MODULE(Net); " MAIN("Net net; torch::Tensor x = torch::zeros(3);", ", net", "net->train(); net->forward(x);"), {}},
};
INSTANTIATE_TEST_SUITE_P(Serialized, Gate, testing::ValuesIn(kSerialized), [](const auto& row) { return row.param.claim; });

TEST(ForgottenMembers, AreLookedForInFunctionsOfOtherUnits) {
  const UnitReport report = report_on("#include <hindsight/hindsight.h>\nstruct S { int a = 0, width = 0; void up(); template <class A> void serialize(A& ar) { ar(a); } }; " MAIN("S s;", ", s", "s.up();"));
  ASSERT_EQ(report.loops.size(), 1u);
  ASSERT_EQ(report.loops[0].missing.size(), 1u);
  const Missing& missing = report.loops[0].missing[0];
  EXPECT_EQ(missing.variable, "s");
  ASSERT_EQ(missing.conditions.any.size(), 1u);
  EXPECT_EQ(missing.conditions.any.begin()->members, std::vector<std::string>{"width"});
  EXPECT_NE(missing.why.find("'width'"), std::string::npos) << missing.why;
  const UnitReport other = report_on("struct S { int a = 0, width = 0; void up(); void stretch(); }; void S::up() { ++a; } void S::stretch() { ++width; } void both(S& s) { s.up(); s.width = 1; }");
  const auto members = [&](const std::string& function) {
    std::set<std::string> out;
    for (const FunctionReport& each : other.functions) {
      for (const Modified& m : each.modifies) {
        if (each.name == function) out.insert(m.member);
      }
    }
    return out;
  };
  EXPECT_EQ(members("S::up()"), Names{"a"});
  EXPECT_EQ(members("S::stretch()"), Names{"width"});
  EXPECT_EQ(members("both(S&)"), (Names{"a", "width"}));
}

#define ACC "struct Acc { double s = 0; void add(double x) { s += x; } }; "
const Row kHanded[] = {
    {"AMethodOfAThread", "#include <thread>\n" ACC MAIN("Acc acc;", "", "std::thread t(&Acc::add, &acc, 3.0); t.join();"), {"acc"}},
    {"AMethodOfAnAsync", "#include <future>\n" ACC MAIN("Acc acc;", "", "std::async(std::launch::async, &Acc::add, &acc, 3.0).get();"), {"acc"}},
    {"AMethodInvoked", "#include <functional>\n" ACC MAIN("Acc acc;", "", "std::invoke(&Acc::add, &acc, 3.0);"), {"acc"}},
    {"AMethodApplied", "#include <functional>\n#include <tuple>\nstruct Q { int n = 0; void up() { ++n; } }; " MAIN("Q q; const std::tuple<Q*> t(&q);", "", "std::apply(&Q::up, t);"), {"q"}},
    {"ABoundFunction", "#include <functional>\nvoid f(double& s, double x) { s += x; } " MAIN("double sum = 0; const auto add = std::bind(f, std::ref(sum), 1.0);", "", "add();"), {"sum"}},
    {"AMethodBoundInFront", "#include <functional>\n" ACC MAIN("Acc acc; const auto add = std::bind_front(&Acc::add, &acc);", "", "add(2.0);"), {"acc"}},
    {"AMethodAsAFunction", "#include <functional>\nstruct Q { int n = 0; void up() { ++n; } }; " MAIN("Q q; auto up = std::mem_fn(&Q::up);", ", up", "up(&q);"), {"q"}},
    {"AGeneratorBoundToADistributionIsOnlyItself", "#include <functional>\n#include <random>\nint g; " MAIN("auto dice = std::bind(std::uniform_int_distribution<int>(1, 6), std::mt19937(7)); g = 1;", "", "int x = dice(); (void)x;"), {"dice"}},
    {"ALazyView", "#include <ranges>\n#include <vector>\n" MAIN("int n = 0; std::vector<int> d(3); auto v = d | std::views::transform([&](int x) { ++n; return x; });", ", v", "int q = 0; for (int x : v) q += x;"), {"n"}},
    {"ADeleter", "#include <memory>\n" MAIN("int n = 0; auto del = [&n](int* p) { ++n; delete p; };", "", "std::unique_ptr<int, decltype(del)> u(new int(1), del);"), {"n"}},
    {"AnAllocator", "#include <vector>\n#include <cstdlib>\ntemplate <class T> struct A { using value_type = T; A() = default; template <class U> A(const A<U>&) {} static inline long count = 0;\n"
                    "T* allocate(std::size_t n) { ++count; return static_cast<T*>(std::malloc(n * sizeof(T))); } void deallocate(T* p, std::size_t) { std::free(p); } bool operator==(const A&) const { return true; } };\n"
                    MAIN("", "", "std::vector<int, A<int>> v(10, e);"), {"A<int>::count"}},
    {"ALockOfTheUsers", "#include <mutex>\nstruct Spin { static inline long n = 0; void lock() { ++n; } void unlock() {} }; " MAIN("", "", "Spin s; std::lock_guard<Spin> g(s);"), {"Spin::n"}},
    {"ALockThatCounts", "#include <mutex>\nstruct Spin { long n = 0; void lock() { ++n; } void unlock() {} }; " MAIN("Spin s;", "", "std::lock_guard<Spin> g(s);"), {"s"}},
    {"AClassesOwnNew", "#include <cstdlib>\nstruct S { static inline int n = 0; static void* operator new(std::size_t s) { ++n; return std::malloc(s); } static void operator delete(void* p) { std::free(p); } }; " MAIN("", "", "delete new S;"), {"S::n"}},
    {"ACleanup", "static int n = 0; static void f(int*) { ++n; } " MAIN("", "", "__attribute__((cleanup(f))) int guard = e;"), {"n"}},
    {"AHandlerOfASignal", "#include <csignal>\nvolatile std::sig_atomic_t n = 0; void on(int) { n = n + 1; } " MAIN("std::signal(SIGUSR1, on);", "", "std::raise(SIGUSR1);"), {"n"}},
    {"AThreadThatGoesOn", "#include <thread>\n#include <atomic>\n" MAIN("std::atomic<bool> stop{false}; int n = 0; std::thread t([&] { while (!stop) ++n; });", "", "int x = e; (void)x;"), {"(a thread)", "n"}},
    {"AThreadThatWasWaitedFor", "#include <thread>\n" MAIN("int n = 0; std::thread t([&] { ++n; }); t.join();", "", "int x = e; (void)x;"), {}},
    {"AThreadThatGoesOnBesideACall", "#include <thread>\n#include <atomic>\nint n = 0; void fit() { " "for (auto e : hindsight::loop(\"l\", 9)) { int x = e; (void)x; } }\n"
                                     "void train() { fit(); } int main() { std::atomic<bool> stop{false}; std::thread t([&] { while (!stop) ++n; }); train(); stop = true; t.join(); }", {"(a thread)"}},
    {"AThreadThatWasWaitedForBeforeACall", "#include <thread>\nint n = 0; void fit() { for (auto e : hindsight::loop(\"l\", 9)) { int x = e; (void)x; } }\n"
                                           "int main() { std::thread t([&] { ++n; }); t.join(); fit(); }", {}},
    {"AThreadThatIsStartedAfterACall", "#include <thread>\nint n = 0; void fit() { for (auto e : hindsight::loop(\"l\", 9)) { int x = e; (void)x; } }\n"
                                       "int main() { fit(); std::thread t([&] { ++n; }); t.join(); }", {}},
    {"ThreadsThatAnIterationLeavesToTheNext", "#include <thread>\n#include <vector>\n" MAIN("int n = 0; std::vector<std::thread> ts;", ", n, ts", "ts.emplace_back([&] { ++n; });"), {"(a thread)"}},
    {"ThreadsThatAnIterationWaitsFor", "#include <thread>\n#include <vector>\n" MAIN("int n = 0;", ", n", "std::vector<std::thread> ts; ts.emplace_back([&] { ++n; }); for (auto& t : ts) t.join();"), {}},
    {"AThreadOfAnObject", "#include <thread>\nstruct P { int n = 0; std::thread t; P() : t([this] { for (;;) ++n; }) {} ~P() { t.join(); } }; " MAIN("P p;", "", "int x = e; (void)x;"), {"(a thread)", "p"}},
    {"ARangeOfTheUsers", "struct R { struct I { R* r; int at; I& operator++() { ++at; ++r->n; return *this; } int operator*() const { return at; } bool operator!=(const I& o) const { return at != o.at; } };\n"
                         "int n = 0; I begin() { return {this, 0}; } I end() { return {this, 9}; } }; int main() { R r; int s = 0; for (int x : hindsight::loop(\"l\", r, s)) s += x; }", {"r"}},
    {"ARangeWhoseBeginCounts", "struct R { int n = 0; int d[3]; int* begin() { ++n; return d; } int* end() { return d + 3; } }; int main() { R r; int s = 0; for (int e : hindsight::loop(\"l\", 3, s)) for (int x : hindsight::loop(\"i\", r, s)) s += x + e; }", {"r"}},
    {"AContainerIsOnlyLookedAt", "#include <vector>\nint main() { std::vector<int> v(3); int s = 0; for (int x : hindsight::loop(\"l\", v, s)) s += x; }", {}},
};
INSTANTIATE_TEST_SUITE_P(HandedOver, Gate, testing::ValuesIn(kHanded), [](const auto& row) { return row.param.claim; });

const char* const kSet = "#include <torch/torch.h>\nstruct Set : torch::data::datasets::Dataset<Set> { torch::Tensor x = torch::zeros(8); double n = 0;\n"
                         "torch::data::Example<> get(std::size_t i) override { CHANGE return {x[i], x[i]}; } };\n";
std::string with_set(const std::string& change, const std::string& main) {
  std::string text = kSet;
  return text.replace(text.find("CHANGE"), 6, change) + main;
}
TEST(DataLoader, OfALibrarysParts) {
  const std::string mnist = "torch::data::datasets::MNIST(\"data\").map(torch::data::transforms::Stack<>())";
  EXPECT_EQ(missing_in("#include <torch/torch.h>\nint main() { auto loader = torch::data::make_data_loader<torch::data::samplers::RandomSampler>(" + mnist + ", 4); double s = 0;\n"
                       "for (int e : hindsight::loop(\"l\", 9, s)) for (auto& b : *loader) { s += double(b.data.size(0)) + e; } }"), Names{});
  EXPECT_EQ(missing_in("#include <torch/torch.h>\nint main() { auto loader = torch::data::make_data_loader<torch::data::samplers::RandomSampler>(" + mnist + ", 4); double s = 0;\n"
                       "for (int e : hindsight::loop(\"l\", 9, s)) for (auto& b : hindsight::loop(\"i\", *loader, s)) { s += double(b.data.size(0)) + e; } }"), Names{});
}
TEST(DataLoader, OfADataSetOfTheUsers) {
  const std::string main = "int main() { auto loader = torch::data::make_data_loader<torch::data::samplers::RandomSampler>(Set().map(torch::data::transforms::Stack<>()), 4); double s = 0;\n"
                           "for (int e : hindsight::loop(\"l\", 9, s)) for (auto& b : LOOP) { s += double(b.data.size(0)) + e; } }";
  for (const std::string& over : {std::string("*loader"), std::string("hindsight::loop(\"i\", *loader, s)")}) {
    std::string text = main;
    text.replace(text.find("LOOP"), 4, over);
    EXPECT_EQ(missing_in(with_set("", text)), Names{}) << over;
    EXPECT_EQ(missing_in(with_set("n += 1;", text)), Names{"loader"}) << over;
  }
}

const Row kCalls[] = {
    {"AGlobalIsNamed", "int g; " MAIN("", "", "g = e;"), {"g"}},
    {"AGlobalInTheStateIsCovered", "int g; " MAIN("", ", g", "g = e;"), {}},
    {"AGlobalWrittenInACalleeIsNamed", "int g; void f() { g++; } " MAIN("", "", "f();"), {"g"}},
    {"AGlobalWrittenFarDownIsNamed", "namespace n { int g; } void a() { n::g++; } void b() { a(); } struct S { S() { b(); } }; " MAIN("", "", "S s;"), {"n::g"}},
    {"AGlobalPassedToAWriterIsNamed", "int g; void set(int* p) { *p = 1; } " MAIN("", "", "set(&g);"), {"g"}},
    {"AStaticMemberIsNamed", "struct S { static int n; void f() const { ++n; } }; int S::n = 0; " MAIN("const S s;", "", "s.f();"), {"S::n"}},
    {"AStaticLocalIsNamed", "int next() { static int n = 0; return ++n; } " MAIN("", "", "next();"), {"n"}},
    {"AStaticLocalOfTheBodyIsNamed", MAIN("", "", "static int n = 0; n += e;"), {"n"}},
    {"RegisteredStateCoversGlobals", "int g; void f() { g++; } int main() { hindsight::state(g); for (int e : hindsight::loop(\"l\", 3)) { (void)e; f(); } }", {}},
    {"RegisteredStateOfMainCoversLoopsElsewhere", "int g; void run() { for (int e : hindsight::loop(\"l\", 3)) { g += e; } } int main() { hindsight::state(g); run(); }", {}},
    {"StateRegisteredOnlySometimesDoesNotCover", "int g; int main(int c, char**) { if (c) hindsight::state(g); for (int e : hindsight::loop(\"l\", 3)) { g += e; } }", {"g"}},
    {"StateRegisteredAfterwardsDoesNotCover", "int g; int main() { for (int e : hindsight::loop(\"l\", 3)) { g += e; } hindsight::state(g); }", {"g"}},
    {"StateRegisteredAfterACallThatRunsTheLoopDoesNotCover", "int g; void run() { for (int e : hindsight::loop(\"l\", 3)) { g += e; } } int main() { run(); hindsight::state(g); }", {"g"}},
    {"StateRegisteredAfterACallThatRunsNoLoopCovers", "int g; int parse() { return 3; } void run() { for (int e : hindsight::loop(\"l\", 3)) { g += e; } } int main() { int n = parse(); hindsight::state(g); run(); return n; }", {}},
    {"StateRegisteredAfterACallThatNobodySeesDoesNotCover", "int g; int parse(); void run() { for (int e : hindsight::loop(\"l\", 3)) { g += e; } } int main() { int n = parse(); hindsight::state(g); run(); return n; }", {"g"}},
    {"AnEnclosingLoopsStateCovers", "int main() { int a = 0; for (int e : hindsight::loop(\"o\", 3, a)) { (void)e; for (int i : hindsight::loop(\"l\", 3)) a += i; } }", {}},
    {"AnInnerLoopsStateDoesNotCoverTheOuter", "int main() { int a = 0; for (int e : hindsight::loop(\"l\", 3)) { (void)e; for (int i : hindsight::loop(\"i\", 3, a)) a += i; } }", {"a"}},
    {"AVariableOfTheOuterBodyIsOutsideTheInnerLoop", "int main() { for (int e : hindsight::loop(\"o\", 3)) { int s = e; for (int i : hindsight::loop(\"l\", 3)) s += i; } }", {"s"}},
    {"ALambdaByReferenceModifies", MAIN("int a = 0; auto f = [&] { a++; };", "", "f();"), {"a"}},
    {"ALambdaByValueDoesNot", MAIN("int a = 0; auto f = [=] { return a; };", "", "f();"), {}},
    {"ALambdaOfPointersModifiesTheirTargets", MAIN("int a = 0; int* p = &a; auto f = [p] { *p = 1; };", "", "f();"), {"a"}},
    {"AMutableLambdaHasStateThatNobodyCanName", MAIN("int a = 0; auto f = [a]() mutable { return ++a; };", ", a", "f();"), {"the copy of 'a' in a mutable lambda"}},
    {"ALambdaCalledByALibraryModifies", "#include <algorithm>\n#include <vector>\n" MAIN("int a = 0; std::vector<int> v(3);", "", "std::for_each(v.begin(), v.end(), [&](int x) { a += x; });"), {"a"}},
    {"ALambdaWritesThroughWhatTheLibraryHandsIt", "#include <algorithm>\n#include <vector>\n" MAIN("std::vector<int> v(3);", "", "std::for_each(v.begin(), v.end(), [](int& x) { x = 0; });"), {"v"}},
    {"AGenericLambdaIsLookedInto", "#include <algorithm>\n#include <vector>\n" MAIN("int a = 0; auto f = [&](auto x) { a += x; };", "", "f(e);"), {"a"}},
    {"AStdFunctionOfAKnownLambdaIsFollowed", "#include <functional>\n" MAIN("int a = 0; std::function<void()> f = [&] { a++; };", "", "f();"), {"a"}},
    {"AnUnknownStdFunctionMayChangeWhatItHolds", "#include <functional>\nint g; void run(std::function<void()> f) { for (int e : hindsight::loop(\"l\", 3)) { (void)e; f(); } }", {"f"}},
    {"AFunctionPointerMayChangeGlobals", "int g; void set() { g = 1; } void run(void (*f)()) { for (int e : hindsight::loop(\"l\", 3)) { (void)e; f(); } } int main() { run(set); }", {"g"}},
    {"AKnownFunctionPointerIsFollowed", "int g, h; void bump() { g++; } int main() { void (*f)() = bump; for (int e : hindsight::loop(\"l\", 3)) { (void)e; f(); } }", {"g"}},
    {"AVirtualCallReachesOverriders", "int g; struct B { virtual void f() const {} }; struct D : B { void f() const override { g++; } }; void run(const B& b) { for (int e : hindsight::loop(\"l\", 3)) { (void)e; b.f(); } }", {"g"}},
    {"AnObjectThatHoldsAReferenceLeadsToItsObject", "struct T { int& n; void step() { n++; } }; " MAIN("int a = 0; T t{a};", ", t", "t.step();"), {"a"}},
    {"AReferenceInBracesLeadsToItsObject", "#include <functional>\nusing F = std::function<void()>; F act; struct N { F& f; int& n; N(F& g, int& m) : f{g}, n{m} {} }; " MAIN("int a = 0; N x(act, a);", ", x, act", "x.n = e;"), {"a"}},
    {"AnObjectThatWasGivenAPointerLeadsToItsObject", "struct T { int* p = nullptr; void set(int* q) { p = q; } void step() { ++*p; } }; " MAIN("int a = 0; T t; t.set(&a);", ", t", "t.step();"), {"a"}},
    {"AnUnseenObjectThatWasGivenAPointerToo", "struct T { int* p; T(int*); void step(); }; " MAIN("int a = 0; T t(&a);", ", t", "t.step();"), {"a"}},
    {"AContainerOfPointersLeadsToTheirTargets", "#include <vector>\n" MAIN("int a = 0; std::vector<int*> v; v.push_back(&a);", ", v", "*v[0] = e;"), {"a"}},
    {"ADestructorCounts", "int g; struct S { ~S() { g++; } }; " MAIN("", "", "S s;"), {"g"}},
    {"AConversionOperatorCounts", "struct S { int n = 0; operator int() { return ++n; } }; " MAIN("S s;", "", "int a = s; (void)a;"), {"s"}},
    {"ADefaultArgumentCounts", "int g; int next() { return ++g; } void f(int = next()) {} " MAIN("", "", "f();"), {"g"}},
    {"ADefaultMemberInitialiserCounts", "int g; int next() { return ++g; } struct S { int a = next(); S() {} }; " MAIN("", "", "S s; (void)s;"), {"g"}},
    {"WhatAnUnseenFunctionReturnsIsUnknown", "int& registry(); " MAIN("", "", "registry() = e;"), {"what registry() returns"}},
    {"WhatASeenFunctionReturnsIsFollowed", "int g; int& registry() { return g; } " MAIN("", "", "registry() = e;"), {"g"}},
    {"TemplatesAreJudgedByTheirInstances", "template <class T> void run(T& t, int& n) { for (int e : hindsight::loop(\"l\", 3, t)) { t += e; n++; } } int main() { int a = 0, b = 0; run(a, b); }", {"n"}},
    {"MethodsWriteThroughThis", "struct T { int a = 0, b = 0; void run() { for (int e : hindsight::loop(\"l\", 3, a)) { a += e; b += e; } } };", {"this->b"}},
    {"StarThisCoversAllMembers", "struct T { int a = 0, b = 0; void run() { for (int e : hindsight::loop(\"l\", 3, *this)) { a += e; b += e; } } };", {}},
    {"CallingOwnMethodsCounts", "struct T { int b = 0; void bump() { b++; } void run() { for (int e : hindsight::loop(\"l\", 3)) { (void)e; bump(); } } };", {"this->b"}},
    {"WhatOverridesAMethodElsewhereIsForTheOtherUnits", "struct S { virtual void f(); int n; }; int g; void run(S& s) { for (int e : hindsight::loop(\"l\", 3, s)) { (void)e; s.f(); } }", {}},
    {"CodeThatAsksForTheValueOfItsVersionIsNotTrusted", "#if defined(__GNUC__) && __GNUC__ > 7\n#define X 1\n#endif\n" MAIN("", "", ""), {"(this unit)"}},
    {"WhetherItIsGnuAllAnswerAlike", "#if defined(__GNUC__) || defined __INTEL_COMPILER\n#define X 1\n#endif\n#ifndef __GNUC__\n#define Y 1\n#endif\n" MAIN("", "", ""), {}},
    {"CodeThatAsksForTheCompilerIsNotTrusted", "#ifdef __clang__\n#define X 1\n#endif\n" MAIN("", "", ""), {"(this unit)"}},
    {"AnUninstantiatedTemplateIsNotTrusted", "template <class T> void run(T& t) { for (int e : hindsight::loop(\"l\", 3, t)) { t += e; } }", {"(the template)"}},
};
INSTANTIATE_TEST_SUITE_P(Calls, Gate, testing::ValuesIn(kCalls), [](const auto& row) { return row.param.claim; });

// Names that stand for other objects, made in the body: each must lead outside.
const Row kAliases[] = {
    {"ASharedPtrCopyInTheBody", "#include <memory>\n" MAIN("auto p = std::make_shared<int>(3);", "", "auto q = p; *q = e;"), {"p"}},
    {"AMemberThroughASharedPtrCopy", "#include <memory>\nstruct S { int x; }; " MAIN("auto p = std::make_shared<S>();", "", "auto q = p; q->x = e;"), {"p"}},
    {"ARawPointerFromAUniquePtr", "#include <memory>\n" MAIN("auto p = std::make_unique<int>(3);", "", "int* q = p.get(); *q = e;"), {"p"}},
    {"ASpan", "#include <span>\n#include <vector>\n" MAIN("std::vector<int> v(3);", "", "std::span<int> s(v); s[0] = e;"), {"v"}},
    {"ASpanOfConst", "#include <span>\n#include <vector>\n" MAIN("std::vector<int> v(3);", "", "std::span<const int> s(v); int a = s[0]; (void)a;"), {}},
    {"AReferenceWrapper", "#include <functional>\n" MAIN("int a = 0;", "", "auto r = std::ref(a); r.get() = e;"), {"a"}},
    {"Tie", "#include <tuple>\n" MAIN("int a = 0, b = 0;", ", a", "std::tie(a, b) = std::make_tuple(1, 2);"), {"b"}},
    {"AnAlgorithmsResult", "#include <algorithm>\n#include <vector>\n" MAIN("std::vector<int> v(3);", "", "*std::max_element(v.begin(), v.end()) = e;"), {"v"}},
    {"AReverseIterator", "#include <vector>\n" MAIN("std::vector<int> v(3);", "", "*v.rbegin() = e;"), {"v"}},
    {"AnIteratorsSubscript", "#include <vector>\n" MAIN("std::vector<int> v(3);", "", "v.begin()[1] = e;"), {"v"}},
    {"Fill", "#include <algorithm>\n#include <vector>\n" MAIN("std::vector<int> v(3);", "", "std::fill(v.begin(), v.end(), e);"), {"v"}},
    {"SortByPointers", "#include <algorithm>\n" MAIN("int v[3] = {};", "", "std::sort(v, v + 3);"), {"v"}},
    {"RangesSort", "#include <algorithm>\n#include <vector>\n" MAIN("std::vector<int> v(3);", "", "std::ranges::sort(v);"), {"v"}},
    {"TransformInPlace", "#include <algorithm>\n#include <vector>\n" MAIN("std::vector<int> v(3);", "", "std::transform(v.begin(), v.end(), v.begin(), [](int x) { return x + 1; });"), {"v"}},
    {"GenerateFromAnOutsideGenerator", "#include <algorithm>\n#include <random>\n#include <vector>\n" MAIN("std::mt19937 g; std::vector<unsigned> v(3);", ", v", "std::generate(v.begin(), v.end(), [&] { return g(); });"), {"g"}},
    {"AGeneratorByReferenceWrapper", "#include <algorithm>\n#include <functional>\n#include <random>\n#include <vector>\n" MAIN("std::mt19937 g; std::vector<unsigned> v(3);", ", v", "std::generate(v.begin(), v.end(), std::ref(g));"), {"g"}},
    {"Visit", "#include <variant>\n" MAIN("std::variant<int, float> v;", "", "std::visit([](auto& x) { x = 1; }, v);"), {"v"}},
    {"Apply", "#include <tuple>\n" MAIN("std::tuple<int, float> t;", "", "std::apply([](auto&... x) { ((x = 1), ...); }, t);"), {"t"}},
    {"GetOfATuple", "#include <tuple>\n" MAIN("std::tuple<int, float> t;", "", "std::get<0>(t) = e;"), {"t"}},
    {"AnOptionalsValue", "#include <optional>\n" MAIN("std::optional<int> o = 3;", "", "*o = e;"), {"o"}},
    {"AMapInARangeFor", "#include <map>\n" MAIN("std::map<int, int> m;", "", "for (auto& [k, v] : m) v = e + k;"), {"m"}},
    {"PointersInARangeFor", "#include <vector>\n" MAIN("int a = 0; std::vector<int*> v{&a};", ", v", "for (int* p : v) *p = e;"), {"a"}},
    {"ALinkedNode", "struct N { N* next; int v; }; " MAIN("N b{nullptr, 1}; N a{&b, 0};", ", a", "a.next->v = e;"), {"b"}},
    {"AFunctionsReturnedReference", "#include <vector>\nint& first(std::vector<int>& v) { return v[0]; } " MAIN("std::vector<int> v(3);", "", "first(v) = e;"), {"v"}},
    {"AnUnseenFunctionsReturnedReference", "struct S { int x; }; int& x_of(S&); " MAIN("S s{};", "", "x_of(s) = e;"), {"s"}},
    {"AnUnseenFunctionsReturnedPointer", "struct S { int x; }; int* x_of(S*); " MAIN("S s{};", "", "*x_of(&s) = e;"), {"s"}},
    {"AMethodsReturnedReference", "struct S { int x; int& get() { return x; } }; " MAIN("S s{};", "", "s.get() = e;"), {"s"}},
    {"ANamedCaptureByReference", MAIN("int a = 0; auto f = [&v = a] { v = 1; };", "", "f();"), {"a"}},
    {"ANamedCaptureOfAPointer", MAIN("int a = 0; auto f = [p = &a] { *p = 1; };", "", "f();"), {"a"}},
    {"ALambdaMadeElsewhere", "auto make(int& x) { return [&x] { x++; }; } " MAIN("int a = 0; auto f = make(a);", "", "f();"), {"x"}},
    {"ALambdaInALambda", MAIN("int a = 0; auto f = [&] { auto g = [&] { a++; }; g(); };", "", "f();"), {"a"}},
    {"ALambdaHandedToATemplate", "template <class F> void twice(F&& f) { f(); f(); } " MAIN("int a = 0;", "", "twice([&] { a++; });"), {"a"}},
    {"ALambdaHandedToAnUnseenFunction", "#include <functional>\nvoid later(std::function<void()>); " MAIN("int a = 0; auto f = [&] { a++; };", "", "later(f);"), {"a"}},
    {"AFunctorHandedToAnAlgorithm", "#include <algorithm>\n#include <vector>\nstruct F { int* n; void operator()(int) const { ++*n; } }; " MAIN("int a = 0; std::vector<int> v(3);", "", "std::for_each(v.begin(), v.end(), F{&a});"), {"a"}},
    {"AMemberFunctionPointer", "struct S { int x = 0; void m() { x++; } }; " MAIN("S s; void (S::*p)() = &S::m;", "", "(s.*p)();"), {"s"}},
    {"ADataMemberPointer", "struct S { int x = 0; }; " MAIN("S s; int S::*p = &S::x;", "", "s.*p = e;"), {"s"}},
    {"PlacementNew", "#include <new>\n" MAIN("int a = 0;", "", "new (&a) int(e);"), {"a"}},
    {"AddressAndBack", MAIN("int a = 0;", "", "*(&a) = e;"), {"a"}},
    {"ACastReference", MAIN("int a = 0;", "", "static_cast<int&>(a) = e;"), {"a"}},
    {"ACastPointer", MAIN("int a = 0;", "", "reinterpret_cast<char*>(&a)[0] = 1;"), {"a"}},
    {"PointerArithmetic", MAIN("int a[9] = {}; ", "", "*(a + 1) = e; int* p = a; p += 2; p[1] = 3;"), {"a"}},
    {"AnObjectOfTheBodyThatHoldsAReference", "struct T { int& n; void step() { n++; } }; " MAIN("int a = 0;", "", "T t{a}; t.step();"), {"a"}},
    {"AnObjectOfTheBodyThatHoldsAPointerAndIsUnseen", "struct T { int* n; T(int*); void step(); }; " MAIN("int a = 0;", "", "T t(&a); t.step();"), {"a"}},
    {"AGuardThatWritesAtTheEnd", "struct G { int& n; explicit G(int& x) : n(x) {} ~G() { n++; } }; " MAIN("int a = 0;", "", "G g(a);"), {"a"}},
    {"ATemporaryGuard", "struct G { int& n; explicit G(int& x) : n(x) {} ~G() { n++; } }; " MAIN("int a = 0;", "", "G{a};"), {"a"}},
    {"AssignmentOfAWholeStruct", "struct S { int x; }; " MAIN("S s{};", "", "if (s.x < 3) s = S{e};"), {"s"}},
    {"AnOperatorOfTheUsers", "struct S { int x; }; S& operator+=(S& s, int n) { s.x += n; return s; } " MAIN("S s{};", "", "s += e;"), {"s"}},
    {"AStreamRead", "#include <iostream>\n" MAIN("int a = 0;", "", "std::cin >> a;"), {"a", "std::cin"}},
    {"FormattedIntoABuffer", "#include <cstdio>\n" MAIN("char b[9];", "", "std::snprintf(b, sizeof b, \"%d\", e);"), {"b"}},
    {"ScannedValues", "#include <cstdio>\n" MAIN("int a = 0; const char* t = \"1\";", "", "std::sscanf(t, \"%d\", &a);"), {"a"}},
    {"AThreadInTheBody", "#include <thread>\n" MAIN("int a = 0;", "", "std::thread t([&] { a++; }); t.join();"), {"a"}},
    {"ExtendedTemporariesHaveTheirName", "#include <vector>\nstd::vector<int> make(); " MAIN("auto&& v = make();", "", "v[0] = e;"), {"v"}},
    {"AThreadLocalVariable", "thread_local int t; " MAIN("", "", "t++;"), {"t"}},
    {"ParametersOfTheFunctionAroundIt", "void run(int& a, int* b, int c) { for (int e : hindsight::loop(\"l\", 3)) { a = e; *b = e; c = e; } }", {"a", "b", "c"}},
    {"AMemberObjectsMember", "struct M { int n; }; struct T { M m; M* p; void run() { for (int e : hindsight::loop(\"l\", 3, m)) { m.n = e; p->n = e; } } };", {"this->p"}},
};
INSTANTIATE_TEST_SUITE_P(Aliases, Gate, testing::ValuesIn(kAliases), [](const auto& row) { return row.param.claim; });

#define COUNTER "int live; struct T { int x = 0; T() { ++live; } T(const T& o) : x(o.x) { ++live; } ~T() { --live; } bool operator<(const T& o) const { ++live; return x < o.x; } }; "

// What library classes and algorithms write on behalf of their caller.
const Row kLibrary[] = {
    {"AnElementOfAVectorOfBool", "#include <vector>\n" MAIN("std::vector<bool> v(3);", "", "v[1] = true;"), {"v"}},
    {"AVariableThatStandsForABit", "#include <vector>\n" MAIN("std::vector<bool> v(3);", "", "auto bit = v[1]; bit = !bit;"), {"v"}},
    {"ABitFlipped", "#include <vector>\n" MAIN("std::vector<bool> v(3);", "", "v[0].flip();"), {"v"}},
    {"BitsInARangeFor", "#include <vector>\n" MAIN("std::vector<bool> v(3);", "", "for (auto&& bit : v) bit = true;"), {"v"}},
    {"BitsSwapped", "#include <utility>\n#include <vector>\n" MAIN("std::vector<bool> v(3);", "", "swap(v[0], v[1]);"), {"v"}},
    {"BitsFilled", "#include <algorithm>\n#include <vector>\n" MAIN("std::vector<bool> v(3);", "", "std::fill(v.begin(), v.end(), true);"), {"v"}},
    {"ABitOfABitset", "#include <bitset>\n" MAIN("std::bitset<8> b;", "", "b[1] = true;"), {"b"}},
    {"ABitOfABitsetFlipped", "#include <bitset>\n" MAIN("std::bitset<8> b;", "", "b[1].flip();"), {"b"}},
    {"ReadingBitsDoesNot", "#include <bitset>\n#include <vector>\n" MAIN("std::vector<bool> v(3); std::bitset<8> b;", "", "bool x = v[1] && b[1] && !v[2]; for (bool y : v) x = x || y; (void)x;"), {}},
    {"ASliceOfAValarray", "#include <valarray>\n" MAIN("std::valarray<double> v(6);", "", "v[std::slice(0, 3, 2)] = 1.0;"), {"v"}},
    {"ASliceOfAValarrayAddedTo", "#include <valarray>\n" MAIN("std::valarray<double> v(6), w(3);", "", "v[std::slice(0, 3, 2)] += w;"), {"v"}},
    {"AMaskOfAValarray", "#include <valarray>\n" MAIN("std::valarray<double> v(6);", "", "v[v > 3.0] = 1.0;"), {"v"}},
    {"AnAtomicRef", "#include <atomic>\n" MAIN("int a = 0;", "", "std::atomic_ref<int> r(a); r.fetch_add(1);"), {"a"}},
    {"AnAtomicRefIncremented", "#include <atomic>\n" MAIN("int a = 0;", "", "std::atomic_ref<int>(a)++;"), {"a"}},
    {"AnAtomicRefOfAFloat", "#include <atomic>\n" MAIN("double a = 0;", "", "std::atomic_ref<double> r(a); r += 1;"), {"a"}},
    {"LoadingAnAtomicRefDoesNot", "#include <atomic>\n" MAIN("int a = 0;", "", "std::atomic_ref<int> r(a); int b = r.load(); (void)b;"), {}},
    {"ABackInserter", "#include <iterator>\n#include <vector>\n" MAIN("std::vector<int> v;", "", "auto i = std::back_inserter(v); *i = e; i = e;"), {"v"}},
    {"CopyingThroughABackInserter", "#include <algorithm>\n#include <iterator>\n#include <vector>\n" MAIN("std::vector<int> a(3), b;", "", "std::copy(a.begin(), a.end(), std::back_inserter(b));"), {"b"}},
    {"RangesFillOfAContainer", "#include <algorithm>\n#include <vector>\n" MAIN("std::vector<int> v(3);", "", "std::ranges::fill(v, e);"), {"v"}},
    {"RangesFillOfIterators", "#include <algorithm>\n#include <vector>\n" MAIN("std::vector<int> v(3);", "", "std::ranges::fill(v.begin(), v.end(), e);"), {"v"}},
    {"RangesFillOfPointers", "#include <algorithm>\n" MAIN("int v[3] = {};", "", "std::ranges::fill(v, v + 3, e);"), {"v"}},
    {"RangesFillOfASpan", "#include <algorithm>\n#include <span>\n#include <vector>\n" MAIN("std::vector<int> v(3);", "", "std::ranges::fill(std::span(v), e);"), {"v"}},
    {"RangesCopyWritesItsOutput", "#include <algorithm>\n#include <vector>\n" MAIN("std::vector<int> a(3), b(3);", "", "std::ranges::copy(a, b.begin());"), {"b"}},
    {"RangesShuffleDrawsToo", "#include <algorithm>\n#include <random>\n#include <vector>\n" MAIN("std::mt19937 g; std::vector<int> v(3);", "", "std::ranges::shuffle(v, g);"), {"g", "v"}},
    {"RangesReadersDoNotWrite", "#include <algorithm>\n#include <vector>\n" MAIN("std::vector<int> v(3);", "", "auto n = std::ranges::count(v, e); auto m = std::ranges::max_element(v); (void)n; (void)m;"), {}},
    {"ConstructorsRunByMakeUnique", "#include <memory>\n" COUNTER MAIN("", "", "auto p = std::make_unique<T>();"), {"live"}},
    {"ConstructorsRunByAVector", "#include <vector>\n" COUNTER MAIN("", "", "std::vector<T> v(3);"), {"live"}},
    {"CopiesRunByAVector", "#include <vector>\n" COUNTER MAIN("const std::vector<T> w;", "", "auto v = w;"), {"live"}},
    {"ConstructorsRunByEmplace", "#include <vector>\n" COUNTER MAIN("std::vector<T> v;", ", v", "v.emplace_back();"), {"live"}},
    {"DestructorsRunByClear", "#include <vector>\n" COUNTER MAIN("std::vector<T> v;", ", v", "v.clear();"), {"live"}},
    {"ComparisonsRunBySort", "#include <algorithm>\n#include <vector>\n" COUNTER MAIN("std::vector<T> v;", ", v", "std::sort(v.begin(), v.end());"), {"live"}},
    {"ComparisonsRunByAMap", "#include <map>\n" COUNTER MAIN("std::map<T, int> m;", ", m", "m[T()] = e;"), {"live"}},
    {"ADestructorBehindASmartPointer", "#include <memory>\nint live; struct G { ~G() { ++live; } }; std::unique_ptr<G> make(); " MAIN("", "", "auto p = make();"), {"live"}},
    {"ADerivedDestructorBehindASmartPointer", "#include <memory>\nint live; struct B { virtual ~B() = default; }; struct D : B { ~D() override { ++live; } }; std::unique_ptr<B> make(); " MAIN("", "", "auto p = make();"), {"live"}},
    {"ADestructorInAnOptionalMember", "#include <optional>\nint live; struct G { ~G() { ++live; } }; struct S { std::optional<G> g; }; " MAIN("", "", "S s;"), {"live"}},
    {"AGuardInAContainerWritesWhatItRefersTo", "#include <vector>\nstruct G { int* n; explicit G(int* p) : n(p) {} ~G() { ++*n; } }; " MAIN("int a = 0;", "", "std::vector<G> v; v.emplace_back(&a);"), {"a"}},
    {"ClassesThatOnlyHoldValuesRunNothing", "#include <memory>\n#include <string>\n#include <vector>\nstruct P { int x = 0; std::string s; }; int g; " MAIN("", "", "std::vector<P> v(3); v.push_back(P{}); auto p = std::make_shared<P>(); g + 0;"), {}},
};
INSTANTIATE_TEST_SUITE_P(Library, Gate, testing::ValuesIn(kLibrary), [](const auto& row) { return row.param.claim; });

// What no state can hold.
const Row kHidden[] = {
    {"AStaticInitialisedOnItsFirstUse", "int now(); " MAIN("", "", "static int first = now(); (void)first;"), {"first"}},
    {"AConstStaticToo", "int now(); " MAIN("", "", "static const int first = now(); (void)first;"), {"first"}},
    {"AStaticOfACallee", "int now(); int base() { static const int first = now(); return first; } " MAIN("", "", "base();"), {"first"}},
    {"AStaticThatTakesAnArgument", "int base(int e) { static const int first = e; return first; } " MAIN("", "", "base(e);"), {"first"}},
    {"AStaticInTheStateIsStillInitialisedOnItsFirstUse", "#include <random>\nunsigned draw() { static std::mt19937 g(42); return g(); } " MAIN("", "", "draw();"), {"g"}},
    {"AStaticOfAConstantIsNot", MAIN("", "", "static const double kScale = 0.5; static constexpr int kTable[] = {1, 2}; double x = kScale * kTable[0]; (void)x;"), {}},
    {"AStaticBehindAPointerCall", "int now(); int base() { static const int first = now(); return first; } void run(int (*f)()) { for (int e : hindsight::loop(\"l\", 3)) { (void)e; f(); } } int main() { run(base); }", {"first"}},
    {"TheEnvironment", "#include <cstdlib>\n" MAIN("", "", "setenv(\"A\", \"1\", 1);"), {"(the environment)"}},
    {"TheWorkingFolder", "#include <unistd.h>\n" MAIN("", "", "if (chdir(\"/\")) {}"), {"(the working folder)"}},
    {"TheWorkingFolderOfStd", "#include <filesystem>\n" MAIN("", "", "std::filesystem::current_path(\"/\");"), {"(the working folder)"}},
    {"ADescriptor", "#include <unistd.h>\n" MAIN("int fd = 3; char b[9];", ", b", "if (read(fd, b, 9)) {}"), {"(file descriptors)"}},
    {"AnotherProcess", "#include <cstdlib>\n" MAIN("", "", "if (std::system(\"true\")) {}"), {"(other processes)"}},
    {"StandardInput", "#include <cstdio>\n" MAIN("int c = 0;", ", c", "c = getchar();"), {"(standard input)"}},
    {"SomethingThatRunsOnce", "#include <mutex>\nstd::once_flag f; " MAIN("", "", "std::call_once(f, [] {});"), {"(settings of the process)"}},
    {"ACalleeThatChangesTheEnvironment", "#include <cstdlib>\nvoid set() { setenv(\"A\", \"1\", 1); } " MAIN("", "", "set();"), {"(the environment)"}},
};
INSTANTIATE_TEST_SUITE_P(Hidden, Gate, testing::ValuesIn(kHidden), [](const auto& row) { return row.param.claim; });

const Row kLoopForms[] = {
    {"AForLoopNeedsItsVariable", "int main() { int i = 0; hindsight::Loop l(\"l\"); for (; l.more() && i < 3; ++i) {} l.finish(); }", {"i"}},
    {"AMarkedVariableIsCovered", "int main() { int i = 0; hindsight::Loop l(\"l\", hindsight::var(i)); for (; l.more() && i < 3; ++i) {} l.finish(); }", {}},
    {"AVariableOfTheForItselfCannotBeCovered", "int main() { hindsight::Loop l(\"l\"); for (int i = 0; l.more() && i < 3; ++i) {} l.finish(); }", {"i"}},
    {"AWhileLoopsConditionCounts", "int main() { int n = 9; hindsight::Loop l(\"l\"); while (l.more() && n-- > 0) {} l.finish(); }", {"n"}},
    {"ADoLoopCounts", "int main() { int n = 9; hindsight::Loop l(\"l\"); do { --n; } while (n > 0 && l.more()); l.finish(); }", {"n"}},
    {"CodeBetweenTheLoopAndFinishIsRefused", "int main() { int i = 0; hindsight::Loop l(\"l\", i); while (l.more() && i < 3) ++i; i = 7; l.finish(); }", {"l"}},
    {"TwoPlacesThatAskForMoreAreRefused", "int main() { int i = 0; hindsight::Loop l(\"l\", i); while (l.more()) { ++i; if (!l.more()) break; } l.finish(); }", {"l"}},
    {"ALoopObjectThatIsHandedOnIsRefused", "void f(hindsight::Loop&); int main() { int i = 0; hindsight::Loop l(\"l\", i); while (l.more() && i < 3) { ++i; f(l); } l.finish(); }", {"l"}},
    {"ALoopObjectThatOutlivesItsLoopIsRefused", "int main() { int i = 0; hindsight::Loop l(\"l\", i); for (int k = 0; k < 2; ++k) { while (l.more() && i < 3) ++i; l.finish(); } }", {"l"}},
    {"ARangeOfAContainerGivesReferencesIntoIt", "#include <vector>\nint main() { std::vector<int> v(3); for (auto& x : hindsight::loop(\"l\", v)) x = 1; }", {"v"}},
    {"WhatItsStateHoldsIsNotInItsRange", "#include <memory>\n#include <vector>\nstruct V { double grad; void backward(); }; struct Net { std::vector<std::shared_ptr<V>> w; }; int main() { std::vector<std::shared_ptr<V>> v; Net net; for (auto& x : hindsight::loop(\"l\", v, v, net)) x->backward(); } void V::backward() { grad = 1; }", {}},
    {"ARangeByValueDoesNot", "#include <vector>\nint main() { std::vector<int> v(3); for (auto x : hindsight::loop(\"l\", v)) x = 1; }", {}},
};
INSTANTIATE_TEST_SUITE_P(LoopForms, Gate, testing::ValuesIn(kLoopForms), [](const auto& row) { return row.param.claim; });

#define TORCH "#include <torch/torch.h>\n"
#define NET "struct NetImpl : torch::nn::Module { torch::nn::Linear fc{nullptr}; int calls = 0; NetImpl() { fc = register_module(\"fc\", torch::nn::Linear(2, 2)); } torch::Tensor forward(torch::Tensor x) { return fc->forward(x); } }; TORCH_MODULE(Net); "

const Row kTorchRows[] = {
    {"AnOrdinaryStepIsComplete", TORCH NET "int main() { Net net; torch::optim::SGD opt(net->parameters(), 0.1); torch::Tensor x = torch::randn(9), y; for (int e : hindsight::loop(\"l\", 3, net, opt)) { "
     "auto loss = torch::nn::functional::cross_entropy(net->forward(x.slice(0, e, e + 1)), y); opt.zero_grad(); loss.backward(); opt.step(); hindsight::log(\"loss\", loss.item<float>()); } }", {}},
    {"TheForgottenTensorAccumulatorIsNamed", TORCH NET "int main() { Net net; torch::optim::SGD opt(net->parameters(), 0.1); torch::Tensor x; float epoch_loss = 0; for (int e : hindsight::loop(\"l\", 3, net, opt)) { (void)e; "
     "auto loss = net->forward(x); opt.zero_grad(); loss.backward(); opt.step(); epoch_loss += loss.item<float>(); } }", {"epoch_loss"}},
    {"TheOptimiserImpliesItsModule", TORCH NET "int main() { Net net; torch::optim::SGD opt(net->parameters(), 0.1); for (int e : hindsight::loop(\"l\", 3, opt)) { (void)e; opt.step(); } }", {"net"}},
    {"TheModuleDoesNotImplyTheOptimiser", TORCH NET "int main() { Net net; torch::optim::SGD opt(net->parameters(), 0.1); for (int e : hindsight::loop(\"l\", 3, net)) { (void)e; opt.step(); } }", {"opt"}},
    {"AnOptimiserBehindAPointerImpliesItsModuleToo", TORCH NET "int main() { Net net; auto opt = std::make_unique<torch::optim::SGD>(net->parameters(), 0.1); for (int e : hindsight::loop(\"l\", 3, *opt)) { (void)e; opt->step(); } }", {"net"}},
    {"AnOptimiserFromElsewhereNeedsSomeModule", TORCH "void run(torch::optim::SGD& opt) { for (int e : hindsight::loop(\"l\", 3, opt)) { (void)e; opt.step(); } }", {"opt"}},
    {"AnOptimiserFromElsewhereBesideItsModuleIsTaken", TORCH NET "void run(Net& net, torch::optim::SGD& opt) { for (int e : hindsight::loop(\"l\", 3, net, opt)) { (void)e; net->zero_grad(); opt.step(); } }", {}},
    {"ForwardModifiesTheModule", TORCH NET "int main() { Net net; torch::Tensor x; for (int e : hindsight::loop(\"l\", 3)) { (void)e; net->forward(x); } }", {"net"}},
    {"CallingTheModuleModifiesItToo", TORCH NET "int main() { Net net; torch::Tensor x; for (int e : hindsight::loop(\"l\", 3)) { (void)e; net(x); } }", {"net"}},
    {"InPlaceMethodsModifyAlthoughConst", TORCH "int main() { torch::Tensor w; for (int e : hindsight::loop(\"l\", 3)) { (void)e; w.mul_(0.9); } }", {"w"}},
    {"AConstTensorCanBeChangedInPlace", TORCH "int main() { const torch::Tensor w; for (int e : hindsight::loop(\"l\", 3)) { (void)e; w.zero_(); } }", {"w"}},
    {"AViewLeadsToItsTensor", TORCH "int main() { torch::Tensor x; for (int e : hindsight::loop(\"l\", 3)) { auto row = x[e]; row.add_(row); } }", {"x"}},
    {"AssigningToAViewWritesTheTensor", TORCH "int main() { torch::Tensor x; for (int e : hindsight::loop(\"l\", 3)) x[e] = 1.0; }", {"x"}},
    {"RebindingAHandleIsAModification", TORCH "int main() { torch::Tensor h; for (int e : hindsight::loop(\"l\", 3)) { (void)e; h = torch::relu(h); } }", {"h"}},
    {"ANewTensorIsNobodysView", TORCH "int main() { torch::Tensor x; for (int e : hindsight::loop(\"l\", 3)) { (void)e; auto y = torch::relu(x); y.mul_(2); auto z = x.clone(); z.zero_(); auto s = x + x; s += x; } }", {}},
    {"AHandleOfAWeightLeadsToItsModule", TORCH NET "int main() { Net net; auto w = net->fc->weight; for (int e : hindsight::loop(\"l\", 3)) { (void)e; w.mul_(0.9); } }", {"net"}},
    {"TheModuleCoversHandlesOfItsWeights", TORCH NET "int main() { Net net; auto w = net->fc->weight; for (int e : hindsight::loop(\"l\", 3, net)) { (void)e; w.mul_(0.9); } }", {}},
    {"ClippingModifiesTheModule", TORCH NET "int main() { Net net; for (int e : hindsight::loop(\"l\", 3)) { (void)e; torch::nn::utils::clip_grad_norm_(net->parameters(), 1.0); } }", {"net"}},
    {"ParametersInALoopLeadToTheModule", TORCH NET "int main() { Net net; for (int e : hindsight::loop(\"l\", 3)) { (void)e; for (auto& p : net->parameters()) p.grad().zero_(); } }", {"net"}},
    {"BackwardReachesTensorsThatWantGradients", TORCH "int main() { auto w = torch::randn(3).requires_grad_(); torch::Tensor x; for (int e : hindsight::loop(\"l\", 3, x)) { (void)e; auto loss = (w * x).sum(); loss.backward(); } }", {"w"}},
    {"BackwardInACalleeReachesThemToo", TORCH "torch::Tensor w; void setup() { w = torch::randn(3).requires_grad_(); } void step(const torch::Tensor& x) { (w * x).sum().backward(); } int main() { setup(); torch::Tensor x; for (int e : hindsight::loop(\"l\", 3, x)) { (void)e; step(x); } }", {"w"}},
    {"BackwardReachesMembers", TORCH "struct T { torch::Tensor w = torch::randn(3).requires_grad_(); void run() { for (int e : hindsight::loop(\"l\", 3)) { (void)e; (w * w).sum().backward(); } } };", {"this->w"}},
    {"EvaluationModeIsPartOfTheModule", TORCH NET "double evaluate(Net& net) { torch::NoGradGuard guard; net->eval(); return 0; } int main() { Net net; for (int e : hindsight::loop(\"l\", 3)) { (void)e; evaluate(net); } }", {"net"}},
    {"AHandleByValueToAnUnseenFunctionIsModified", TORCH NET "void step(Net net, const torch::Tensor& x); int main() { Net net; torch::Tensor x; for (int e : hindsight::loop(\"l\", 3)) { (void)e; step(net, x); } }", {"net"}},
    {"CopiedParametersLeadToTheModule", TORCH NET "int main() { Net net; for (int e : hindsight::loop(\"l\", 3)) { (void)e; std::vector<torch::Tensor> ps = net->parameters(); ps[0].mul_(0.5); } }", {"net"}},
    {"SetDataModifies", TORCH NET "int main() { Net net; torch::Tensor x; for (int e : hindsight::loop(\"l\", 3)) { (void)e; net->fc->weight.set_data(x); } }", {"net"}},
    {"ATensorInATuple", "#include <tuple>\n" TORCH "int main() { torch::Tensor x; auto t = std::make_tuple(x, 1); for (int e : hindsight::loop(\"l\", 3, t)) { (void)e; std::get<0>(t).zero_(); } }", {}},
    {"ATensorInAStruct", TORCH "struct D { torch::Tensor x; }; int main() { torch::Tensor x; for (int e : hindsight::loop(\"l\", 3)) { (void)e; D d{x}; d.x.zero_(); } }", {"x"}},
    {"ATensorCopyInTheBody", TORCH "int main() { torch::Tensor x; for (int e : hindsight::loop(\"l\", 3)) { (void)e; auto y = x; y.zero_(); } }", {"x"}},
    {"ATensorInAContainer", TORCH "int main() { torch::Tensor x; for (int e : hindsight::loop(\"l\", 3)) { (void)e; std::vector<torch::Tensor> v{x}; v[0].zero_(); std::vector<torch::Tensor> w; w.push_back(x); w.back().zero_(); } }", {"x"}},
    {"ModulesInALibrarysHandsMayWriteGlobals", TORCH "int g; struct BlockImpl : torch::nn::Module { torch::Tensor forward(torch::Tensor x) { ++g; return x; } }; TORCH_MODULE(Block); int main() { torch::nn::Sequential seq; seq->push_back(Block()); torch::Tensor x; for (int e : hindsight::loop(\"l\", 3, seq)) { (void)e; seq->forward(x); } }", {"g"}},
};
INSTANTIATE_TEST_SUITE_P(Torch, Gate, testing::ValuesIn(kTorchRows), [](const auto& row) { return row.param.claim; });

TEST(GateReport, SaysWhereAndWhy) {
  const UnitReport report = report_on(
      "#include <hindsight/hindsight.h>\n"
      "int main() {\n"
      "  double epoch_loss = 0;\n"
      "  for (int e : hindsight::loop(\"epoch\", 3)) {\n"
      "    epoch_loss += e;\n"
      "  }\n"
      "}\n");
  ASSERT_EQ(report.loops.size(), 1u);
  const LoopReport& loop = report.loops[0];
  EXPECT_EQ(loop.line, 4u);
  EXPECT_EQ(loop.end_line, 6u);
  EXPECT_EQ(loop.file, "src/main.cc");
  EXPECT_EQ(loop.function, "main()");
  ASSERT_EQ(loop.missing.size(), 1u);
  EXPECT_EQ(loop.missing[0], (Missing{"epoch_loss", 5, "changed by +="}));
}

TEST(GateReport, WhatIsDeadForALoopMayBeNeededByOneInIt) {
  const UnitReport report = report_on(
      "#include <string>\n#include <hindsight/hindsight.h>\n"
      "int main() { std::string s; for (int e : hindsight::loop(\"outer\", 9)) { s = \"\"; for (int k : hindsight::loop(\"inner\", e)) s += static_cast<char>(k); } }");
  ASSERT_EQ(report.loops.size(), 2u);
  EXPECT_EQ(report.loops[0].missing.size(), 0u);
  ASSERT_EQ(report.loops[1].missing.size(), 1u);
  EXPECT_EQ(report.loops[1].missing[0].variable, "s");
}

TEST(GateReport, ALongChainOfCallsTakesNoLongerThanItsLength) {
  std::string text = "#include <hindsight/hindsight.h>\n#include <iostream>\nstruct Net { Net& add(int); Net& operator<<(int); }; int main() { Net net; for (int e : hindsight::loop(\"l\", 3)) { net";
  for (int i = 0; i < 200; ++i) text += ".add(" + std::to_string(i) + ")";
  text += "; net";
  for (int i = 0; i < 200; ++i) text += " << e";
  text += "; std::cout";
  for (int i = 0; i < 200; ++i) text += " << e << '\\n'";
  const UnitReport report = report_on(text + "; } }");
  ASSERT_EQ(report.loops.size(), 1u);
  ASSERT_EQ(report.loops[0].missing.size(), 1u);
  EXPECT_EQ(report.loops[0].missing[0].variable, "net");
}

TEST(GateReport, TheStateIsShownAsWritten) {
  const UnitReport report = report_on("#include <hindsight/hindsight.h>\nint main() { int a = 0, b = 0; for (int e : hindsight::loop(\"l\", 3, hindsight::named(\"a\", a), b)) a = b = e; }");
  ASSERT_EQ(report.loops.size(), 1u);
  EXPECT_EQ(report.loops[0].state, (std::vector<std::string>{"hindsight::named(\"a\", a)", "b"}));
}

}  // namespace
}  // namespace hindsight::instrument
