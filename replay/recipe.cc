// hindsight.toml: the only file that includes toml++, whose exceptions end here.
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>

#include "replay/project.h"
#include "replay/text.h"

namespace hindsight::replay {
namespace {

struct Key {
  const char* table;
  const char* name;
};
constexpr std::array kKeys = {Key{"build", "configure"}, Key{"build", "command"}, Key{"build", "outputs"},
                              Key{"build", "exclude"},   Key{"run", "command"},   Key{"run", "cwd"},
                              Key{"store", "max_file"},  Key{"check", "volatile"}, Key{"check", "tolerance"},
                              Key{"instrument", "auto"}, Key{"instrument", "loops"}, Key{"instrument", "never"},
                              Key{"instrument", "names"}};

Error mistake(const toml::source_region& where, const std::string& what, std::string hint = {}) {
  std::ostringstream text;
  text << "hindsight.toml:" << where.begin.line << ":" << where.begin.column << ": " << what;
  return Error(ErrorKind::kInvalid, text.str(), std::move(hint));
}

std::string known_keys(std::string_view table) {
  std::vector<std::string> names;
  for (const Key& key : kKeys) {
    if (table == key.table) names.emplace_back(key.name);
  }
  return join(names, ", ");
}

Error unknown(const toml::source_region& where, const std::string& kind, std::string_view name,
              const std::vector<std::string>& candidates) {
  const std::optional<std::string> like = did_you_mean(name, candidates);
  return mistake(where, "unknown " + kind + " '" + std::string(name) + "'",
                 like ? "did you mean '" + *like + "'?" : "known are: " + join(candidates, ", "));
}

Result<void> check_names(const toml::table& all) {
  const std::vector<std::string> tables = {"build", "run", "store", "check", "instrument"};
  for (const auto& [table_name, node] : all) {
    const std::string table(table_name.str());
    if (std::find(tables.begin(), tables.end(), table) == tables.end()) {
      return unknown(table_name.source(), "section", table, tables);
    }
    if (!node.is_table()) return mistake(table_name.source(), "'" + table + "' must be a section: [" + table + "]");
    const std::vector<std::string> names = split(known_keys(table), ',');
    std::vector<std::string> candidates;
    for (const std::string& name : names) candidates.push_back(trim(name));
    for (const auto& [key, value] : *node.as_table()) {
      static_cast<void>(value);
      const std::string name(key.str());
      if (std::find(candidates.begin(), candidates.end(), name) == candidates.end()) {
        return unknown(key.source(), "key", name, candidates);
      }
    }
  }
  return {};
}

bool is_loop_name(std::string_view name) {
  return !name.empty() && (std::isalpha(static_cast<unsigned char>(name[0])) != 0 || name[0] == '_') &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-'; });
}

// Reads typed values and remembers the first mistake.
class Reader {
 public:
  explicit Reader(const toml::table& all) : all_(all) {}

  void text(const Key& key, std::string& into) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    if (const auto value = node->value_exact<std::string>()) {
      into = *value;
    } else {
      expected(key, *node, "a text in quotes");
    }
  }
  void texts(const Key& key, std::vector<std::string>& into) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const toml::array* array = node->as_array();
    if (array == nullptr) return expected(key, *node, "a list of texts, [\"...\"]");
    for (const toml::node& element : *array) {
      const auto value = element.value_exact<std::string>();
      if (!value) return expected(key, element, "a list of texts, [\"...\"]");
      into.push_back(*value);
    }
  }
  void size(const Key& key, std::uint64_t& into) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < 0) return expected(key, *node, "a number of bytes, 0 or more");
    into = static_cast<std::uint64_t>(*value);
  }
  void flag(const Key& key, std::optional<bool>& into) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    into = node->value_exact<bool>();
    if (!into) expected(key, *node, "true or false");
  }
  // Names of loops: FILE:LINE = "NAME".
  void names(const Key& key, std::map<std::string, std::string>& into) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const toml::table* table = node->as_table();
    if (table == nullptr) return expected(key, *node, "a section, [instrument.names]");
    for (const auto& [place, element] : *table) {
      const auto value = element.value_exact<std::string>();
      if (!is_place(place.str()) || !value || !is_loop_name(*value)) {
        return expected(key, element, "places with names, \"src/main.cc:41\" = \"epoch\"");
      }
      into[std::string(place.str())] = *value;
    }
  }
  void numbers(const Key& key, std::map<std::string, double>& into) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const toml::table* table = node->as_table();
    if (table == nullptr) return expected(key, *node, "names with numbers, { loss = 1e-6 }");
    for (const auto& [name, element] : *table) {
      const auto value = element.value<double>();
      if (!value || !(*value >= 0)) return expected(key, element, "numbers, 0 or more");
      into[std::string(name.str())] = *value;
    }
  }
  std::optional<Error> first_mistake() { return first_; }
  toml::source_region where(const Key& key) const {
    const toml::node* node = find(key);
    return node != nullptr ? node->source() : all_.source();
  }

 private:
  const toml::node* find(const Key& key) const { return all_[key.table][key.name].node(); }
  void expected(const Key& key, const toml::node& node, const std::string& what) {
    if (!first_) first_ = mistake(node.source(), std::string(key.name) + " in [" + key.table + "] must be " + what);
  }

  const toml::table& all_;
  std::optional<Error> first_;
};

