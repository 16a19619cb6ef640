@0xb1d7b5a5c1a7f005;
using Cxx = import "/capnp/c++.capnp";
using Common = import "common.capnp";
$Cxx.namespace("hindsight::store::schema");

struct Probe {
  id @0 :Common.Hash;
  name @1 :Text;
  expression @2 :Text;
  form @3 :UInt8;        # Probe::Form
  statement @4 :Text;
  function @5 :Text;
  file @6 :Text;
  line @7 :UInt32;
  nest @8 :List(Text);
  previous @9 :Text;
  next @10 :Text;
  createdNs @11 :Int64;
  number @12 :UInt64;    # order of creation in this store, from 1
  removed @13 :Bool;     # no longer asked; kept for the values that name it
  helper @14 :Text;      # text that the expression needs in front of the code
  helperName @15 :Text;
  foreign @16 :Bool;
}

struct SegmentOutcome {
  number @0 :UInt32;
  comparedValues @1 :UInt64;
  comparedBytes @2 :UInt64;
  comparedLeaves @3 :UInt64;
  lastCompared @4 :Text;
  firstDifference @5 :Text;
  problem @6 :Text;
  values @7 :UInt64;
  cpuSeconds @8 :Float64;
}

struct Replay {
  number @0 :UInt64;
  run @1 :UInt64;
  probes @2 :List(Common.Hash);
  startedNs @3 :Int64;
  endedNs @4 :Int64;
  build @5 :Common.Hash;
  toolVersion @6 :Text;
  buildCpuSeconds @7 :Float64;
  cpuSeconds @8 :Float64;
  segments @9 :List(SegmentOutcome);
  notes @10 :List(Text);
}

struct Coverage {
  loopInstance @0 :UInt64;
  first @1 :UInt64;
  last @2 :UInt64;
  replay @3 :UInt64;
  exact @4 :Bool;
}
struct CoverageList { run @0 :UInt64; probe @1 :Common.Hash; stretches @2 :List(Coverage); }
