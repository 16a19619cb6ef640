#include "tools/describe.h"

#include "replay/explain.h"
#include "tools/records.h"
#include "tools/text.h"

namespace hindsight::tools {
namespace {

std::string tree_json(const store::Tree& tree) {
  std::vector<std::string> files;
  for (const store::FileEntry& file : tree) {
    json::Object object;
    object.text("path", file.path).number("size", file.size).text("hash", hex(file.hash)).flag("kept", file.kept);
    files.push_back(object.str());
  }
  return json::array(files);
}

std::string shape_json(const std::vector<std::uint64_t>& shape) {
  std::vector<std::string> sizes;
  for (const std::uint64_t size : shape) sizes.push_back(json::integer(size));
  return json::array(sizes);
}

std::string_view name_of(store::LoopInstance::End end) {
  switch (end) {
    case store::LoopInstance::End::kRunning: return "running";
    case store::LoopInstance::End::kFinished: return "finished";
    case store::LoopInstance::End::kAbandoned: return "abandoned";
  }
  return "running";
}

std::string segments_json(const std::vector<store::SegmentOutcome>& segments) {
  std::vector<std::string> objects;
  for (const store::SegmentOutcome& segment : segments) {
    json::Object object;
    object.number("number", segment.number)
        .number("values", segment.values)
        .number("compared_values", segment.compared_values)
        .number("compared_bytes", segment.compared_bytes)
        .number("compared_leaves", segment.compared_leaves)
        .text_or_null("last_compared", segment.last_compared)
        .text_or_null("first_difference", segment.first_difference)
        .text_or_null("problem", segment.problem)
        .real("cpu_seconds", segment.cpu_seconds);
    objects.push_back(object.str());
  }
  return json::array(objects);
}

}  // namespace

json::Object run_json(const store::Run& run, std::uint64_t version) {
  json::Object object("run");
  object.text("run", to_text(run.id))
      .text("version", version_text(version))
      .number("group", run.group)
      .text("state", name_of(run.state));
  const bool ended = run.state == store::RunState::kFinished;
  if (ended && run.signal == 0) {
    object.signed_number("exit_code", run.exit_code);
  } else {
    object.null("exit_code");
  }
  if (run.signal != 0) {
    object.signed_number("signal", run.signal);
  } else {
    object.null("signal");
  }
  return object.raw("started", when_json(run.started_ns))
      .raw("ended", when_json(run.ended_ns))
      .raw("argv", json::strings(run.argv))
      .raw("arguments", json::object(run.arguments))
      .number("records", run.records)
      .number("dropped", run.dropped)
      .number("checkpoints", run.checkpoints)
      .number("skipped", run.skipped)
      .number("thinned", run.thinned)
      .raw("notes", json::strings(run.notes));
}

json::Object full_run_json(const store::Run& run, std::uint64_t version) {
  return run_json(run, version)
      .text("uid", hex(run.uid))
      .text("program", run.program)
      .text("cwd", run.cwd)
      .raw("every", json::object(run.every))
      .raw("environment", json::object(run.environment))
      .raw("host", json::object(run.host))
      .raw("inputs", tree_json(run.inputs));
}

json::Object version_json(const store::Version& version) {
  std::vector<std::string> toolchains;
  for (const store::Toolchain& toolchain : version.toolchains) {
    json::Object object;
    object.text("compiler", toolchain.compiler).text("version", toolchain.version).text("hash", hex(toolchain.hash));
    toolchains.push_back(object.str());
  }
  return json::Object("version")
      .text("version", version_text(version.number))
      .text("id", hex(version.id.hash))
      .flag("as_built", version.as_built)
      .text("project", version.project_root)
      .raw("created", when_json(version.created_ns))
      .raw("toolchains", json::array(toolchains))
      .text("recipe", version.recipe)
      .raw("sources", tree_json(version.sources));
}

json::Object loop_json(store::RunId run, const store::LoopInstance& loop) {
  json::Object object("loop");
  object.text("run", to_text(run))
      .text("loop", loop.loop)
      .raw("enclosing", position_json(loop.enclosing))
      .number("entry", loop.entry)
      .number("thread", loop.thread)
      .text_or_null("site", to_text(loop.site))
      .number("iterations", loop.labels.size())
      .text("end", name_of(loop.end))
      .raw("started", when_json(loop.started_ns.empty() ? 0 : loop.started_ns.front()))
      .raw("ended", when_json(loop.ended_ns));
  return object;
}

json::Object series_json(store::RunId run, const store::SeriesKey& key, std::uint64_t values) {
  return json::Object("series")
      .text("run", to_text(run))
      .text("name", key.name)
      .raw("nest", json::strings(key.nest))
      .text("dtype", tools::name_of(key.dtype))
      .flag("vector", key.is_vector)
      .number("values", values)
      .text_or_null("site", to_text(key.site))
      .text_or_null("replay", key.replay.number == 0 ? std::string() : to_text(key.replay))
      .text_or_null("probe", key.probe.hash.is_zero() ? std::string() : hex(key.probe.hash))
      .number("thread", key.thread)
      .flag("argument", key.is_argument)
      .flag("drawn", key.is_draw);
}

json::Object checkpoint_json(store::RunId run, const store::Checkpoint& checkpoint) {
  std::uint64_t bytes = 0;
  std::vector<std::string> leaves;
  for (const store::Leaf& leaf : checkpoint.leaves) {
    bytes += leaf.bytes;
    json::Object object;
    object.text("path", leaf.path)
        .text("dtype", tools::name_of(leaf.dtype))
        .raw("shape", shape_json(leaf.shape))
        .number("bytes", leaf.bytes)
        .text("hash", hex(leaf.hash));
    leaves.push_back(object.str());
  }
  return json::Object("checkpoint")
      .text("run", to_text(run))
      .number("number", checkpoint.number)
      .text("point", to_string(checkpoint.point))
      .text("kind", checkpoint.point.kind == store::PointKind::kHead ? "head" : "exit")
      .raw("enclosing", position_json(checkpoint.point.enclosing))
      .text("loop", checkpoint.point.loop)
      .number("entry", checkpoint.point.entry)
      .number("ordinal", checkpoint.point.ordinal)
      .number("thread", checkpoint.point.thread)
      .flag("kept", checkpoint.kept)
      .number("bytes", bytes)
      .raw("captured", when_json(checkpoint.captured_ns))
      .real("cost_seconds", static_cast<double>(checkpoint.capture_cost_ns) / 1e9)
      .raw("leaves", json::array(leaves));
}

json::Object probe_json(const store::Probe& probe) {
  json::Object object("probe");
  object.text("probe", hex(probe.id.hash))
      .text("name", probe.name)
      .text("expression", probe.expression)
      .text("form", replay::name_of(probe.form))
      .text_or_null("statement", probe.statement)
      .text_or_null("function", probe.function)
      .text_or_null("file", probe.file);
  if (probe.line != 0) {
    object.number("line", probe.line);
  } else {
    object.null("line");
  }
  object.text_or_null("with", probe.helper_name).flag("foreign", probe.foreign);
  return object.raw("created", when_json(probe.created_ns));
}

json::Object replay_json(const store::Replay& replay) {
  std::vector<std::string> probes;
  for (const store::ProbeId& probe : replay.probes) probes.push_back(hex(probe.hash));
  return json::Object("replay")
      .text("replay", to_text(replay.id))
      .text("run", to_text(replay.run))
      .raw("probes", json::strings(probes))
      .raw("started", when_json(replay.started_ns))
      .raw("ended", when_json(replay.ended_ns))
      .text("tool_version", replay.tool_version)
      .real("build_cpu_seconds", replay.build_cpu_seconds)
      .real("cpu_seconds", replay.cpu_seconds)
      .raw("segments", segments_json(replay.segments))
      .raw("notes", json::strings(replay.notes));
}

json::Object placement_json(store::RunId run, std::uint64_t version, const std::string& name,
                            const replay::ProbePlacement& placement) {
  json::Object object("placement");
  object.text("run", to_text(run))
      .text("version", version_text(version))
      .text("probe", hex(placement.probe.hash))
      .text("name", name);
  if (placement.refused.empty()) {
    object.text("file", placement.file)
        .number("line", placement.line)
        .text("function", placement.function)
        .text("excerpt", placement.excerpt)
        .text("impure", placement.impure)
        .text("arithmetic", placement.arithmetic)
        .text("volatile", placement.volatile_why)
        .null("refused");
  } else {
    object.null("file").null("line").null("function").null("excerpt").null("impure").null("arithmetic").null("volatile").text("refused", placement.refused);
  }
  if (placement.from_version == 0) object.null("from_version");
  else object.number("from_version", placement.from_version);
  if (placement.from_version == 0) object.null("sure");
  else object.flag("sure", placement.is_sure);
  object.raw("renamed", json::strings(placement.renamed));
  return object.raw("candidates", json::strings(placement.candidates));
}

json::Object plan_json(store::RunId run, std::uint64_t version, const replay::Plan& plan, bool explain) {
  std::vector<std::string> segments;
  for (const replay::Segment& segment : plan.segments) {
    json::Object object;
    object.number("number", segment.number);
    if (segment.loop_instance) {
      object.number("loop_instance", *segment.loop_instance);
    } else {
      object.null("loop_instance");
    }
    object.number("enter", segment.enter)
        .number("first", segment.first)
        .number("last", segment.last)
        .flag("prologue", segment.includes_prologue)
        .flag("to_end", segment.runs_to_end)
        .raw("skips", json::strings(replay::names_of(segment.skip_nested)))
        .real("estimated_seconds", segment.estimated_seconds);
    segments.push_back(object.str());
  }
  json::Object object("plan");
  object.text("run", to_text(run))
      .text("version", version_text(version))
      .raw("segments", json::array(segments))
      .raw("problems", json::strings(plan.problems))
      .real("estimated_seconds", plan.estimated_seconds)
      .real("full_run_seconds", plan.full_run_seconds);
  if (explain) object.raw("reasons", json::strings(plan.reasons));
  return object;
}

json::Object answer_json(const replay::RunAnswer& answer, std::uint64_t version) {
  json::Object object("answer");
  object.text("run", to_text(answer.run))
      .text("version", version_text(version))
      .text_or_null("refused", answer.refused)
      .text_or_null("replay", answer.replay ? to_text(answer.replay->id) : std::string())
      .number("exact", answer.exact)
      .number("close", answer.close)
      .number("unverified", answer.unverified)
      .number("diverged", answer.diverged)
      .number("errors", answer.errors)
      .text_or_null("first_difference", answer.first_difference)
      .flag("built", answer.built)
      .real("full_run_seconds", answer.plan.full_run_seconds)
      .real("build_cpu_seconds", answer.build_cpu_seconds);
  if (answer.replay) {
    object.real("cpu_seconds", answer.replay->cpu_seconds)
        .raw("segments", segments_json(answer.replay->segments))
        .raw("notes", json::strings(answer.replay->notes));
  } else {
    object.null("cpu_seconds").raw("segments", "[]").raw("notes", "[]");
  }
  return object;
}

}  // namespace hindsight::tools