bool leaves_the_root(const std::string& path) {
  const std::filesystem::path normal = std::filesystem::path(path).lexically_normal();
  return normal.is_absolute() || (!normal.empty() && *normal.begin() == "..");
}

Result<Recipe> recipe_of(const toml::table& all) {
  if (Result<void> names = check_names(all); !names) return std::move(names).error();
  Recipe recipe;
  Reader read(all);
  read.text({"build", "configure"}, recipe.configure);
  read.text({"build", "command"}, recipe.command);
  read.texts({"build", "outputs"}, recipe.outputs);
  read.texts({"build", "exclude"}, recipe.exclude);
  read.texts({"run", "command"}, recipe.run_command);
  read.text({"run", "cwd"}, recipe.run_cwd);
  read.size({"store", "max_file"}, recipe.max_file);
  read.texts({"check", "volatile"}, recipe.volatile_names);
  read.numbers({"check", "tolerance"}, recipe.tolerance);
  read.flag({"instrument", "auto"}, recipe.instrument);
  read.texts({"instrument", "loops"}, recipe.wishes.only);
  read.texts({"instrument", "never"}, recipe.wishes.never);
  read.names({"instrument", "names"}, recipe.wishes.names);
  if (std::optional<Error> error = read.first_mistake()) return std::move(*error);
  for (std::string& output : recipe.outputs) {
    if (output.empty() || leaves_the_root(output)) {
      return mistake(read.where({"build", "outputs"}), "output '" + output + "' must be a path inside the project");
    }
    output = std::filesystem::path(output).lexically_normal().generic_string();
  }
  for (const auto& [key, wishes] : {std::pair{Key{"instrument", "loops"}, &recipe.wishes.only}, {Key{"instrument", "never"}, &recipe.wishes.never}}) {
    if (std::any_of(wishes->begin(), wishes->end(), [](const std::string& wish) { return trim(wish).empty(); })) {
      return mistake(read.where(key), std::string(key.name) + " in [instrument] must name loops, functions or FILE:LINE");
    }
  }
  for (const std::string& wish : recipe.wishes.only) {
    if (std::find(recipe.wishes.never.begin(), recipe.wishes.never.end(), wish) == recipe.wishes.never.end()) continue;
    return mistake(read.where({"instrument", "never"}), "'" + wish + "' stands in loops and in never");
  }
  if (leaves_the_root(recipe.run_cwd)) {
    return mistake(read.where({"run", "cwd"}), "cwd '" + recipe.run_cwd + "' must be a path inside the project");
  }
  return recipe;
}

}  // namespace

bool is_place(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size() || text[colon + 1] == '0') return false;
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(colon) + 1, text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

Result<Recipe> parse_recipe(std::string_view text) {
  try {
    return recipe_of(toml::parse(text));
  } catch (const toml::parse_error& error) {
    return mistake(error.source(), std::string(error.description()), "texts stand in quotes, lists in [ ]");
  }
}

}  // namespace hindsight::replay
