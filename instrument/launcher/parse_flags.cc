// Which of the user's flags Clang gets for the parse: an allow-list, since Clang rejects many of GCC's.
#include <algorithm>
#include <array>
#include <string>

#include "instrument/launcher/call.h"

namespace hindsight::instrument {
namespace {

// With their value in the next argument or joined.
constexpr std::array kWithValue = {"-I", "-D", "-U", "-include", "-imacros", "-isystem", "-iquote", "-idirafter", "-iprefix",
                                   "-iwithprefix", "-iwithprefixbefore", "-isysroot", "-target", "--sysroot", "-cxx-isystem",
                                   "-stdlib++-isystem", "-F", "-iframework"};

constexpr std::array kExact = {
    "-ansi", "-undef", "-nostdinc", "-nostdinc++", "-nostdlibinc", "-trigraphs", "-pthread", "-fexceptions", "-fno-exceptions",
    "-frtti", "-fno-rtti", "-fopenmp", "-fno-openmp", "-fopenmp-simd", "-fsigned-char", "-funsigned-char", "-fno-signed-char",
    "-fno-unsigned-char", "-fshort-enums", "-fno-short-enums", "-fshort-wchar", "-fms-extensions", "-fPIC", "-fpic", "-fPIE", "-fpie", "-fno-pic",
    "-fno-pie", "-ffast-math", "-fno-fast-math", "-ffinite-math-only", "-fno-finite-math-only", "-fmath-errno", "-fno-math-errno",
    "-ffreestanding", "-fno-builtin", "-fchar8_t", "-fno-char8_t", "-fgnu89-inline", "-fblocks", "-fdeclspec", "-fcoroutines",
    "-fsized-deallocation", "-fno-sized-deallocation", "-faligned-new", "-fno-aligned-new", "-faligned-allocation",
    "-fno-operator-names", "-fstrict-flex-arrays", "-fwrapv", "-fno-wrapv", "-m32", "-m64", "-mx32", "-w",
    "-fno-threadsafe-statics", "-fno-access-control", "-fdelayed-template-parsing", "-fno-gnu-keywords", "-fasm", "-fno-asm",
    "-fdollars-in-identifiers", "-fno-dollars-in-identifiers", "-fno-implicit-templates", "-ffixed-point", "-fsingle-precision-constant"};

constexpr std::array kPrefix = {"-std=", "--std=", "-stdlib=", "--target=", "--sysroot=", "-O", "-march=", "-mcpu=", "-msse", "-mno-sse",
                                "-mavx", "-mno-avx", "-mfma", "-mno-fma", "-mbmi", "-mf16c", "-mno-f16c", "-mpopcnt", "-mlzcnt", "-maes", "-mpclmul",
                                "-mmovbe", "-mxsave", "-madx", "-mrdrnd", "-mrdseed", "-mfsgsbase", "-fsanitize=", "-fno-sanitize",
                                "-fopenmp=", "-ftemplate-depth=", "-fconstexpr-depth=", "-fbracket-depth=", "-finput-charset=",
                                "-fexec-charset=", "-ftemplate-depth-", "--gcc-toolchain=", "--gcc-install-dir="};

// GCC's own, though they begin like an allowed one.
constexpr std::array kDenied = {"-mno-avx256-split-unaligned-load", "-mno-avx256-split-unaligned-store",
                                "-mavx256-split-unaligned-load", "-mavx256-split-unaligned-store", "-fcoroutines",
                                "-fno-threadsafe-statics-ts", "-fno-gnu-keywords", "-fno-implicit-templates", "-ffixed-point",
                                "-fsingle-precision-constant"};

template <class List>
bool has(const List& list, const std::string& a) {
  return std::find(list.begin(), list.end(), a) != list.end();
}

}  // namespace

std::vector<std::string> parse_flags(const Call& call) {
  std::vector<std::string> out;
  const std::vector<std::string>& args = call.arguments;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string& a = args[i];
    if (a.empty() || a[0] != '-') continue;
    if (has(kWithValue, a)) {
      if (i + 1 == args.size()) break;
      out.push_back(a);
      out.push_back(args[++i]);
      continue;
    }
    if (a == "-o" || a == "-x" || a == "-MF" || a == "-MT" || a == "-MQ" || a == "-L" || a == "-l" || a == "-T" || a == "-u" ||
        a == "-Xlinker" || a == "-Xassembler" || a == "-mllvm" || a == "--param" || a == "-z" || a == "-B" ||
        a == "-e" || a == "-aux-info" || a == "-wrapper" || a == "-dumpbase" || a == "-dumpdir" || a == "-dumpbase-ext") {
      ++i;  // its value is not a flag
      continue;
    }
    if (a == "-Xclang") {  // CMake's way to include its precompiled header: -Xclang -include -Xclang FILE
      if (i + 3 < args.size() && args[i + 1] == "-include" && args[i + 2] == "-Xclang") {
        out.push_back("-include");
        out.push_back(args[i + 3]);
        i += 3;
      } else {
        ++i;
      }
      continue;
    }
    if (a == "-include-pch") {  // made by another Clang; the header itself comes with -include where CMake made it
      ++i;
      continue;
    }
    if (a == "-Xpreprocessor") {
      if (i + 1 < args.size()) {
        const std::string& value = args[++i];
        if (value.starts_with("-D") || value.starts_with("-U") || value == "-fopenmp") out.push_back(value);
      }
      continue;
    }
    if (a.starts_with("-Wp,")) {
      std::size_t at = 4;
      while (at < a.size()) {
        const std::size_t comma = std::min(a.find(',', at), a.size());
        const std::string part = a.substr(at, comma - at);
        if (part.starts_with("-D") || part.starts_with("-U") || part.starts_with("-I")) out.push_back(part);
        at = comma + 1;
      }
      continue;
    }
    if (has(kDenied, a)) continue;
    const bool joined = std::any_of(kWithValue.begin(), kWithValue.end(), [&](const char* p) {
      return a.starts_with(p) && (std::string(p).size() == 2 || std::string(p).starts_with("-i"));
    });
    const bool prefixed = std::any_of(kPrefix.begin(), kPrefix.end(), [&](const char* p) { return a.starts_with(p); });
    if (joined || prefixed || has(kExact, a)) out.push_back(a);
  }
  return out;
}

}  // namespace hindsight::instrument
