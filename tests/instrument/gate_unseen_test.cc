// The gate, of calls that no name shows: through pointers and function objects, and those that a library makes.
#include <gtest/gtest.h>

#include "gate_rows.h"

namespace hindsight::instrument {
namespace {

class UnseenCall : public testing::TestWithParam<Row> {};

TEST_P(UnseenCall, NamesWhatTheStateLeavesOut) { EXPECT_EQ(missing_in(GetParam().text), GetParam().missing) << GetParam().text; }

const Row kRows[] = {
    {"ACallThroughAPointerMayRunWhatHasItsAddressTaken", "#include <functional>\nint a = 0, b = 0; static int c = 0; void set() { a = 1; } void other() { b = 1; } void (*kept)() = set; " MAIN("std::function<void(int)> f;", "", "f(c);"), {"a", "f"}},
    {"ItMayRunWhatATableHas", "#include <functional>\nint a = 0; void set() { a = 1; } struct S { static void (*const table[])(); }; void (*const S::table[])() = {set}; " MAIN("std::function<void()> f;", "", "f();"), {"a", "f"}},
    {"ItMayRunADefaultArgument", "#include <functional>\nint a = 0; void set() { a = 1; } void take(void (*)() = set); " MAIN("std::function<void()> f; take();", "", "f();"), {"a", "f"}},
    {"ItMayRunADefaultMember", "#include <functional>\nint a = 0; void set() { a = 1; } struct S { void (*f)() = set; }; " MAIN("std::function<void()> f;", "", "f();"), {"a", "f"}},
    {"ItMayRunAMethodWhoseAddressIsTaken", "#include <functional>\nint a = 0, b = 0; struct S { void set() { a = 1; } void other() { b = 1; } }; auto kept = &S::set; " MAIN("std::function<void()> f;", "", "f();"), {"a", "f"}},
    {"ItMayRunAnInstanceWhoseAddressIsTaken", "#include <functional>\nint a = 0, b = 0; template <class T> void set(T) { a = 1; } template <class T> void other(T) { b = 1; } void (*kept)(int) = set<int>; " MAIN("std::function<void()> f; other(1);", "", "f();"), {"a", "f"}},
    {"ItMayRunALambdaThatGoesAnywhere", "#include <functional>\nint a = 0, b = 0; std::function<void()> make() { return [] { a = 1; }; } void direct() { auto l = [] { b = 1; }; l(); } " MAIN("std::function<void()> f = make();", "", "f();"), {"a", "f"}},
    {"ItMayRunAnObjectThatIsCalledLikeAFunction", "#include <functional>\nint a = 0; struct F { void operator()() const { a = 1; } }; std::function<void()> make() { return F(); } " MAIN("std::function<void()> f = make();", "", "f();"), {"a", "f"}},
    {"ItMayRunAVirtualMethod", "#include <functional>\nint a = 0; struct B { virtual void run() { a = 1; } }; std::function<void(B&)> make(); " MAIN("B x; std::function<void(B&)> f = make();", ", x", "f(x);"), {"a", "f"}},
    {"ItMayRunWhatMakesAnObject", "#include <functional>\nint a = 0; struct C { C() { } C(const C&) { ++a; } }; std::function<void(C)> make(); " MAIN("C x; std::function<void(C)> f = make();", ", x", "f(x);"), {"a", "f"}},
    {"ItMayRunADefaultMemberOfALocalClass", "int a = 0; double set(double x) { a = 1; return x; } " MAIN("struct C { double (*f)(double) = &set; } c;", ", c.f", "c.f(e);"), {"a"}},
    {"ItMayRunAStaticMemberOfATemplate", "int a = 0; template <class T> struct S { static void set() { a = 1; } static inline void (*f)() = &S::set; void run() { f(); } }; " MAIN("S<int> s;", "", "s.run();"), {"a"}},
    {"ItMayRunAMemberOfATemplate", "int a = 0; template <class T> struct S { void set() { a = 1; } void (S::*f)() = &S::set; void run() { (this->*f)(); } }; " MAIN("S<int> s;", ", s", "s.run();"), {"a"}},
    {"ItMayRunTheArgumentOfATemplate", "int a = 0; void set() { a = 1; } template <void (*F)() = set> struct S { void (*p)() = F; }; " MAIN("S<> s;", ", s.p", "s.p();"), {"a"}},
    {"ItMayRunTheArgumentOfALibrarysTemplate", "#include <type_traits>\nint a = 0; void set() { a = 1; } void (*p)() = std::integral_constant<void (*)(), &set>::value; " MAIN("", "", "p();"), {"a"}},
    {"ItMayRunWhatHasCLinkage", "int a = 0; extern \"C\" void set() { a = 1; } " MAIN("void (*p)() = nullptr; void* found = nullptr; p = reinterpret_cast<void (*)()>(found);", ", p", "p();"), {"a"}},
    {"ADeleterBehindAPointerIsCalled", "#include <memory>\nint a = 0; void closer(int* p) { a = 1; delete p; } " MAIN("", "", "std::unique_ptr<int, void (*)(int*)> p(new int, closer);"), {"a"}},
    {"ADeleterBehindAPointerInATupleIsCalled", "#include <memory>\n#include <tuple>\nint a = 0; void closer(int* p) { a = 1; delete p; } " MAIN("", "", "std::tuple<int, std::unique_ptr<int, void (*)(int*)>> t(1, std::unique_ptr<int, void (*)(int*)>(nullptr, closer));"), {"a"}},
    {"AComparisonBehindAPointerIsCalled", "#include <set>\nint a = 0; bool less(int x, int y) { a = 1; return x < y; } " MAIN("", "", "std::set<int, bool (*)(int, int)> s(less); s.insert(e);"), {"a"}},
    {"AComparisonInAStdFunctionIsCalled", "#include <functional>\n#include <queue>\nint a = 0; using F = std::function<bool(int, int)>; F make() { return [](int x, int y) { a = 1; return x < y; }; } " MAIN("", "", "std::priority_queue<int, std::vector<int>, F> q(make()); q.push(e);"), {"a"}},
    {"WhatAnStdAnyHoldsIsDestroyed", "#include <any>\nint a = 0; struct S { S() = default; S(const S&) { ++a; } }; " MAIN("std::any any = S();", ", any", "std::any other = any;"), {"a"}},
    {"AnInheritedComparisonIsCalled", "#include <algorithm>\nint a = 0; struct B { bool operator()(int x, int y) const { ++a; return x < y; } }; struct C : B {}; " MAIN("int v[3] = {3, 1, 2};", ", v", "std::sort(v, v + 3, C());"), {"a"}},
    {"AnImplicitConstructorMakesItsBases", "#include <vector>\nint a = 0; struct B { B() { ++a; } }; struct C : B { double x = 0; }; " MAIN("", "", "std::vector<C> v(3);"), {"a"}},
    {"AnImplicitConstructorMakesItsMembers", "#include <vector>\nint a = 0; struct B { B() = default; B(const B&) { ++a; } }; struct C { B b; }; " MAIN("C c;", "", "std::vector<C> v(3, c);"), {"a"}},
    {"AnInserterCallsTheContainersPushBack", "#include <algorithm>\n#include <iterator>\nint a = 0; struct L { using value_type = int; void push_back(int x) { a += x; } }; " MAIN("L log; const int in[2] = {1, 2};", ", log", "std::copy(in, in + 2, std::back_inserter(log));"), {"a"}},
    {"ALibraryMayCallWhatOverridesItsMethods", "#include <memory_resource>\n#include <vector>\nint a = 0; struct R : std::pmr::memory_resource { void* do_allocate(std::size_t n, std::size_t) override { ++a; return ::operator new(n); } void do_deallocate(void* p, std::size_t, std::size_t) override { ::operator delete(p); } bool do_is_equal(const memory_resource& o) const noexcept override { return this == &o; } }; " MAIN("R r;", "", "std::pmr::vector<int> v(3, &r);"), {"a"}},
    {"ALambdaInATemplatesArgumentIsCalled", "int a = 0; template <auto F> struct L { double run(double x) { return F(x); } }; using G = L<[](double x) { ++a; return x; }>; " MAIN("G g;", "", "g.run(e);"), {"a"}},
    {"AComparisonThatOnlyATypeHasIsCalled", "#include <set>\nint a = 0; " MAIN("", "", "std::set<int, decltype([](int x, int y) { ++a; return x < y; })> s; s.insert(e);"), {"a"}},
    {"AGenericLambdaIsCalled", "#include <algorithm>\n#include <vector>\n" MAIN("std::vector<int> v(3); int n = 0;", "", "std::for_each(v.begin(), v.end(), [&](auto& x) { x = 1; ++n; });"), {"n", "v"}},
    {"AGenericLambdaThatHasANameIsCalled", "#include <algorithm>\n#include <vector>\n" MAIN("std::vector<int> v(3); int n = 0; auto add = [&](auto x) { n += x; };", "", "std::for_each(v.begin(), v.end(), add);"), {"n"}},
    {"AGenericLambdaOfAMethodIsCalled", "#include <algorithm>\n#include <vector>\nstruct S { std::vector<int>& v; int n = 0; void up() { std::for_each(v.begin(), v.end(), [this](auto& x) { x = 1; ++n; }); } }; " MAIN("std::vector<int> v(3); S s{v};", "", "s.up();"), {"s", "v"}},
    {"AGenericComparisonIsCalled", "#include <algorithm>\n" MAIN("int v[3] = {3, 1, 2}; int n = 0;", ", v", "std::sort(v, v + 3, [&](auto x, auto y) { ++n; return x < y; });"), {"n"}},
    {"AnOverriderInAClassTemplateThatALibraryMakesIsCalled", "#include <memory>\nint a = 0; template <class T> struct B { virtual ~B() = default; virtual void run(T) = 0; }; template <class T> struct D : B<T> { void run(T) override { ++a; } }; "
                                                              MAIN("std::unique_ptr<B<int>> b = std::make_unique<D<int>>();", ", b", "b->run(e);"), {"a"}},
    {"ACopyConstructorOfAClassTemplateIsCalled", "#include <vector>\nint a = 0; template <class T> struct S { S() = default; S(const S&) { ++a; } T x{}; }; " MAIN("std::vector<S<int>> v(2);", ", v", "auto copy = v;"), {"a"}},
    {"AnAllocatorTemplateIsCalled", "#include <memory>\n#include <vector>\nint a = 0; template <class T> struct A { using value_type = T; A() = default; template <class U> A(const A<U>&) {} T* allocate(std::size_t n) { ++a; return std::allocator<T>().allocate(n); }\n"
                                    "void deallocate(T* p, std::size_t n) { std::allocator<T>().deallocate(p, n); } }; template <class T, class U> bool operator==(const A<T>&, const A<U>&) { return true; } template <class T, class U> bool operator!=(const A<T>&, const A<U>&) { return false; } "
                                    MAIN("", "", "std::vector<int, A<int>> v(3);"), {"a"}},
    {"AFunctionObjectOfAClassTemplateIsCalled", "#include <algorithm>\nint a = 0; template <class T> struct Clip { T operator()(T x) const { ++a; return x; } }; " MAIN("int v[3] = {3, 1, 2};", ", v", "std::transform(v, v + 3, v, Clip<int>{});"), {"a"}},
    {"WhatAnExceptionLeadsToIsModified", "struct Skip { int* n; }; void maybe(int* n) { throw Skip{n}; } void step(int* n) { try { maybe(n); } catch (const Skip& s) { int* p = s.n; ++*p; } } " MAIN("int n = 0;", "", "step(&n);"), {"what an exception leads to"}},
    {"WhatACallbackCallsIsFollowed", "#include <functional>\nint a = 0; void set() { a = 1; } void back() { set(); } void (*kept)() = back; " MAIN("std::function<void()> f;", "", "f();"), {"a", "f"}},
};
INSTANTIATE_TEST_SUITE_P(May, UnseenCall, testing::ValuesIn(kRows), [](const auto& row) { return row.param.claim; });

// What runs where nothing shows it closes every loop of the program.
TEST(Unfollowed, AreOtherSymbolsAndDeletersOfSharedPointers) {
  struct Case {
    const char* text;
    std::vector<std::string> unfollowed;
  };
  const std::string memory = "#include <cstdio>\n#include <cstdlib>\n#include <memory>\nint a = 0; void drop(int* p) { ++a; delete p; } ";
  const Case cases[] = {
      {"extern \"C\" void f() {} extern \"C\" void g() __attribute__((alias(\"f\"))); extern int x;", {"g"}},
      {"namespace n { void f() __asm__(\"h\"); }", {"n::f"}},
      {"extern int x __asm__(\"y\"); void f() { register int i __asm__(\"eax\") = 0; (void)i; }", {"x"}},
      {"void f(); int x;", {}},
      {"#include <eigen3/Eigen/Core>\nvoid g() { int n = 0; Eigen::ArrayXd a(3); a = a.unaryExpr([&](auto x) -> double { ++n; return x; }).eval(); }", {"(a generic lambda)"}},
      {"template <class F> void apply(F f) { f(3); } void g() { int n = 0; apply([&](auto x) { n += x; }); [&](auto x) { n += x; }(2.0); }", {}},
      {"template <class T> void g(T t) { auto f = [&](auto x) { t += x; }; f(2); } void h() { g(3); }", {}},
      {"auto p = std::shared_ptr<int>(new int, drop);", {"(a deleter)"}},
      {"auto p = std::shared_ptr<int>(new int, [](int* q) { ++a; delete q; });", {"(a deleter)"}},
      {"std::shared_ptr<int> make() { int n = 0; return {new int, [n](int* q) { delete q; }}; }", {"(a deleter)"}},
      {"struct D { void operator()(int* q) const { delete q; } }; std::shared_ptr<int> p(new int, D());", {"(a deleter)"}},
      {"auto p = std::shared_ptr<int>(new int[3], [](int* q) { delete[] q; });", {}},
      {"auto p = std::shared_ptr<int>(new int[3], std::default_delete<int[]>());", {}},
      {"std::shared_ptr<FILE> p(std::fopen(\"x\", \"r\"), std::fclose); std::shared_ptr<void> q(std::malloc(3), std::free);", {}},
      {"struct S { int n; }; auto s = std::make_shared<S>(); std::shared_ptr<int> n(s, &s->n);", {}},
  };
  for (const Case& each : cases) {
    const std::string text = (std::string(each.text).find("std::") == std::string::npos ? "" : memory) + each.text;
    std::vector<std::string> names;
    for (const Unfollowed& one : report_on(text.c_str()).unfollowed) names.push_back(one.what);
    EXPECT_EQ(names, each.unfollowed) << text;
  }
}

}  // namespace
}  // namespace hindsight::instrument
