#include "instrument/report.h"

#include <algorithm>
#include <array>

#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

namespace hindsight::instrument {
namespace {

using llvm::json::Array;
using llvm::json::Object;
using llvm::json::Value;

std::string text(const std::string& s) { return llvm::json::fixUTF8(s); }

Array list(const std::vector<std::string>& items) {
  Array out;
  for (const std::string& item : items) out.push_back(text(item));
  return out;
}

// Left out where it holds in any case.
void add_conditions(Object& object, const Conditions& conditions) {
  if (conditions.always) return;
  Array any;
  for (const Condition& c : conditions.any) {
    Object each{{"function", text(c.function)}, {"parameter", c.parameter}, {"by_signature", c.by_signature}};
    if (!c.members.empty()) each["members"] = list(c.members);
    any.push_back(std::move(each));
  }
  object["if"] = std::move(any);
}

Object value(const Step& step) { return Object{{"number", step.number}, {"loop", step.loop}}; }

Value value(const LoopReport& loop) {
  Array missing;
  for (const Missing& m : loop.missing) {
    Object each{{"variable", text(m.variable)}, {"line", m.line}, {"why", text(m.why)}};
    add_conditions(each, m.conditions);
    missing.push_back(std::move(each));
  }
  Object out{{"name", text(loop.name)},
             {"file", text(loop.file)},
             {"line", loop.line},
             {"end_line", loop.end_line},
             {"function", text(loop.function)},
             {"nest", list(loop.nest)},
             {"state", list(loop.state)},
             {"missing", std::move(missing)},
             {"calls", list(loop.calls)},
             {"calls_unknown", loop.calls_unknown},
             {"reads_files", loop.reads_files},
             {"writes_files", loop.writes_files},
             {"step", value(loop.step)}};
  if (!loop.dead.empty()) out["dead"] = list(loop.dead);
  if (loop.dead_with_probes) out["dead_with_probes"] = list(*loop.dead_with_probes);
  return out;
}

Value value(const FunctionReport& function) {
  Array writes;
  for (const GlobalWrite& w : function.writes_globals) {
    Object each{{"variable", text(w.variable)}, {"line", w.line}};
    if (w.hidden) each["hidden"] = true;
    add_conditions(each, w.conditions);
    writes.push_back(std::move(each));
  }
  Array modifies;
  for (const Modified& m : function.modifies) {
    Object each{{"parameter", m.parameter}};
    if (!m.member.empty()) each["member"] = text(m.member);
    add_conditions(each, m.conditions);
    modifies.push_back(std::move(each));
  }
  Array actions;
  for (const Action& a : function.actions) {
    Object each{{"step", value(a.step)}};
    if (!a.call.empty()) each["call"] = text(a.call);
    if (a.reads_files) each["reads_files"] = true;
    if (a.writes_files) each["writes_files"] = true;
    actions.push_back(std::move(each));
  }
  Object out{{"name", text(function.name)},
             {"file", text(function.file)},
             {"line", function.line},
             {"tracked", function.tracked},
             {"by_pointer", function.by_pointer},
             {"defined", function.defined},
             {"calls", list(function.calls)},
             {"calls_unknown", function.calls_unknown},
             {"writes_globals", std::move(writes)},
             {"modifies", std::move(modifies)},
             {"actions", std::move(actions)}};
  if (function.draws) out["draws"] = true;
  if (!function.gives_time.empty()) out["gives_time"] = list({function.gives_time.begin(), function.gives_time.end()});
  if (!function.overrides.empty()) out["overrides"] = list(function.overrides);
  if (function.beside_thread) out["beside_thread"] = true;
  if (!function.gives_results_of.empty()) out["gives_results_of"] = list(function.gives_results_of);
  if (!function.takes.empty()) out["takes"] = text(function.takes);
  return out;
}

Value value(const OutsideReport& use) {
  Object out{{"kind", use.kind}, {"what", text(use.what)}, {"file", text(use.file)}, {"line", use.line}};
  if (use.used_line != 0) {
    out["used_file"] = text(use.used_file);
    out["used_line"] = use.used_line;
  }
  if (!use.condition.empty()) out["if"] = text(use.condition);
  return out;
}

Value value(const Unfollowed& each) {
  return Object{{"what", text(each.what)}, {"why", text(each.why)}};
}
Value value(const VolatileName& name) {
  Object out{{"name", text(name.name)}};
  if (!name.condition.empty()) out["if"] = text(name.condition);
  return out;
}

Value value(const Insertion& insertion) { return Object{{"offset", static_cast<std::int64_t>(insertion.offset)}, {"text", text(insertion.text)}}; }
Value value(const ProbeOutcome& outcome) {
  Array placed;
  for (const Placement& p : outcome.placed) {
    Object place{{"file", text(p.file)},       {"line", p.line},          {"column", p.column},
                 {"function", text(p.function)}, {"nest", list(p.nest)},    {"text", text(p.text)},
                 {"excerpt", text(p.excerpt)},   {"beside", static_cast<std::int64_t>(p.beside)}, {"after", p.after}};
    Array changes;
    for (const Change& each : p.changes) {
      Object change{{"what", text(each.what)}};
      add_conditions(change, each.conditions);
      if (each.is_certain) change["certain"] = true;
      changes.push_back(std::move(change));
    }
    if (!changes.empty()) place["changes"] = std::move(changes);
    if (!p.calls.empty()) place["calls"] = list(p.calls);
    if (!p.results_of.empty()) place["results_of"] = list(p.results_of);
    if (!p.volatile_why.empty()) place["volatile"] = text(p.volatile_why);
    if (p.declares) place["declares"] = true;
    if (!p.insertions.empty()) {
      Array insertions;
      for (const Insertion& each : p.insertions) insertions.push_back(value(each));
      place["insertions"] = std::move(insertions);
    }
    placed.push_back(std::move(place));
  }
  return Object{{"id", outcome.id},
                {"placed", std::move(placed)},
                {"refused", text(outcome.refused)},
                {"candidates", list(outcome.candidates)}};
}

Value value(const Probe& probe) {
  return Object{{"id", probe.id},
                {"name", text(probe.name)},
                {"expression", text(probe.expression)},
                {"form", probe.form},
                {"statement", text(probe.statement)},
                {"function", text(probe.function)},
                {"file", text(probe.file)},
                {"line", probe.line},
                {"nest", list(probe.nest)},
                {"previous", text(probe.previous)},
                {"next", text(probe.next)}};
}

Value value(const LoopShape& loop) {
  Object out{{"file", text(loop.file)}, {"line", loop.line}, {"nth", loop.nth}, {"parent", loop.parent}, {"calls", list(loop.calls)}};
  const auto add = [&](const char* key, const std::string& of) {
    if (!of.empty()) out[key] = text(of);
  };
  add("label", loop.label);
  add("given", loop.given);
  add("refused", loop.refused);
  if (loop.works) out["works"] = true;
  if (loop.trains) out["trains"] = true;
  if (loop.reads_files) out["reads_files"] = true;
  if (loop.prints) out["prints"] = true;
  if (loop.is_known) out["is_known"] = true;
  return out;
}
template <class T>
Array all(const std::vector<T>& items);
Value value(const FunctionShape& f) {
  Object out{{"name", text(f.name)}, {"calls", list(f.calls)}, {"loops", all(f.loops)}};
  if (f.is_main) out["is_main"] = true;
  return out;
}
Value value(const ChosenLoop& loop) {
  Object out{{"file", text(loop.file)}, {"line", loop.line}, {"nth", loop.nth}, {"name", text(loop.name)}, {"level", loop.level},
             {"why", text(loop.why)}, {"state", list(loop.state)}, {"left_out", list(loop.left_out)}};
  if (!loop.refused.empty()) out["refused"] = text(loop.refused);
  if (loop.beside_thread) out["beside_thread"] = true;
  return out;
}
Value value(const KnownLoop& loop) {
  return Object{{"file", text(loop.file)}, {"line", loop.line}, {"nth", loop.nth}, {"name", text(loop.name)}, {"function", text(loop.function)}, {"outermost", loop.outermost}};
}
Value value(const FileEdit& edit) { return Object{{"file", text(edit.file)}, {"insertions", all(edit.insertions)}}; }

template <class T>
Array all(const std::vector<T>& items) {
  Array out;
  for (const T& item : items) out.push_back(value(item));
  return out;
}

std::string print(Object object) {
  std::string out;
  llvm::raw_string_ostream stream(out);
  stream << Value(std::move(object)) << '\n';
  return out;
}

// ---- reading ----

std::string get_text(const Object& object, llvm::StringRef key) {
  const auto found = object.getString(key);
  return found ? found->str() : std::string();
}
unsigned get_number(const Object& object, llvm::StringRef key) {
  const auto found = object.getInteger(key);
  return found && *found > 0 ? static_cast<unsigned>(*found) : 0;
}
bool get_bool(const Object& object, llvm::StringRef key) { return object.getBoolean(key).value_or(false); }
std::vector<std::string> get_list(const Object& object, llvm::StringRef key) {
  std::vector<std::string> out;
  if (const Array* items = object.getArray(key)) {
    for (const Value& item : *items) {
      if (const auto s = item.getAsString()) out.push_back(s->str());
    }
  }
  return out;
}
template <class F>
void for_objects(const Object& object, llvm::StringRef key, F&& use) {
  if (const Array* items = object.getArray(key)) {
    for (const Value& item : *items) {
      if (const Object* o = item.getAsObject()) use(*o);
    }
  }
}

Conditions get_conditions(const Object& o) {
  Conditions out;
  out.always = o.getArray("if") == nullptr;
  for_objects(o, "if", [&](const Object& c) {
    out.any.insert({get_text(c, "function"), static_cast<int>(c.getInteger("parameter").value_or(0)), get_bool(c, "by_signature"), get_list(c, "members")});
  });
  return out;
}
Step get_step(const Object& o) {
  const Object* step = o.getObject("step");
  return step ? Step{get_number(*step, "number"), get_number(*step, "loop")} : Step{};
}

Probe read_probe(const Object& o) {
  const std::optional<std::int64_t> offset = o.getInteger("offset");
  return Probe{.id = get_text(o, "id"),
               .name = get_text(o, "name"),
               .expression = get_text(o, "expression"),
               .form = get_text(o, "form"),
               .statement = get_text(o, "statement"),
               .function = get_text(o, "function"),
               .file = get_text(o, "file"),
               .line = get_number(o, "line"),
               .nest = get_list(o, "nest"),
               .previous = get_text(o, "previous"),
               .next = get_text(o, "next"),
               .offset = offset && *offset >= 0 ? std::optional(static_cast<std::size_t>(*offset)) : std::nullopt,
               .helper = get_text(o, "helper"),
               .helper_name = get_text(o, "helper_name"),
               .left_out = get_list(o, "left_out")};
}

FunctionShape read_shape(const Object& o) {
  FunctionShape out{.name = get_text(o, "name"), .is_main = get_bool(o, "is_main"), .calls = get_list(o, "calls"), .loops = {}};
  for_objects(o, "loops", [&](const Object& l) {
    out.loops.push_back({.file = get_text(l, "file"),
                         .line = get_number(l, "line"),
                         .nth = get_number(l, "nth"),
                         .parent = static_cast<int>(l.getInteger("parent").value_or(-1)),
                         .label = get_text(l, "label"),
                         .given = get_text(l, "given"),
                         .refused = get_text(l, "refused"),
                         .calls = get_list(l, "calls"),
                         .works = get_bool(l, "works"),
                         .trains = get_bool(l, "trains"),
                         .reads_files = get_bool(l, "reads_files"),
                         .prints = get_bool(l, "prints"),
                         .is_known = get_bool(l, "is_known")});
  });
  return out;
}
ChosenLoop read_chosen(const Object& o) {
  return {.file = get_text(o, "file"),
          .line = get_number(o, "line"),
          .nth = get_number(o, "nth"),
          .name = get_text(o, "name"),
          .level = get_number(o, "level"),
          .why = get_text(o, "why"),
          .refused = get_text(o, "refused"),
          .state = get_list(o, "state"),
          .left_out = get_list(o, "left_out"),
          .beside_thread = get_bool(o, "beside_thread")};
}

bool is_id(const std::string& id) {
  return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::string to_json(const UnitReport& report) {
  return print(Object{{"unit", text(report.unit)},
                      {"cwd", text(report.cwd)},
                      {"arguments", list(report.arguments)},
                      {"output", text(report.output)},
                      {"parsed", report.parsed},
                      {"problem", text(report.problem)},
                      {"compiler", text(report.compiler)},
                      {"headers", list(report.headers)},
                      {"registered", list(report.registered)},
                      {"unfollowed", all(report.unfollowed)},
                      {"loops", all(report.loops)},
                      {"functions", all(report.functions)},
                      {"outside", all(report.outside)},
                      {"volatile", all(report.volatile_names)},
                      {"probes", all(report.probes)},
                      {"shapes", all(report.shapes)},
                      {"chosen", all(report.chosen)}});
}

std::string to_json(const Arithmetic& arithmetic) {
  Object counts;
  for (const auto& [kind, count] : arithmetic.counts) counts[kind] = static_cast<std::int64_t>(count);
  return print(Object{{"counts", std::move(counts)}});
}

std::string to_json(const EditAnswer& answer) {
  Array refused;
  for (const RefusedEdit& r : answer.refused) {
    refused.push_back(
        Object{{"file", text(r.file)}, {"line", r.line}, {"text", text(r.text)}, {"reason", text(r.reason)}});
  }
  return print(Object{{"probes", all(answer.probes)}, {"refused", std::move(refused)}});
}

ProbesFile parse_probes(std::string_view json) {
  ProbesFile out;
  llvm::Expected<Value> root = llvm::json::parse(llvm::StringRef(json.data(), json.size()));
  if (!root) {
    out.problem = "the probes file is not JSON: " + llvm::toString(root.takeError());
    return out;
  }
  const Object* object = root->getAsObject();
  if (!object || !object->getArray("probes")) {
    out.problem = "the probes file has no list \"probes\"";
    return out;
  }
  for_objects(*object, "probes", [&](const Object& o) { out.probes.push_back(read_probe(o)); });
  for (const Probe& probe : out.probes) {
    static constexpr std::array kForms = {"after", "before", "at", "edit", "on_call", "on_assign", "each_loop"};
    const bool known = std::find(kForms.begin(), kForms.end(), probe.form) != kForms.end();
    if (!is_id(probe.id)) out.problem = "probe '" + probe.name + "': the id is not 32 hex digits";
    if (!known) out.problem = "probe '" + probe.name + "': unknown form '" + probe.form + "'";
  }
  if (!out.problem.empty()) out.probes.clear();
  return out;
}

PlacedProbes parse_placed(std::string_view json) {
  PlacedProbes out;
  llvm::Expected<Value> parsed = llvm::json::parse(json);
  if (!parsed) {
    llvm::consumeError(parsed.takeError());
    return out;
  }
  const Object* all = parsed->getAsObject();
  if (!all || !all->getArray("probes")) return out;
  out.ok = true;
  for_objects(*all, "probes", [&](const Object& each) {
    const std::int64_t offset = each.getInteger("offset").value_or(-1);
    out.ok = out.ok && offset >= 0;
    out.probes.push_back({get_text(each, "id"), get_text(each, "expression"), {get_text(each, "file"), static_cast<std::size_t>(offset)}});
  });
  return out;
}

std::string to_json(const std::vector<Followed>& followed) {
  Array all;
  for (const Followed& each : followed) {
    Array renamed;
    for (const auto& [is, there] : each.renamed) renamed.push_back(Array{text(is), text(there)});
    all.push_back(Object{{"id", each.id},
                         {"file", text(each.at.file)},
                         {"offset", static_cast<std::int64_t>(each.at.offset)},
                         {"line", each.line},
                         {"function", text(each.function)},
                         {"expression", text(each.expression)},
                         {"renamed", std::move(renamed)},
                         {"likeness", each.likeness},
                         {"margin", each.margin},
                         {"sure", each.is_sure},
                         {"refused", text(each.refused)},
                         {"candidates", list(each.candidates)}});
  }
  return print(Object{{"followed", std::move(all)}});
}

ReadReport parse_report(std::string_view json) {
  ReadReport out;
  llvm::Expected<Value> root = llvm::json::parse(llvm::StringRef(json.data(), json.size()));
  if (!root) {
    llvm::consumeError(root.takeError());
    return out;
  }
  const Object* o = root->getAsObject();
  if (!o) return out;
  UnitReport& r = out.report;
  r.unit = get_text(*o, "unit");
  r.cwd = get_text(*o, "cwd");
  r.arguments = get_list(*o, "arguments");
  r.output = get_text(*o, "output");
  r.parsed = get_bool(*o, "parsed");
  r.problem = get_text(*o, "problem");
  r.compiler = get_text(*o, "compiler");
  r.headers = get_list(*o, "headers");
  r.registered = get_list(*o, "registered");
  for_objects(*o, "unfollowed", [&](const Object& each) { r.unfollowed.push_back({get_text(each, "what"), get_text(each, "why")}); });
  for_objects(*o, "loops", [&](const Object& l) {
    LoopReport loop{.name = get_text(l, "name"),
                    .file = get_text(l, "file"),
                    .line = get_number(l, "line"),
                    .end_line = get_number(l, "end_line"),
                    .function = get_text(l, "function"),
                    .nest = get_list(l, "nest"),
                    .state = get_list(l, "state"),
                    .missing = {},
                    .dead = {},
                    .dead_with_probes = std::nullopt,
                    .calls = get_list(l, "calls"),
                    .calls_unknown = get_bool(l, "calls_unknown"),
                    .reads_files = get_bool(l, "reads_files"),
                    .writes_files = get_bool(l, "writes_files"),
                    .step = get_step(l)};
    loop.dead = get_list(l, "dead");
    if (l.getArray("dead_with_probes")) loop.dead_with_probes = get_list(l, "dead_with_probes");
    for_objects(l, "missing", [&](const Object& m) {
      loop.missing.push_back({get_text(m, "variable"), get_number(m, "line"), get_text(m, "why"), get_conditions(m)});
    });
    r.loops.push_back(std::move(loop));
  });
  for_objects(*o, "functions", [&](const Object& f) {
    FunctionReport function{.name = get_text(f, "name"),
                            .file = get_text(f, "file"),
                            .line = get_number(f, "line"),
                            .tracked = get_bool(f, "tracked"),
                            .defined = get_bool(f, "defined"),
                            .calls = get_list(f, "calls"),
                            .calls_unknown = get_bool(f, "calls_unknown"),
                            .writes_globals = {},
                            .modifies = {},
                            .actions = {}};
    for_objects(f, "writes_globals", [&](const Object& w) {
      function.writes_globals.push_back({get_text(w, "variable"), get_number(w, "line"), get_bool(w, "hidden"), get_conditions(w)});
    });
    for_objects(f, "modifies", [&](const Object& m) {
      function.modifies.push_back({static_cast<int>(m.getInteger("parameter").value_or(0)), get_text(m, "member"), get_conditions(m)});
    });
    for_objects(f, "actions", [&](const Object& a) {
      function.actions.push_back({get_text(a, "call"), get_bool(a, "reads_files"), get_bool(a, "writes_files"), get_step(a)});
    });
    function.draws = get_bool(f, "draws");
    for (std::string& clock : get_list(f, "gives_time")) function.gives_time.insert(std::move(clock));
    function.by_pointer = get_bool(f, "by_pointer");
    function.overrides = get_list(f, "overrides");
    function.beside_thread = get_bool(f, "beside_thread");
    function.gives_results_of = get_list(f, "gives_results_of");
    function.takes = get_text(f, "takes");
    r.functions.push_back(std::move(function));
  });
  for_objects(*o, "outside", [&](const Object& use) {
    r.outside.push_back({.kind = get_text(use, "kind"),
                         .what = get_text(use, "what"),
                         .file = get_text(use, "file"),
                         .line = get_number(use, "line"),
                         .used_file = get_text(use, "used_file"),
                         .used_line = get_number(use, "used_line"),
                         .condition = get_text(use, "if")});
  });
  for_objects(*o, "volatile", [&](const Object& name) { r.volatile_names.push_back({get_text(name, "name"), get_text(name, "if")}); });
  for_objects(*o, "probes", [&](const Object& p) {
    ProbeOutcome outcome{.id = get_text(p, "id"),
                         .placed = {},
                         .refused = get_text(p, "refused"),
                         .candidates = get_list(p, "candidates")};
    for_objects(p, "placed", [&](const Object& q) {
      outcome.placed.push_back(Placement{.file = get_text(q, "file"),
                                         .line = get_number(q, "line"),
                                         .column = get_number(q, "column"),
                                         .function = get_text(q, "function"),
                                         .nest = get_list(q, "nest"),
                                         .text = get_text(q, "text"),
                                         .excerpt = get_text(q, "excerpt"),
                                         .beside = static_cast<std::size_t>(q.getInteger("beside").value_or(0)),
                                         .after = get_bool(q, "after"),
                                         .changes = {},
                                         .calls = get_list(q, "calls"),
                                         .results_of = get_list(q, "results_of"),
                                         .volatile_why = get_text(q, "volatile"),
                                         .declares = get_bool(q, "declares")});
      for_objects(q, "changes", [&](const Object& c) { outcome.placed.back().changes.push_back({get_text(c, "what"), get_conditions(c), get_bool(c, "certain")}); });
      for_objects(q, "insertions", [&](const Object& i) { outcome.placed.back().insertions.push_back({static_cast<std::size_t>(i.getInteger("offset").value_or(0)), get_text(i, "text")}); });
    });
    r.probes.push_back(std::move(outcome));
  });
  for_objects(*o, "shapes", [&](const Object& f) { r.shapes.push_back(read_shape(f)); });
  for_objects(*o, "chosen", [&](const Object& c) { r.chosen.push_back(read_chosen(c)); });
  out.ok = true;
  return out;
}

std::string to_json(const FileEdit& edit) {
  const Value all_of_it = value(edit);
  return print(*all_of_it.getAsObject());
}
std::string to_json(const Rewritten& rewritten) {
  return print(Object{{"parsed", rewritten.parsed},
                      {"problem", text(rewritten.problem)},
                      {"is_explicit", rewritten.is_explicit},
                      {"shapes", all(rewritten.shapes)},
                      {"chosen", all(rewritten.chosen)},
                      {"edits", all(rewritten.edits)}});
}

namespace {

FileEdit read_edit(const Object& o) {
  FileEdit out{.file = get_text(o, "file"), .insertions = {}};
  for_objects(o, "insertions", [&](const Object& i) { out.insertions.push_back({get_number(i, "offset"), get_text(i, "text")}); });
  return out;
}

}  // namespace

std::optional<FileEdit> parse_edit(std::string_view json) {
  llvm::Expected<Value> root = llvm::json::parse(llvm::StringRef(json.data(), json.size()));
  if (!root) {
    llvm::consumeError(root.takeError());
    return std::nullopt;
  }
  return root->getAsObject() ? std::optional(read_edit(*root->getAsObject())) : std::nullopt;
}

std::optional<Rewritten> parse_rewritten(std::string_view json) {
  llvm::Expected<Value> root = llvm::json::parse(llvm::StringRef(json.data(), json.size()));
  if (!root) {
    llvm::consumeError(root.takeError());
    return std::nullopt;
  }
  const Object* o = root->getAsObject();
  if (!o) return std::nullopt;
  Rewritten out{.parsed = get_bool(*o, "parsed"), .problem = get_text(*o, "problem"), .is_explicit = get_bool(*o, "is_explicit"), .shapes = {}, .chosen = {}, .edits = {}};
  for_objects(*o, "shapes", [&](const Object& f) { out.shapes.push_back(read_shape(f)); });
  for_objects(*o, "chosen", [&](const Object& c) { out.chosen.push_back(read_chosen(c)); });
  for_objects(*o, "edits", [&](const Object& e) { out.edits.push_back(read_edit(e)); });
  return out;
}

std::optional<std::vector<ChosenLoop>> parse_choice(std::string_view json) {
  llvm::Expected<Value> root = llvm::json::parse(llvm::StringRef(json.data(), json.size()));
  if (!root) {
    llvm::consumeError(root.takeError());
    return std::nullopt;
  }
  const Object* o = root->getAsObject();
  if (!o || !o->getArray("chosen")) return std::nullopt;
  std::vector<ChosenLoop> out;
  for_objects(*o, "chosen", [&](const Object& c) { out.push_back(read_chosen(c)); });
  return out;
}
std::string to_json(const std::vector<ChosenLoop>& chosen) { return print(Object{{"chosen", all(chosen)}}); }
std::string to_json(const Choosing& choosing) {
  return print(Object{{"chosen", all(choosing.chosen)}, {"loops", all(choosing.loops)}, {"unanswered", list(choosing.unanswered)}});
}

std::optional<Wishes> parse_wishes(std::string_view json) {
  llvm::Expected<Value> root = llvm::json::parse(llvm::StringRef(json.data(), json.size()));
  if (!root) {
    llvm::consumeError(root.takeError());
    return std::nullopt;
  }
  const Object* o = root->getAsObject();
  const Object* names = o ? o->getObject("names") : nullptr;
  if (!names || !o->getArray("only") || !o->getArray("never")) return std::nullopt;
  Wishes out{.only = get_list(*o, "only"), .never = get_list(*o, "never"), .names = {}};
  if (out.only.size() != o->getArray("only")->size() || out.never.size() != o->getArray("never")->size()) return std::nullopt;
  for (const auto& [at, name] : *names) {
    if (!name.getAsString()) return std::nullopt;
    out.names[at.str()] = name.getAsString()->str();
  }
  return out;
}

}  // namespace hindsight::instrument
