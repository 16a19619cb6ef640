# shellcheck shell=bash disable=SC2154,SC2164
# Sourced by tools/bench: samples/charlm, recorded and replayed, against the same program without hindsight.

pinned=(env MALLOC_TRIM_THRESHOLD_=4294967296 MALLOC_MMAP_THRESHOLD_=33554432)
project=$work/charlm
mkdir "$project"
cp -r samples/charlm/CMakeLists.txt samples/charlm/hindsight.toml samples/charlm/src "$project"

talk "building charlm without hindsight, and recorded"
g++ -std=c++17 -O3 -DNDEBUG -I tests/bench/plain -isystem /usr/include/torch/csrc/api/include samples/charlm/src/main.cc \
  -o "$work/plain" -ltorch -ltorch_cpu -lc10
cd "$project"
# The first recording builds; the ones that are measured find the build.
hindsight record --set epochs=1 --set steps=1 -- build/charlm >>"$work/log" 2>&1

talk "training: $repeat times without hindsight, $repeat times recorded, in turn"
# A seed of its own for each: state that an earlier run has stored already would not be stored again.
for i in $(seq "$repeat"); do
  cpu_of "$work/plain.pinned" "${pinned[@]}" "$work/plain" --seed "1$i"
  cpu_of "$work/record.pinned" "${pinned[@]}" hindsight record -- build/charlm --seed "1$i"
  cpu_of "$work/plain.default" "$work/plain" --seed "2$i"
  cpu_of "$work/record.default" hindsight record -- build/charlm --seed "2$i"
  paste "$work/plain.pinned" "$work/record.pinned" | awk '{print $2 / $1}' >"$work/ratio.pinned"
  paste "$work/plain.default" "$work/record.default" | awk '{print $2 / $1}' >"$work/ratio.default"
done
last=$(hindsight runs --json | sed -nE 's/^\{"type":"run".*"run":"(r[0-9]+)".*/\1/p' | sed 's/^r//' | sort -n | tail -1)
run=r$last

talk "replaying $run: $repeat times each question"
hindsight log embedding_norm='hindsight::norm(net->embedding->weight)' --after 'hindsight::log("val_loss", val_loss);' >>"$work/log"
hindsight log grad_norm='hindsight::norm(net->embedding->weight.grad())' --after 'loss.backward();' >>"$work/log"
# Built by the first answer, which is not measured.
hindsight replay embedding_norm --run "$run" -j 1 >>"$work/log" 2>&1
hindsight replay grad_norm --run "$run" -j 1 --where epoch=4 >>"$work/log" 2>&1
for _ in $(seq "$repeat"); do
  cpu_of "$work/replay.outer" hindsight replay embedding_norm --run "$run" -j 1 --again
  cpu_of "$work/replay.inner" hindsight replay grad_norm --run "$run" -j 1 --where epoch=4 --again
done
# Every answer has to be exact, or its speed says nothing.
exact() { hindsight table "$1" --run "$run" --json | grep -c '"status":"exact"' || true; }
[ "$(exact embedding_norm)" -eq 10 ] || { echo "tools/bench: $(exact embedding_norm) of 10 values of embedding_norm are exact" >&2; exit 1; }
[ "$(exact grad_norm)" -eq 25 ] || { echo "tools/bench: $(exact grad_norm) of 25 values of grad_norm are exact" >&2; exit 1; }
cd "$repo"

full=$(median "$work/plain.pinned")
full_default=$(median "$work/plain.default")
outer=$(median "$work/replay.outer")
inner=$(median "$work/replay.inner")
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {print a / b}'; }
figure "recording charlm, a checkpoint every epoch" "$(median "$work/ratio.pinned")" x at-most 1.03
note "  with the allocator's own thresholds" "$(median "$work/ratio.default")" x
figure "outer probe, all 10 epochs, against a full re-run" "$(ratio "$full" "$outer")" x at-least 25
note "  full re-run with the allocator's own thresholds" "$(ratio "$full_default" "$outer")" x
figure "inner probe, one epoch of ten, against a full re-run" "$(ratio "$full" "$inner")" x at-least 8
note "  full re-run with the allocator's own thresholds" "$(ratio "$full_default" "$inner")" x
note "full training, CPU" "$full" s
note "full training with the allocator's own thresholds, CPU" "$full_default" s
note "recorded training and host, CPU" "$(median "$work/record.pinned")" s
note "outer replay, CPU" "$outer" s
note "inner replay, CPU" "$inner" s
