@0xb1d7b5a5c1a7f001;
# Parts that several messages share. Fields are only ever added, with higher ordinals.
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("hindsight::store::schema");

struct Hash { high @0 :UInt64; low @1 :UInt64; }

struct Pair { name @0 :Text; value @1 :Text; }
struct Count { name @0 :Text; value @1 :UInt64; }

struct FileEntry {
  path @0 :Text;
  mode @1 :UInt32;
  size @2 :UInt64;
  hash @3 :Hash;
  mtimeNs @4 :Int64;
  kept @5 :Bool;
}

struct Level {
  loop @0 :Text;
  entry @1 :UInt32;
  ordinal @2 :UInt64;
  label @3 :Int64;
  hasLabel @4 :Bool;
}

struct Point {
  enclosing @0 :List(Level);
  loop @1 :Text;
  entry @2 :UInt32;
  ordinal @3 :UInt64;
  kind @4 :UInt8;     # PointKind
  thread @5 :UInt32;
}

struct Site { file @0 :Text; line @1 :UInt32; }

struct ChunkRef { hash @0 :Hash; bytes @1 :UInt32; }
struct Number { number @0 :UInt64; }
