// The shape of a compiler call: which files it compiles, as what, into what. Pure; no file is read but through `read`.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hindsight::instrument {

enum class Language { kC, kCxx };

struct Source {
  std::size_t index = 0;  // into Call::arguments
  std::string path;       // as written
  Language language = Language::kCxx;
  friend bool operator==(const Source&, const Source&) = default;
};

struct Call {
  std::vector<std::string> arguments;  // without the compiler, response files put in place
  std::vector<Source> sources;         // C and C++ units
  // Why no unit is compiled here (linking, preprocessing only, ...); empty: `sources` is not.
  std::string passed_on;
  std::string output;           // of -o, else empty
  bool links = false;           // neither -c nor -S
  bool makes_program = false;   // links, and neither into a library nor into another object file
  bool writes_dependencies = false;  // -MD or -MMD
  std::string dependency_file;  // of -MF, else empty
  friend bool operator==(const Call&, const Call&) = default;
};

// `read` gives a response file's text, or nothing if it cannot be read.
using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;
// `compiler`: its path or name; g++ and clang++ take a .c file for C++.
Call read_call(const std::string& compiler, const std::vector<std::string>& arguments, const ReadFile& read);

// Where -MD puts the dependencies of `source` in this call: the names that GCC and Clang may use, most likely first.
std::vector<std::string> dependency_files(const Call& call, const Source& source);

// The output that names a source's report: the object file, or the program for a call that links as well.
std::string output_of(const Call& call, const Source& source);

// Arguments for Clang that parse the unit as the user's compiler would: what bears on the meaning of the program is
// kept, the rest (warnings, debug information, code generation that Clang may not know) is left out.
std::vector<std::string> parse_flags(const Call& call);

// A dependency file with every mention of `scratch` replaced by `original`, quoted as Make wants it.
std::string rewrite_dependencies(std::string_view text, const std::string& scratch, const std::string& original);

}  // namespace hindsight::instrument
