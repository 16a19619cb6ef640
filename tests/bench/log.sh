# shellcheck shell=bash disable=SC2154
# Sourced by tools/bench: what a call of log() and an iteration of a loop cost.

talk "calls of log() and loop()"
mkdir "$work/calls"
printf '[build]\ncommand = "true"\noutputs = []\n' >"$work/calls/hindsight.toml"
# times FILE: name and CPU time in ns of each benchmark's median, one a line.
calls() { awk -F, '$1 ~ /_median"?$/ {gsub(/"/, "", $1); sub(/\/.*/, "", $1); print $1, $4}' "$1"; }
time_of() { awk -v name="$2" '$1 == name {print $2}' "$1"; }
difference() { awk -v a="$1" -v b="$2" 'BEGIN {d = a - b; print (d > 0 ? d : 0)}'; }

"$build/tests/bench/log_bench" --benchmark_format=csv >"$work/inert.csv" 2>>"$work/log"
calls "$work/inert.csv" >"$work/inert"
(cd "$work/calls" && hindsight record --as-built -- "$build/tests/bench/log_bench" --benchmark_format=csv) \
  >"$work/active.csv" 2>"$work/active.log" || { cat "$work/active.log" >&2; exit 1; }
calls "$work/active.csv" >"$work/active"
[ "$(wc -l <"$work/inert") $(wc -l <"$work/active")" = "4 4" ] || { echo "tools/bench: log_bench printed something else" >&2; exit 1; }

figure "log() inside two loops, recording" \
  "$(difference "$(time_of "$work/active" iteration_with_log)" "$(time_of "$work/active" iteration)")" ns at-most 100
note "  with the loop's iteration" "$(time_of "$work/active" iteration_with_log)" ns
note "loop's iteration, recording" "$(difference "$(time_of "$work/active" iteration)" "$(time_of "$work/active" nothing)")" ns
figure "log() with no host" \
  "$(difference "$(time_of "$work/inert" log_alone)" "$(time_of "$work/inert" nothing)")" ns at-most 2
figure "loop's iteration with no host" \
  "$(difference "$(time_of "$work/inert" iteration)" "$(time_of "$work/inert" nothing)")" ns at-most 5
lost=$(cd "$work/calls" && hindsight show r1 --json | sed -nE 's/^\{"type":"run".*"dropped":([0-9]+).*/\1/p')
note "values lost" "${lost:-0}" ""
