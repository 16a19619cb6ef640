@0xb1d7b5a5c1a7f004;
using Cxx = import "/capnp/c++.capnp";
using Common = import "common.capnp";
$Cxx.namespace("hindsight::store::schema");

struct Leaf {
  path @0 :Text;
  dtype @1 :UInt8;       # DType
  shape @2 :List(UInt64);
  bytes @3 :UInt64;
  hash @4 :Common.Hash;
  inline @5 :Data;       # the bytes, where `chunks` is empty and the checkpoint is kept
  chunks @6 :List(Common.ChunkRef);
  offset @7 :UInt64;     # in the bytes of the only chunk, where that is larger than the leaf
}

struct Manifest {
  number @0 :UInt64;
  point @1 :Common.Point;
  kept @2 :Bool;
  leaves @3 :List(Leaf);
  digest @4 :UInt64;
  capturedNs @5 :Int64;
  captureCostNs @6 :UInt64;
}

struct SmallDigest { point @0 :Common.Point; digest @1 :UInt64; }
struct Digests { digests @0 :List(SmallDigest); }
