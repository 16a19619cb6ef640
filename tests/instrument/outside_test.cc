// What a program takes from outside. A use that is not seen would let a replay call a value exact that it only happened to
// repeat; one that is seen where there is none takes a deterministic program its exact answers.
#include <ostream>

#include <gtest/gtest.h>

#include "support.h"

namespace hindsight::instrument {
namespace {

using Names = std::set<std::string>;

Names uses_in(const std::string& text) {
  Names out;
  for (const OutsideReport& use : report_on("#include <hindsight/hindsight.h>\n" + text).outside) {
    if (!use.condition.empty()) continue;
    EXPECT_EQ(use.file, "src/main.cc") << text;
    EXPECT_GT(use.line, 0u) << text;
    out.insert(use.kind + " " + use.what);
  }
  return out;
}

struct Row {
  const char* claim;
  std::string text;
  Names uses;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.claim; }

class Outside : public testing::TestWithParam<Row> {};
TEST_P(Outside, IsWhatTheProgramUses) { EXPECT_EQ(uses_in(GetParam().text), GetParam().uses) << GetParam().text; }
std::string claim_of(const testing::TestParamInfo<Row>& row) { return row.param.claim; }

std::string main_with(const std::string& includes, const std::string& body) { return includes + "int main() { " + body + " }"; }

const std::string kEnv = "#include <cstdlib>\n#include <string>\n";
const std::string kIn = "#include <iostream>\n#include <cstdio>\n#include <string>\n#include <fstream>\n#include <unistd.h>\n";
const std::string kRandom = "#include <random>\n#include <fstream>\n#include <sys/random.h>\n#include <ctime>\n#include <cstdlib>\n";
const std::string kTime = "#include <chrono>\n#include <iostream>\n#include <cstdio>\n#include <vector>\n#include <numeric>\n#include <algorithm>\n#include <sstream>\n"
                          "#include <random>\n#include <thread>\n#include <ctime>\n#include <iomanip>\n#include <string>\n#include <fstream>\n"
                          "using clk = std::chrono::steady_clock; double work(int);\n";

const Names kNow = {"clock std::chrono::steady_clock::now"};

const Row kInputs[] = {
    {"ANameThatIsALiteralIsKnown", main_with(kEnv, "return std::getenv(\"SEED\") != nullptr;"), {"environment SEED"}},
    {"GetenvOfCIsTheSame", main_with(kEnv, "return getenv(\"A\") || secure_getenv(\"B\");"), {"environment A", "environment B"}},
    {"ANameFromAConstantIsKnown", main_with(kEnv, "constexpr const char* name = \"SEED\"; return getenv(name) != nullptr;"), {"environment SEED"}},
    {"ANameFromElsewhereIsNot", kEnv + "bool has(const std::string& n) { return getenv(n.c_str()); } int main() { return has(\"SEED\"); }", {"environment "}},
    {"EnvironIsAllOfIt", main_with("#include <unistd.h>\n", "return environ[0] != nullptr;"), {"environment "}},
    {"SoIsMainsThirdParameter", "int main(int, char**, char** env) { return env[0] != nullptr; }", {"environment "}},
    {"AnUnusedThirdParameterIsNothing", "int main(int, char**, char**) { return 0; }", {}},
    {"AnInitialiserOutsideOfFunctionsCounts", kEnv + "static const char* seed = getenv(\"SEED\"); int main() { return seed != nullptr; }", {"environment SEED"}},
    {"ADefaultMemberInitialiserCounts", kEnv + "struct S { const char* seed = getenv(\"SEED\"); }; int main() { S s; return s.seed != nullptr; }", {"environment SEED"}},
    {"ADefaultArgumentCounts", kEnv + "bool f(const char* s = getenv(\"SEED\")) { return s; } int main() { return f(); }", {"environment SEED"}},
    {"CodeInALambdaCounts", main_with(kEnv, "auto f = [] { return getenv(\"SEED\"); }; return f() != nullptr;"), {"environment SEED"}},
    {"ATemplateThatIsUsedCounts", kEnv + "template <class T> T get(const char*) { return T(*getenv(\"SEED\")); } int main() { return get<int>(\"\"); }", {"environment SEED"}},
    {"SettingAVariableIsNoReading", main_with(kEnv, "return setenv(\"A\", \"1\", 1);"), {}},
    {"AFunctionOfTheUsersIsNotTheSystems", "namespace mine { const char* getenv(const char*) { return nullptr; } } int main() { return mine::getenv(\"A\") != nullptr; }", {}},

    {"CinIsStandardInput", main_with(kIn, "int n = 0; std::cin >> n; return n;"), {"input std::cin"}},
    {"GetlineOnCinToo", main_with(kIn, "std::string s; std::getline(std::cin, s); return s.empty();"), {"input std::cin"}},
    {"StdinIsStandardInput", main_with(kIn, "char b[9]; return fgets(b, 9, stdin) != nullptr;"), {"input stdin"}},
    {"ScanfReadsIt", main_with(kIn, "int n = 0; return std::scanf(\"%d\", &n);"), {"input scanf"}},
    {"GetcharReadsIt", main_with(kIn, "return getchar();"), {"input getchar"}},
    {"TheDescriptorIsIt", main_with(kIn, "char b; return read(STDIN_FILENO, &b, 1) != 1;"), {"input read(0)"}},
    {"OtherDescriptorsAreNot", main_with(kIn, "char b; return read(3, &b, 1) != 1;"), {}},
    {"ItsPathIsIt", main_with(kIn, "std::ifstream in(\"/dev/stdin\"); int n = 0; in >> n; return n;"), {"input /dev/stdin"}},
    {"MakingStreamsFastReadsNothing", main_with(kIn, "std::ios::sync_with_stdio(false); std::cin.tie(nullptr); std::cout << 1;"), {}},
    {"OtherStreamsAreNotIt", main_with(kIn, "std::ifstream in(\"data.txt\"); int n = 0; in >> n; std::cout << n;"), {}},

    {"ARandomDeviceIsEntropy", main_with(kRandom, "std::random_device device; std::mt19937 rng(device()); return rng() & 1;"), {"entropy std::random_device"}},
    {"ATemporaryOneToo", main_with(kRandom, "std::mt19937 rng{std::random_device{}()}; return rng() & 1;"), {"entropy std::random_device"}},
    {"AMemberToo", kRandom + "struct S { std::random_device d; std::mt19937 rng; S() : rng(d()) {} }; int main() { S s; return s.rng() & 1; }", {"entropy std::random_device"}},
    {"GetrandomIsEntropy", main_with(kRandom, "unsigned s = 0; getrandom(&s, sizeof s, 0); getentropy(&s, sizeof s); return s & 1;"), {"entropy getentropy", "entropy getrandom"}},
    {"ItsFileIsEntropy", main_with(kRandom, "std::ifstream in(\"/dev/urandom\"); return in.get();"), {"entropy /dev/urandom"}},
    {"WhatAnotherProcessWritesIsTakenFromIt", main_with("#include <cstdio>\n", "FILE* f = popen(\"date\", \"r\"); return fgetc(f) & 1;"), {"entropy popen"}},
    {"WhatIsOnlyWrittenToAnotherProcessIsNot", main_with("#include <cstdio>\n", "FILE* f = popen(\"gnuplot\", \"w\"); fputs(\"plot\", f); return pclose(f) & 1;"), {}},
    {"AForkedProcessToo", main_with("#include <unistd.h>\n", "return fork() == 0;"), {"entropy fork"}},
    {"AClockThatIsFoundByNameToo", main_with("#include <dlfcn.h>\n", "return dlsym(nullptr, \"time\") == nullptr;"), {"entropy dlsym"}},
    {"AnotherFunctionThatIsFoundByNameIsNot", main_with("#include <dlfcn.h>\n", "return dlsym(nullptr, \"openblas_set_num_threads\") == nullptr;"), {}},
    {"AFunctionThatIsHandedOnIsWhatItGives", main_with(kRandom, "auto f = &getentropy; unsigned s = 0; f(&s, sizeof s); return s & 1;"), {"entropy getentropy"}},
    {"AVariableByAPointerToGetenvIsNotKnown", main_with(kEnv, "auto f = &getenv; return f(\"SEED\") != nullptr;"), {"environment "}},
    {"AFixedSeedIsNot", main_with(kRandom, "std::mt19937 rng(42); std::normal_distribution<double> normal; std::srand(7); std::default_random_engine other; return normal(rng) + other() > std::rand();"), {}},
    {"TorchsGeneratorsAreNot", main_with("#include <torch/torch.h>\n", "at::Tensor a = torch::randn(3); return a.size(0);"), {}},
    {"ATimeThatSeedsIsAClock", main_with(kRandom, "std::srand(time(nullptr)); return std::rand() & 1;"), {"clock time"}},
    {"ATimeThatSeedsAnEngineIsAClock", main_with(kRandom, "std::mt19937 rng(static_cast<unsigned>(std::time(nullptr))); return rng() & 1;"), {"clock time"}},
};
INSTANTIATE_TEST_SUITE_P(Inputs, Outside, testing::ValuesIn(kInputs), claim_of);

#define LOOP(before, body) kTime + "int main() { " before " for (int e : hindsight::loop(\"epoch\", 9)) { (void)e; " body " } }"

const Row kHarmless[] = {
    {"TimingThatIsPrinted", LOOP("", "auto start = clk::now(); work(e); std::chrono::duration<double> took = clk::now() - start; std::printf(\"%.3f s\\n\", took.count());"), {}},
    {"TimingThatIsStreamed", LOOP("auto start = clk::now();", "std::cout << std::fixed << std::setprecision(2) << std::chrono::duration_cast<std::chrono::milliseconds>(clk::now() - start).count() << \" ms\\n\";"), {}},
    {"TimingThatIsLogged", LOOP("auto start = clk::now();", "const double seconds = std::chrono::duration<double>(clk::now() - start).count(); hindsight::log(\"seconds\", seconds); HINDSIGHT_LOG(\"rate\", 10 / seconds);"), {}},
    {"ATotal", LOOP("double total = 0;", "auto start = clk::now(); work(e); total += std::chrono::duration<double>(clk::now() - start).count(); std::cout << total / (e + 1);"), {}},
    {"ATimerClass", kTime + "class Timer { public: Timer() : start_(clk::now()) {} void reset() { start_ = clk::now(); } double seconds() const { return std::chrono::duration<double>(clk::now() - start_).count(); } private: clk::time_point start_; };\n"
                            "int main() { Timer t; for (int e : hindsight::loop(\"epoch\", 9)) { t.reset(); work(e); std::printf(\"%f\", t.seconds()); } }", {}},
    {"ATimerThatPrintsAtItsEnd", kTime + "struct Scope { clk::time_point from = clk::now(); const char* name; explicit Scope(const char* n) : name(n) {} ~Scope() { std::cerr << name << (clk::now() - from).count(); } }; int main() { Scope s(\"all\"); work(1); }", {}},
    {"AHelperThatReturnsIt", kTime + "static double now() { timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return double(t.tv_sec) + 1e-9 * double(t.tv_nsec); } int main() { double a = now(); work(1); std::printf(\"%f\", now() - a); }", {}},
    {"ALambdaThatReturnsIt", LOOP("auto start = clk::now(); auto seconds = [&] { return std::chrono::duration<double>(clk::now() - start).count(); };", "work(e); std::cout << seconds();"), {}},
    {"AFunctionThatPrintsIt", kTime + "void report(int e, double loss, double seconds) { std::printf(\"%d %f %f\", e, loss, seconds); } int main() { auto s = clk::now(); report(1, work(1), std::chrono::duration<double>(clk::now() - s).count()); }", {}},
    {"AListOfTimes", LOOP("std::vector<double> times;", "auto s = clk::now(); work(e); times.push_back(std::chrono::duration<double>(clk::now() - s).count()); std::sort(times.begin(), times.end()); std::cout << std::accumulate(times.begin(), times.end(), 0.0) / double(times.size());"), {}},
    {"AnArrayOfTimes", LOOP("double times[9] = {};", "auto s = clk::now(); work(e); times[e] = (clk::now() - s).count(); for (double t : times) std::cout << t;"), {}},
    {"TextMadeOfIt", LOOP("auto s = clk::now();", "std::string text = \"took \" + std::to_string((clk::now() - s).count()); std::ostringstream out; out << text; std::puts(out.str().c_str());"), {}},
    {"TheDateAsText", main_with(kTime, "std::time_t t = std::time(nullptr); char b[64]; std::strftime(b, sizeof b, \"%F\", std::localtime(&t)); std::printf(\"%s\", b); std::cout << std::put_time(std::localtime(&t), \"%F\");"), {}},
    {"AMessageEveryFewSeconds", LOOP("auto last = clk::now();", "double loss = work(e); auto now = clk::now(); if (now - last > std::chrono::seconds(5)) { std::printf(\"%d %f\", e, loss); last = now; }"), {}},
    {"AMemberOfTheUsersStruct", kTime + "struct Row { int e; double loss; double seconds; }; int main() { std::vector<Row> rows; auto s = clk::now(); for (int e : hindsight::loop(\"epoch\", 9)) { Row row{e, work(e), std::chrono::duration<double>(clk::now() - s).count()}; rows.push_back(row); }\n"
                                "for (const Row& row : rows) std::printf(\"%d %f %f\", row.e, row.loss, row.seconds); return rows.size() > 3 && rows[0].loss > 1; }", {}},
    {"WaitingForIt", LOOP("auto next = clk::now();", "next += std::chrono::milliseconds(5); std::this_thread::sleep_until(next);"), {}},
    {"AFileForItsText", main_with(kTime, "std::ofstream out(\"times.txt\"); out << std::time(nullptr) << '\\n';"), {}},
    {"ATimeOutsideOfFunctions", kTime + "static const auto start = clk::now(); int main() { work(1); std::cout << (clk::now() - start).count(); }", {}},
    {"NoClockAtAll", LOOP("double sum = 0;", "sum += work(e); hindsight::log(\"sum\", sum);"), {}},
};
INSTANTIATE_TEST_SUITE_P(Harmless, Outside, testing::ValuesIn(kHarmless), claim_of);

const Row kShown[] = {
    {"AnAddressThatIsPrinted", main_with(kTime, "std::vector<int> v(3); std::printf(\"%p\", (void*)v.data());"), {}},
    {"ARoomThatIsPrinted", main_with(kTime, "std::vector<int> v(3); const std::size_t room = v.capacity() - v.size(); std::printf(\"%zu\", room);"), {}},
    {"MemoryInUseThatIsPrinted", main_with(kTime, "std::ifstream in(\"/proc/self/statm\"); long pages = 0; in >> pages; std::printf(\"%ld\", pages);"), {}},
    {"ASetOfPointersThatIsOnlyAsked", main_with(kTime + "#include <set>\n", "int a[3] = {}; std::set<int*> seen; for (int& x : a) if (seen.insert(&x).second) work(x); return int(seen.size());"), {}},
    {"PointersThatGoThroughAnArray", main_with(kTime, "double a[3] = {}; for (double* p = a; p < a + 3; ++p) *p = work(1); return a[2] > 1;"), {}},
    {"ALockAroundIntegers", kTime + "#include <mutex>\nstd::mutex m; int n = 0; void add() { std::lock_guard<std::mutex> lock(m); n += 1; } int main() { add(); return n; }", {}},
    {"ANumberPerThread", kTime + "#include <mutex>\nstd::mutex m; double part[4]; void add(int t) { double x = work(t); std::lock_guard<std::mutex> lock(m); part[t] = x; } int main() { add(1); return part[1] > 2; }", {}},
};
INSTANTIATE_TEST_SUITE_P(Shown, Outside, testing::ValuesIn(kShown), claim_of);

const Row kPlaces[] = {
    {"AnAddressThatDecides", main_with(kTime + "#include <cstdint>\n", "std::vector<double> v(9); std::size_t i = 0; while (reinterpret_cast<std::uintptr_t>(&v[i]) % 64 != 0) work(int(i++));"), {"clock an address as a number"}},
    {"AnOrderOfAddressesThatDecides", main_with(kTime + "#include <set>\n", "int a[3] = {1, 2, 3}; std::set<int*> all{a, a + 1, a + 2}; int s = 0; for (int* x : all) s = 3 * s + *x; return s;"), {"clock an order of addresses"}},
    {"ThatOfSharedPointersToo", main_with(kTime + "#include <set>\n#include <memory>\n", "std::set<std::shared_ptr<int>> all; int s = 0; for (const auto& x : all) s = 3 * s + *x; return s;"), {"clock an order of addresses"}},
    {"ThatOfIteratorsToo", main_with(kTime + "#include <set>\n", "std::set<int*> all; int s = 0; for (auto at = all.begin(); at != all.end(); ++at) s = 3 * s + **at; return s;"), {"clock an order of addresses"}},
    {"ARoomThatDecides", main_with(kTime, "std::vector<int> v; if (v.size() == v.capacity()) work(1);"), {"clock std::vector<int>::capacity"}},
    {"AnOrderOfThreadsThatDecides", kTime + "#include <mutex>\nstd::mutex m; double n = 0; void add(double x) { std::lock_guard<std::mutex> lock(m); n += x; } int main() { add(1); return n > 2; }", {"clock the order in which threads come to a lock"}},
    {"MemoryInUseThatDecides", main_with(kTime, "std::ifstream in(\"/proc/self/statm\"); long pages = 0; in >> pages; if (pages > 1000) work(1);"), {"clock /proc/self/statm"}},
};
INSTANTIATE_TEST_SUITE_P(Places, Outside, testing::ValuesIn(kPlaces), claim_of);

TEST(Outside, TheOrderOfAnOpenMpReductionIsNotGivenBack) {
  const auto uses = [](const std::string& type, const std::string& pragma, const std::string& inner) {
    Names out;
    const UnitReport report = report_on("#include <hindsight/hindsight.h>\nint main() { " + type + " s = 0;\n#pragma omp " + pragma + "\nfor (int i = 0; i < 9; ++i)\n{\n" + inner + "\ns += i; }\nreturn s > 3; }", {"-fopenmp"});
    for (const OutsideReport& use : report.outside) out.insert(use.what);
    return out;
  };
  EXPECT_EQ(uses("double", "parallel for reduction(+ : s)", ""), Names{"the order of an OpenMP reduction"});
  EXPECT_EQ(uses("float", "parallel for", "#pragma omp critical"), Names{"the order of OpenMP threads"});
  EXPECT_EQ(uses("float", "parallel for", "#pragma omp atomic"), Names{"the order of OpenMP threads"});
  EXPECT_EQ(uses("long", "parallel for reduction(+ : s)", ""), Names{});
  EXPECT_EQ(uses("long", "parallel for", "#pragma omp atomic"), Names{});
}

const Row kEscapes[] = {
    {"ASeed", LOOP("std::mt19937 rng(clk::now().time_since_epoch().count());", "hindsight::log(\"x\", rng());"), kNow},
    {"ASeedThroughVariables", LOOP("auto t = clk::now(); auto n = t.time_since_epoch(); unsigned seed = unsigned(n.count()); std::mt19937 rng; rng.seed(seed);", "hindsight::log(\"x\", rng());"), kNow},
    {"ASeedThroughAFunction", kTime + "void seed(unsigned s) { std::srand(s); } int main() { seed(unsigned(clk::now().time_since_epoch().count())); }", kNow},
    {"ASeedThroughAResult", kTime + "unsigned pick() { return unsigned(clk::now().time_since_epoch().count()); } int main() { std::mt19937 rng(pick()); return rng() & 1; }", kNow},
    {"ASeedThroughAReference", kTime + "static void pick(unsigned& out) { out = unsigned(clk::now().time_since_epoch().count()); } int main() { unsigned s = 0; pick(s); std::srand(s); }", kNow},
    {"ASeedThroughAPointer", main_with(kTime, "long s = 0; long* p = &s; *p = clk::now().time_since_epoch().count(); std::srand(unsigned(s));"), kNow},
    {"ASeedThroughAPointerSetLater", main_with(kTime, "long s = 0, o = 0; long* p = &o; p = &s; *p = clk::now().time_since_epoch().count(); std::srand(unsigned(s));"), kNow},
    {"ASeedThroughALocalReference", main_with(kTime, "long s[2] = {}; long& r = s[1]; r = clk::now().time_since_epoch().count(); std::srand(unsigned(s[1]));"), kNow},
    {"ASeedThroughAMember", kTime + "struct Config { unsigned seed = 1; }; int main() { Config c; c.seed = unsigned(clk::now().time_since_epoch().count()); std::mt19937 rng(c.seed); return rng() & 1; }", kNow},
    {"ASeedThroughAContainer", main_with(kTime, "std::vector<unsigned> s; s.push_back(unsigned(clk::now().time_since_epoch().count())); std::seed_seq q(s.begin(), s.end()); std::mt19937 rng(q); return rng() & 1;"), kNow},
    {"ASeedThroughText", main_with(kTime, "std::ostringstream out; out << clk::now().time_since_epoch().count(); std::srand(unsigned(out.str()[3]));"), kNow},
    {"ASeedThroughACapture", main_with(kTime, "auto t = clk::now().time_since_epoch().count(); auto f = [t] { std::srand(unsigned(t)); }; f();"), kNow},
    {"ASeedThroughAnInitCapture", main_with(kTime, "auto f = [t = clk::now().time_since_epoch().count()] { std::srand(unsigned(t)); }; f();"), kNow},
    {"ASeedThroughALambdasParameter", main_with(kTime, "std::vector<long> v{clk::now().time_since_epoch().count()}; std::count_if(v.begin(), v.end(), [](long t) { std::srand(unsigned(t)); return true; });"), kNow},
    {"ASeedThroughAStructuredBinding", main_with(kTime, "auto [a, b] = std::pair<long, int>(clk::now().time_since_epoch().count(), 1); std::srand(unsigned(a) + b);"), kNow},
    {"ASeedThroughAGlobal", kTime + "static long s = 0; int main() { s = clk::now().time_since_epoch().count(); std::srand(unsigned(s)); }", kNow},
    {"ALimitOfTime", LOOP("auto start = clk::now();", "work(e); if (clk::now() - start > std::chrono::seconds(60)) break;"), kNow},
    {"ALoopForSomeTime", kTime + "int main() { double w = 0; auto start = clk::now(); while (clk::now() - start < std::chrono::seconds(1)) w += work(1); return w > 3; }", kNow},
    {"AnArgumentOfTheTraining", LOOP("auto start = clk::now();", "work(int((clk::now() - start).count()));"), kNow},
    {"ABranchThatTrains", LOOP("auto start = clk::now();", "if (clk::now() - start > std::chrono::seconds(60)) work(e);"), kNow},
    {"AThrow", LOOP("auto start = clk::now();", "if (clk::now() - start > std::chrono::seconds(60)) throw 1;"), kNow},
    {"AnExitStatus", kTime + "int main() { auto start = clk::now(); work(1); return clk::now() - start > std::chrono::seconds(60); }", kNow},
    {"ATensor", "#include <torch/torch.h>\n" + LOOP("auto start = clk::now();", "at::Tensor a = torch::zeros(3) * double((clk::now() - start).count()); hindsight::log(\"n\", a.size(0));"), kNow},
    {"AnUnknownFunction", kTime + "extern void (*hook)(long); int main() { hook(clk::now().time_since_epoch().count()); }", kNow},
    {"AFunctionOfAnotherUnit", kTime + "void f(long); int main() { f(clk::now().time_since_epoch().count()); }", kNow},
    {"AVirtualFunction", kTime + "struct B { virtual void f(long) {} }; int main() { B b; b.f(clk::now().time_since_epoch().count()); }", kNow},
    {"AnObjectOfAnotherUnit", kTime + "extern long shared; int main() { shared = clk::now().time_since_epoch().count(); }", kNow},
    {"AClockByAPointerToItsFunction", main_with(kTime, "auto f = &clk::now; std::srand(unsigned(f().time_since_epoch().count()));"), kNow},
    {"AClockThatALibraryCalls", kTime + "#include <functional>\nint main() { std::function<clk::time_point()> f = clk::now; std::srand(unsigned(f().time_since_epoch().count())); }", kNow},
    {"AnInstruction", main_with(kTime, "unsigned low = 0, high = 0; __asm__ volatile(\"rdtsc\" : \"=a\"(low), \"=d\"(high)); std::srand(low);"), {"clock rdtsc"}},
    {"AProcessNumber", main_with(kTime + "#include <unistd.h>\n", "std::srand(unsigned(getpid()));"), {"clock getpid"}},
    {"AnOutParameter", main_with(kTime, "timespec t; clock_gettime(CLOCK_REALTIME, &t); std::srand(unsigned(t.tv_nsec));"), {"clock clock_gettime"}},
    {"ATimeThroughItsArgument", main_with(kTime, "std::time_t t; std::time(&t); std::srand(unsigned(t));"), {"clock time"}},
};
INSTANTIATE_TEST_SUITE_P(Escapes, Outside, testing::ValuesIn(kEscapes), claim_of);

TEST(OutsideReport, SaysWhereAClockIsReadAndWhereItGoes) {
  const UnitReport report = report_on("#include <ctime>\n#include <cstdlib>\nint main() {\n  const long t = time(nullptr);\n\n  srand(unsigned(t));\n}\n");
  ASSERT_EQ(report.outside.size(), 1u);
  EXPECT_EQ(report.outside[0].line, 4u);
  EXPECT_EQ(report.outside[0].used_line, 6u);
  EXPECT_EQ(report.outside[0].used_file, "src/main.cc");
}

TEST(OutsideReport, NamesWhatIsLoggedWithATime) {
  const UnitReport report = report_on("#include <hindsight/hindsight.h>\n" + kTime +
                                      "int main() { auto s = clk::now(); for (int e : hindsight::loop(\"epoch\", 9)) { double loss = work(e); hindsight::log(\"loss\", loss);\n"
                                      "double t = std::chrono::duration<double>(clk::now() - s).count(); hindsight::log(\"seconds\", t); HINDSIGHT_LOG(\"rate\", loss / t); if (t > 5) hindsight::log(\"slow\", e); } }");
  EXPECT_EQ(report.volatile_names, (std::vector<VolatileName>{{"loss", "work(int)"}, {"rate", ""}, {"rate", "work(int)"}, {"seconds", ""}, {"slow", ""}}));
  EXPECT_TRUE(report.outside.empty());
}

TEST(OutsideReport, AMemberThatOtherUnitsSeeIsNotFollowed) {
  const UnitAnalysis shared = analyse_unit({.text = "#include <ctime>\n#include \"../s.h\"\nint main() { S s; s.t = time(nullptr); }", .headers = {{"s.h", "#pragma once\nstruct S { long t; };"}}, .flags = {}});
  ASSERT_TRUE(shared.report.parsed) << shared.report.problem;
  EXPECT_EQ(shared.report.outside.size(), 1u);
  const UnitAnalysis whole = analyse_unit({.text = "#include \"../s.h\"\nint main() { S s; return 0; }", .headers = {{"s.h", "#pragma once\n#include <ctime>\nstruct S { long t = time(nullptr); };"}}, .flags = {}});
  ASSERT_TRUE(whole.report.parsed) << whole.report.problem;
  EXPECT_TRUE(whole.report.outside.empty());
}

FunctionReport function_of(const UnitReport& report, const std::string& name) {
  for (const FunctionReport& each : report.functions) {
    if (each.name == name) return each;
  }
  ADD_FAILURE() << "no " << name;
  return {};
}

UnitReport helper(const std::string& declaration, const std::string& body) {
  const UnitAnalysis analysis = analyse_unit({.text = kTime + "#include \"../now.h\"\n" + body, .headers = {{"now.h", "#pragma once\n#include <memory>\n" + declaration}}, .flags = {}});
  EXPECT_TRUE(analysis.report.parsed) << analysis.report.problem;
  return analysis.report;
}

TEST(OutsideReport, AHelperThatGivesOtherUnitsTheTimeSaysSo) {
  const UnitReport report = helper("long now();", "long now() { return time(nullptr); }");
  EXPECT_TRUE(report.outside.empty());
  EXPECT_EQ(function_of(report, "now()").gives_time.size(), 1u);
  const UnitReport method = helper("struct Timer { double seconds() const; private: long start = 0; };", "double Timer::seconds() const { return double(time(nullptr) - start); }");
  EXPECT_TRUE(method.outside.empty());
  EXPECT_EQ(function_of(method, "Timer::seconds() const").gives_time.size(), 1u);
}

TEST(OutsideReport, AHelperThatShowsTheTimeGivesNone) {
  const UnitReport report = helper("double timed();", "double timed() { auto s = clk::now(); double y = work(1); std::printf(\"%f\", std::chrono::duration<double>(clk::now() - s).count()); return y; }");
  EXPECT_TRUE(report.outside.empty());
  EXPECT_TRUE(function_of(report, "timed()").gives_time.empty());
  EXPECT_EQ(function_of(report, "timed()").gives_results_of, std::vector<std::string>{"work(int)"});
}

TEST(OutsideReport, WhatOtherUnitsGetOtherwiseThanAsAPlainResultIsNotFollowed) {
  EXPECT_EQ(helper("void now(long& out);", "void now(long& out) { out = time(nullptr); }").outside.size(), 1u);
  EXPECT_EQ(helper("void now(long* out);", "void now(long* out) { *out = time(nullptr); }").outside.size(), 1u);
  EXPECT_EQ(helper("struct T { long t; }; T now();", "T now() { return T{time(nullptr)}; }").outside.size(), 1u);
  EXPECT_EQ(helper("struct T { virtual long now() const; };", "long T::now() const { return time(nullptr); }").outside.size(), 1u);
}

// What a unit says of `double now();`, whose body it does not have.
UnitReport user_of_now(const std::string& body) {
  return report_on("#include <hindsight/hindsight.h>\n" + kTime + "double now();\n" + body);
}

TEST(OutsideReport, AResultOfAnotherUnitIsFollowedAsIfItWereTheTime) {
  const UnitReport seeded = user_of_now("int main() { std::srand(unsigned(now())); }");
  ASSERT_EQ(seeded.outside.size(), 1u);
  EXPECT_EQ(seeded.outside[0].condition, "now()");
  EXPECT_EQ(seeded.outside[0].what, "now");
  EXPECT_TRUE(user_of_now("int main() { auto s = now(); work(1); std::printf(\"%f\", now() - s); }").outside.empty());
  const UnitReport logged = user_of_now("int main() { for (int e : hindsight::loop(\"epoch\", 9)) { auto s = now(); work(e); hindsight::log(\"seconds\", now() - s); } }");
  EXPECT_TRUE(logged.outside.empty());
  EXPECT_EQ(logged.volatile_names, (std::vector<VolatileName>{{"seconds", "now()"}}));
  EXPECT_EQ(function_of(user_of_now("double later() { return now() + 1; }"), "later()").gives_results_of, std::vector<std::string>{"now()"});
}

TEST(OutsideReport, AFunctionOfAnotherUnitThatIsHandedOnIsNotFollowed) {
  const UnitReport report = user_of_now("#include <functional>\nint main() { std::function<double()> f = now; std::srand(unsigned(f())); }");
  ASSERT_EQ(report.outside.size(), 1u);
  EXPECT_EQ(report.outside[0].condition, "now()");
}

// ---- probes ----

struct Asked {
  const char* claim;
  std::string before;      // outside of main
  std::string expression;
  std::string why;
};
std::ostream& operator<<(std::ostream& out, const Asked& row) { return out << row.claim; }

class ProbeValue : public testing::TestWithParam<Asked> {};
TEST_P(ProbeValue, SaysWhatItTakesFromOutside) {
  const std::string text = "#include <hindsight/hindsight.h>\n#include <unistd.h>\n#include <cstdint>\n#include <set>\n#include <functional>\n#include <filesystem>\n#include <map>\n" + kTime + kEnv + kRandom + kIn + GetParam().before +
                           "\nint main() { std::vector<double> w(3); const double* p = w.data(); auto start = clk::now(); double took = 0; for (int e : hindsight::loop(\"epoch\", 9)) {\n"
                           "took = std::chrono::duration<double>(clk::now() - start).count();\nw[0] = work(e);\nstd::cout << took << *p; } }";
  const UnitAnalysis analysis = analyse_unit({.text = text, .headers = {}, .flags = {}}, {make_probe("after", "w[0] = work(e);", GetParam().expression)});
  ASSERT_TRUE(analysis.report.parsed) << analysis.report.problem;
  ASSERT_EQ(analysis.report.probes.size(), 1u);
  ASSERT_EQ(analysis.report.probes[0].placed.size(), 1u) << analysis.report.probes[0].refused;
  const std::string why = analysis.report.probes[0].placed[0].volatile_why;
  EXPECT_EQ(why.substr(0, GetParam().why.size()), GetParam().why);
  EXPECT_EQ(why.empty(), GetParam().why.empty()) << why;
}
const Asked kAsked[] = {
    {"AValueOfTheTrainingTakesNothing", "", "w[0] * 2", ""},
    {"NorDoesAFunctionOfIt", "double twice(const std::vector<double>& v) { double s = 0; for (double x : v) s += x; return s; }", "twice(w)", ""},
    {"NorDoesAPointersValue", "", "*p + p[1]", ""},
    {"NorDoesAPointersPresence", "", "p != nullptr", ""},
    {"NorDoesADifferenceOfTwo", "", "p - w.data()", ""},
    {"NorDoesAFunctionThatTimesItself", "double timed(double x) { auto s = clk::now(); double y = x * x; std::printf(\"%f\", std::chrono::duration<double>(clk::now() - s).count()); return y; }", "timed(w[0])", ""},
    {"AClockIsNamed", "", "clk::now().time_since_epoch().count()", "std::chrono::steady_clock::now"},
    {"TimeIsNamed", "", "std::time(nullptr)", "time"},
    {"AVariableThatHoldsATimeIsNamedAfterTheClock", "", "took", "std::chrono::steady_clock::now"},
    {"AFunctionThatReturnsATimeToo", "double since() { return double(clk::now().time_since_epoch().count()); }", "since()", "std::chrono::steady_clock::now"},
    {"AProcessIdIsNamed", "", "getpid()", "getpid"},
    {"EntropyIsNamed", "", "std::random_device{}()", "std::random_device"},
    {"EntropyInAFunctionToo", "unsigned draw() { std::random_device d; return d(); }", "draw()", "std::random_device"},
    {"EntropyInAFunctionOfAFunctionToo", "unsigned draw() { std::random_device d; return d(); } struct A { unsigned get() const { return draw(); } };", "A{}.get()", "std::random_device"},
    {"EntropyInALambdaToo", "unsigned draw() { std::random_device d; return d(); }", "[] { return draw(); }()", "std::random_device"},
    {"EntropyBehindAVirtualFunctionToo", "struct B { virtual unsigned get() const { return 0; } }; struct D : B { unsigned get() const override { return std::random_device{}(); } }; const B& any() { static D d; return d; }", "any().get()", "std::random_device"},
    {"AnAddressAsANumberIsNamed", "", "reinterpret_cast<std::uintptr_t>(p)", "an address as a number"},
    {"AHashOfAnAddressIsNamed", "", "std::hash<const double*>{}(p)", "the hash of an address"},
    {"AnAddressAsTextIsNamed", "", "[&] { std::ostringstream s; s << static_cast<const void*>(p); return s.str(); }()", "an address as text"},
    {"AnOrderOfAddressesIsNamed", "", "p < &w[1]", "an order of addresses"},
    {"ASetOfAddressesIsNamed", "", "**std::set<const double*>{p, &w[1]}.begin()", "an order of addresses"},
    {"AnAlgorithmWithAFunctionsNameIsNoFile", "", "[v = w]() mutable { return std::remove(v.begin(), v.end(), 0.0) == v.end(); }()", ""},
    {"AFileIsNamed", "", "std::filesystem::exists(\"x\")", "files"},
    {"AStreamOfAFileIsNamed", "double load() { std::ifstream in(\"x\"); double d = 0; in >> d; return d; }", "load()", "files"},
    {"AVariableIsNamed", "", "getenv(\"HOME\") != nullptr", "the environment"},
    {"InputIsNamed", "", "getchar()", "standard input"},
    {"TheCapacityOfAContainerIsNamed", "", "w.capacity()", "std::vector<double>::capacity"},
    {"ErrnoIsNamed", "#include <cerrno>\n", "errno", "errno"},
    {"TheMachineIsNamed", "", "std::thread::hardware_concurrency()", "std::thread::hardware_concurrency"},
};
INSTANTIATE_TEST_SUITE_P(Expressions, ProbeValue, testing::ValuesIn(kAsked), [](const testing::TestParamInfo<Asked>& row) { return std::string(row.param.claim); });

TEST(ProbeValue, OneThatTakesNothingIsNotTaintedByAnother) {
  Probe clean = make_probe("after", "w = work(e);", "w * 2");
  Probe timed = make_probe("after", "w = work(e);", "std::time(nullptr)");
  timed.id = std::string(32, 'a');
  timed.name = "timed";
  const UnitAnalysis analysis = analyse_unit({.text = "#include <hindsight/hindsight.h>\n#include <ctime>\ndouble work(int); int main() { double w = 0; for (int e : hindsight::loop(\"epoch\", 9)) { w = work(e); } return w > 3; }", .headers = {}, .flags = {}},
                                             {clean, timed});
  ASSERT_EQ(analysis.report.probes.size(), 2u);
  EXPECT_EQ(analysis.report.probes[0].placed.at(0).volatile_why, "");
  EXPECT_EQ(analysis.report.probes[0].placed.at(0).results_of, std::vector<std::string>{"work(int)"});
  EXPECT_EQ(analysis.report.probes[1].placed.at(0).volatile_why, "time");
  EXPECT_TRUE(analysis.report.probes[1].placed.at(0).results_of.empty());
  for (const OutsideReport& each : analysis.report.outside) EXPECT_EQ(each.condition, "work(int)");
}

}  // namespace
}  // namespace hindsight::instrument
