#include "tools/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "tools/text.h"

namespace hindsight::tools {
namespace {

std::string counts_text(std::uint64_t exact, std::uint64_t close, std::uint64_t unverified, std::uint64_t diverged,
                        std::uint64_t errors) {
  const std::uint64_t all = exact + close + unverified + diverged + errors;
  std::vector<std::string> parts;
  const auto part = [&](std::uint64_t count, const char* what) {
    if (count > 0) parts.push_back(fmt::format("{} {}", count, what));
  };
  part(exact, "exact");
  part(close, "close");
  part(unverified, "unverified");
  part(diverged, "diverged");
  part(errors, "of them errors: the probe threw");
  if (all == 0) return "no values";
  return fmt::format("{}: {}", count_text(all, "value", "values"), joined(parts, ", "));
}

std::string cost_text(const replay::RunAnswer& answer) {
  const std::string build = answer.build_cpu_seconds > 0 ? ", build " + duration_text(answer.build_cpu_seconds) : "";
  if (!answer.replay) return (is_all_refused(answer) || !answer.plan.problems.empty() ? "nothing could run" : "nothing had to run") + build;
  std::string text = fmt::format("{} in {}", duration_text(answer.replay->cpu_seconds) + " CPU",
                                 count_text(answer.replay->segments.size(), "segment", "segments"));
  if (answer.plan.full_run_seconds > 0) {
    text += fmt::format(" (training again takes {})", duration_text(answer.plan.full_run_seconds));
  }
  return text + build;
}

}  // namespace

std::string placements_text(const std::vector<replay::ProbePlacement>& placements, const std::map<store::ProbeId, std::string>& names, bool all) {
  const std::string indent = "    ";
  std::string text;
  for (const replay::ProbePlacement& placement : placements) {
    const auto known = names.find(placement.probe);
    const std::string name = known == names.end() ? to_text(placement.probe) : known->second;
    if (!placement.refused.empty()) {
      text += fmt::format("{}{}: refused: {}\n", indent, name, placement.refused);
      for (const std::string& candidate : placement.candidates) text += indent + "  " + escaped(candidate) + "\n";
    } else if (all) {
      text += fmt::format("{}{}: {}:{}{}\n", indent, name, placement.file, placement.line,
                          placement.function.empty() ? "" : " in " + placement.function);
      if (placement.from_version != 0) {
        text += fmt::format("{}  as in v{}{}{}\n", indent, placement.from_version, placement.renamed.empty() ? "" : ", where it says ", escaped(joined(placement.renamed, ", ")));
        if (!placement.is_sure) text += indent + "  only one way leads to that place: its values will not be exact\n";
      }
      if (!placement.excerpt.empty()) text += indent + "  + " + escaped(placement.excerpt) + "\n";
      if (!placement.impure.empty()) text += indent + "  it may change the program's state: " + escaped(placement.impure) + "; no value will be exact\n";
      if (!placement.arithmetic.empty()) text += indent + "  the compiler may compute otherwise around it (" + escaped(placement.arithmetic) + "); its values will not be exact\n";
      if (!placement.volatile_why.empty()) text += indent + "  it takes " + escaped(placement.volatile_why) + " from outside the program; its values will not be exact\n";
    }
  }
  return text;
}

std::string answer_text(const replay::RunAnswer& answer, std::uint64_t version,
                        const std::map<store::ProbeId, std::string>& names, const ReportStyle& style) {
  const std::string run = fmt::format("{} ({})", to_text(answer.run), version_text(version));
  const std::string indent = "    ";
  std::string text;
  if (!answer.refused.empty()) {
    text = fmt::format("{}: refused: {}\n", run, answer.refused);
  } else if (style.dry_run) {
    text = run + "\n";
  } else {
    text = fmt::format("{}: {}; {}\n", run,
                       counts_text(answer.exact, answer.close, answer.unverified, answer.diverged, answer.errors),
                       cost_text(answer));
  }
  text += placements_text(answer.placements, names, style.dry_run || style.verbose);
  for (const std::string& line : style.plan) text += indent + line + "\n";
  if (style.plan.empty()) {
    for (const std::string& problem : answer.plan.problems) text += indent + "not answered: " + problem + "\n";
  }
  if (answer.replay) {
    for (const store::SegmentOutcome& segment : answer.replay->segments) {
      if (!segment.problem.empty()) {
        text += fmt::format("{}segment {} gave no answer: {}\n", indent, segment.number, segment.problem);
      } else if (style.verbose) {
        text += fmt::format("{}segment {}: {} compared, {} of state in {}, last at {}\n", indent, segment.number,
                            count_text(segment.compared_values, "value", "values"), bytes_text(segment.compared_bytes),
                            count_text(segment.compared_leaves, "leaf", "leaves"),
                            segment.last_compared.empty() ? "nothing" : segment.last_compared);
      }
    }
  }
  // A worker that the user stopped stopped somewhere else than the recording: no difference worth a word.
  if (was_interrupted(answer)) return text;
  if (answer.replay) {
    for (const std::string& note : answer.replay->notes) text += indent + escaped(note) + "\n";
  }
  if (!answer.first_difference.empty()) {
    text += fmt::format("{}first difference: {}\n", indent, escaped(answer.first_difference));
  }
  return text;
}

bool is_all_refused(const replay::RunAnswer& answer) {
  return !answer.placements.empty() && std::all_of(answer.placements.begin(), answer.placements.end(),
                                                   [](const auto& placement) { return !placement.refused.empty(); });
}

bool was_interrupted(const replay::RunAnswer& answer) {
  return answer.replay && std::any_of(answer.replay->segments.begin(), answer.replay->segments.end(),
                                      [](const auto& segment) { return segment.problem == "interrupted"; });
}

void Tally::add(const replay::RunAnswer& answer) {
  ++runs;
  exact += answer.exact;
  close += answer.close;
  unverified += answer.unverified;
  diverged += answer.diverged;
  errors += answer.errors;
  if (!answer.refused.empty()) ++refused;
  for (const replay::ProbePlacement& placement : answer.placements) refused += placement.refused.empty() ? 0 : 1;
  unanswered += answer.plan.problems.size();
  full_run_seconds += answer.plan.full_run_seconds;
  build_cpu_seconds += answer.build_cpu_seconds;
  if (!answer.replay) return;
  segments += answer.replay->segments.size();
  cpu_seconds += answer.replay->cpu_seconds;
  for (const store::SegmentOutcome& segment : answer.replay->segments) {
    unanswered += segment.problem.empty() ? 0 : 1;
    // A difference after the last asked value is still a replay that differs from the record.
    if (!segment.first_difference.empty() && answer.diverged == 0) ++unanswered;
  }
}

bool is_bad(const Tally& tally) {
  return tally.diverged > 0 || tally.errors > 0 || tally.refused > 0 || tally.unanswered > 0;
}

std::string total_text(const Tally& tally) {
  std::string text = fmt::format(
      "{}: {}; {} CPU", count_text(tally.runs, "run", "runs"),
      counts_text(tally.exact, tally.close, tally.unverified, tally.diverged, tally.errors), duration_text(tally.cpu_seconds));
  if (tally.build_cpu_seconds > 0) text += ", build " + duration_text(tally.build_cpu_seconds);
  if (tally.refused > 0) text += fmt::format(", {} refused", tally.refused);
  if (tally.unanswered > 0) text += fmt::format(", {} without an answer", tally.unanswered);
  return text + "\n";
}

json::Object summary_json(const Tally& tally, bool dry_run) {
  json::Object summary("summary");
  summary.flag("dry_run", dry_run)
      .number("runs", tally.runs)
      .number("exact", tally.exact)
      .number("close", tally.close)
      .number("unverified", tally.unverified)
      .number("diverged", tally.diverged)
      .number("errors", tally.errors)
      .number("refused", tally.refused)
      .number("unanswered", tally.unanswered)
      .number("segments", tally.segments)
      .real("cpu_seconds", tally.cpu_seconds)
      .real("build_cpu_seconds", tally.build_cpu_seconds)
      .real("full_run_seconds", tally.full_run_seconds);
  return summary;
}

}  // namespace hindsight::tools
