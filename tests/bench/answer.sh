# shellcheck shell=bash disable=SC2154,SC2164
# Sourced by tools/bench: how long it takes from a probe to its values. Elapsed time, since that is what somebody waits for, and everything is warm: the
# versions are recorded and their headers have been parsed; every probe is a new one.

seconds() { date +%s.%N; }
# elapsed FILE COMMAND...: adds a line to FILE, the seconds that the command took.
elapsed() {
  local file=$1 start status=0
  shift
  start=$(seconds)
  "$@" >>"$work/log" 2>&1 || status=$?
  echo "$(seconds) $start" | awk '{print $1 - $2}' >>"$file"
  if [ $status -ne 0 ]; then
    echo "tools/bench: this failed: $*" >&2
    tail -20 "$work/log" >&2
    exit 1
  fi
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {print a / b}'; }
exact() { hindsight table "$1" --json "${@:2}" | grep -c '"status":"exact"' || true; }
expect_exact() { # NAME COUNT
  local found
  found=$(exact "$1")
  [ "$found" -ge "$2" ] || { echo "tools/bench: $found values of $1 are exact, and not $2" >&2; exit 1; }
}

for sample in spiral charlm; do
  project=$work/answer.$sample
  mkdir "$project"
  cp -r samples/$sample/CMakeLists.txt samples/$sample/hindsight.toml samples/$sample/src "$project"
  (cd "$project" && git apply "$repo/samples/$sample/versions/unmodified.patch")
  cd "$project"
  if [ $sample = charlm ]; then
    arguments=(--epochs 2) expression='loss.item<double>() *' statement='loss.backward();' reach=10
  else
    arguments=(--epochs 5) expression='epoch_loss *' statement='const double right = accuracy(net, test);' reach=2
  fi
  talk "answers from $sample: $repeat new probes in one version"
  hindsight record -- build/$sample "${arguments[@]}" >>"$work/log"
  for i in $(seq 0 "$repeat"); do
    hindsight log "probe$i=$expression $((i + 1))" --after "$statement" >>"$work/log"
    file=$work/first.$sample
    [ "$i" -gt 0 ] || file=$work/unmeasured  # has the headers parsed
    elapsed "$file" hindsight replay "probe$i"
    expect_exact "probe$i" 2
    elapsed "$work/again.$sample" hindsight replay "probe$i"
  done
  figure "$sample, one version: a new probe to its values" "$(median "$work/first.$sample")" s at-most $reach
  figure "$sample, the same question again" "$(median "$work/again.$sample")" s at-most 0.05
  cd "$repo"
done

versions=20 epochs=40
cd "$work/answer.spiral"
talk "answers from spiral: $versions versions of it, trained for longer"
rm -rf .hindsight
for v in $(seq $versions); do
  sed -i "s/^  const int arms = 3;.*/  const int arms = 3;  \/\/ as in experiment $v/" src/main.cc
  sed -i "s/Adam adam(net, 0.00[0-9]*)/Adam adam(net, 0.003$v)/" src/main.cc
  hindsight record -- build/spiral --epochs $epochs >>"$work/log" 2>&1
  # Training again is what it takes without hindsight: the plain program, and its build.
  cpu_of "$work/retrain" sh -c "cmake -S . -B $work/plain -DCMAKE_BUILD_TYPE=Release && cmake --build $work/plain && $work/plain/spiral --epochs $epochs"
done
training=$(awk '{sum += $1} END {print sum}' "$work/retrain")
for i in $(seq 0 "$repeat"); do
  hindsight log "all$i=epoch_loss * $((i + 100))" --after 'const double right = accuracy(net, test);' >>"$work/log"
  hindsight log "one$i=epoch_loss * $((i + 200))" --after 'const double right = accuracy(net, test);' >>"$work/log"
  suffix=
  [ "$i" -gt 0 ] || suffix=.unmeasured
  elapsed "$work/one$suffix" hindsight replay "one$i" --run r1
  start=$(seconds)
  cpu_of "$work/all.cpu$suffix" hindsight replay "all$i" -j 2
  echo "$(seconds) $start" | awk '{print $1 - $2}' >>"$work/all$suffix"
  expect_exact "all$i" $((versions * epochs))
done
figure "$versions versions of spiral, against one" "$(ratio "$(median "$work/all")" "$(median "$work/one")")" x at-most 3
note "  the answer from all, elapsed" "$(median "$work/all")" s
figure "  training them all again, against the answer (CPU)" "$(ratio "$training" "$(median "$work/all.cpu")")" x at-least 20
cd "$repo"

# A program of a thousand lines: functions that a training loop calls in turn, another one of them changed in every version.
versions=100
project=$work/answer.large
mkdir "$project"
cd "$project"
write_large() { # VERSION
  {
    echo '#include <cmath>'
    echo '#include <cstdio>'
    echo '#include <vector>'
    for f in $(seq 70); do
      gain=1
      [ $((f % 70)) -ne $(($1 % 70)) ] || gain=$1
      printf 'double part%d(std::vector<double>& weights, double rate) {\n  double sum = 0;\n  for (std::size_t i = 0; i < weights.size(); ++i) {\n' "$f"
      printf '    const double error = std::tanh(weights[i]) - %d.0 / %d;\n    weights[i] -= rate * error;\n    if (error > 0.5) {\n      sum += 0.5 * error;\n    } else {\n' "$f" $((f + 3))
      printf '      sum += error * error * %d;\n    }\n  }\n  return sum / static_cast<double>(weights.size());\n}\n' "$gain"
    done
    echo 'int main() {'
    echo '  std::vector<double> weights(64, 0.1);'
    echo "  double rate = 0.01$1;"
    echo '  for (int epoch = 0; epoch < 3; ++epoch) {'
    echo '    double loss = 0;'
    for f in $(seq 70); do echo "    loss += part$f(weights, rate);"; done
    echo '    std::printf("%d %.17g\n", epoch, loss);'
    echo '  }'
    echo '}'
  } >train.cc
}
write_large 1
cat >hindsight.toml <<'T'
[build]
command = "g++ -std=c++17 -O1 train.cc -o train"
outputs = ["train"]
[run]
command = ["./train"]
T
talk "placement in a program of $(wc -l <train.cc) lines: recording $versions versions of it"
for v in $(seq $versions); do
  write_large "$v"
  hindsight record -- ./train >>"$work/log" 2>&1
done
for i in $(seq "$repeat"); do
  hindsight log "where$i=loss * $i" --before 'std::printf("%d %.17g\n", epoch, loss);' >>"$work/log"
  elapsed "$work/placement" hindsight replay "where$i" --dry-run
done
figure "one probe placed in $versions versions of a thousand lines" "$(median "$work/placement")" s at-most 10
cd "$repo"
