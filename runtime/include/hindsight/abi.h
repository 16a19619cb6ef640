// The C ABI between the header-only face and the client library. Not for use by hand: include hindsight/hindsight.h.
//
// Everything here may be called from any thread, at any time, with or without a host; nothing throws, and without a host
// nothing happens. Pointers are borrowed for the duration of the call unless it is said otherwise.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// 1 while a host listens. Read with a relaxed load; the only thing the face looks at when there is no host.
extern int hindsight_active;

// ---- values -----------------------------------------------------------------------------------------------------

// A place in the program. `kind` is wire::SiteKind: 1 log, 2 argument, 3 loop, 4 probe.
typedef struct hindsight_site {
  const char* name;
  const char* file;
  const char* probe;  // 32 hex digits, probes only; else null
  uint32_t line;
  uint32_t kind;
} hindsight_site;

// One number: `bits` is its bit pattern, zero-extended. `dtype` is wire::DType here and below.
void hindsight_put_scalar(const hindsight_site* site, uint8_t dtype, uint64_t bits);
// `count` elements of `dtype`; for text and errors `count` bytes.
void hindsight_put_array(const hindsight_site* site, uint8_t dtype, const void* data, uint64_t count);
// A sentence for the run's notes.
void hindsight_note(const char* text);
// Room of at least `bytes` bytes that is this thread's until its next call; null if there is no memory.
void* hindsight_scratch(size_t bytes);
// Memory that is not from the program's heap, as malloc and free. Null: there is none.
void* hindsight_take(size_t bytes);
void hindsight_give(void* block);

// ---- arguments --------------------------------------------------------------------------------------------------

// What `record --set NAME=VALUE` gave: 1 and the text (ends in a zero byte, valid until the process ends), or 0.
int hindsight_arg_text(const char* name, const char** text, size_t* size);
// The same as a number. 1: parsed and within range; 0: not set; -1: set, but not of that type, which has been reported.
int hindsight_arg_int(const char* name, int64_t least, int64_t most, int64_t* value);
int hindsight_arg_uint(const char* name, uint64_t most, uint64_t* value);
int hindsight_arg_f32(const char* name, float* value);
int hindsight_arg_f64(const char* name, double* value);
int hindsight_arg_bool(const char* name, int* value);
// Reports that the value of `name` could not be read as `type`, so that the default stands.
void hindsight_arg_refused(const char* name, const char* type);

// ---- state ------------------------------------------------------------------------------------------------------

typedef struct hindsight_archive hindsight_archive;

// One visit serves all: the same code saves, checks, restores and digests.
enum {
  HINDSIGHT_SAVE = 1,
  HINDSIGHT_CHECK = 2,  // does what is stored fit the program? Writes nothing
  HINDSIGHT_LOAD = 3,
  HINDSIGHT_SMALL = 4   // RNGs and scalars only, for the digest
};

// A variable that is part of a state.
typedef struct hindsight_root {
  const char* name;  // null: named by its index
  void* object;
  uint64_t type;     // of the object; (object, type) is the identity by which a root is captured once
  void (*visit)(hindsight_archive* archive, void* object);
} hindsight_root;

// Registers a root for the life of the process. The object must live as long.
void hindsight_state(const hindsight_root* root);
// Registers ambient state under a fixed name (which must be static); the same name again is ignored.
void hindsight_ambient(const char* name, void (*visit)(hindsight_archive* archive, void* object));

int hindsight_ar_mode(const hindsight_archive* archive);
int hindsight_ar_failed(const hindsight_archive* archive);
// Gives up on this pass; the first reason stands. The current path is put in front of it.
void hindsight_ar_fail(hindsight_archive* archive, const char* reason);
void hindsight_ar_push(hindsight_archive* archive, const char* name, size_t size);
void hindsight_ar_push_index(hindsight_archive* archive, uint64_t index);
void hindsight_ar_pop(hindsight_archive* archive);
// What follows up to the matching leave is one of many: never part of the small digest. Returns 0 if nothing of it is wanted
// (then no leave follows).
int hindsight_ar_enter_many(hindsight_archive* archive);
void hindsight_ar_leave_many(hindsight_archive* archive);

// A leaf at the current path. SAVE: copies `data` out. LOAD: copies into `data`; path, dtype and shape must be the stored ones.
// CHECK: compares those. SMALL: digests it if `small`. Returns 0 after a failure.
int hindsight_ar_leaf(hindsight_archive* archive, uint8_t dtype, uint8_t ndim, const uint64_t* shape, void* data, uint64_t bytes,
                      int small);
// SAVE: makes a leaf and returns the place for its bytes, or null if they are not wanted (no room in this pass, or a failure).
void* hindsight_ar_reserve(hindsight_archive* archive, uint8_t dtype, uint8_t ndim, const uint64_t* shape, uint64_t bytes,
                           int small);
// LOAD, CHECK: the next leaf, which must have the current path, `dtype` and `ndim`: fills `shape` (ndim entries) and `bytes`,
// and returns its bytes (never null unless it failed). It is not consumed.
const void* hindsight_ar_peek(hindsight_archive* archive, uint8_t dtype, uint8_t ndim, uint64_t* shape, uint64_t* bytes);
// LOAD, CHECK: consumes the next leaf.
void hindsight_ar_consume(hindsight_archive* archive);
// CHECK: consumes every leaf at or below the current path.
void hindsight_ar_skip(hindsight_archive* archive);

// Objects that can be reached more than once. `find` returns the number of a known object, or -1; `add` gives it the next one.
int64_t hindsight_ar_find_object(hindsight_archive* archive, const void* address, uint64_t type);
int64_t hindsight_ar_add_object(hindsight_archive* archive, const void* address, uint64_t type, void* holder,
                                void (*destroy)(void* holder));
// The `type` of a holder that is two addresses: that of the pointer which stands for a reference, as it was visited, and what the reference
// is bound to. They have to be equal once pointers are resolved.
#define HINDSIGHT_REFERENCE 0x5245464552454e43ull
// The holder of object `number` if its type is `type`, else null. Holders are destroyed when the pass ends.
void* hindsight_ar_object(hindsight_archive* archive, int64_t number, uint64_t type);

// Places: what a pointer may refer to. `enter` says that the object at `object` is visited next, and fills `saved`, which goes back to
// `leave` when that is done. `is_array`: a pointer to its end may be meant as such.
typedef struct hindsight_scope {
  const void* outer;   // the place that we are in
  uint64_t bytes;
  const void* whole;   // the object that is visited as what it is, base classes included
  uint32_t temporary;  // in a copy that is gone before the pass ends
} hindsight_scope;
void hindsight_ar_enter(hindsight_archive* archive, const void* object, uint64_t bytes, int is_array, hindsight_scope* saved);
void hindsight_ar_leave(hindsight_archive* archive, const hindsight_scope* saved);
// The object that begins at `start` is visited as its dynamic type: its base classes may be visited as what they are.
void hindsight_ar_whole(hindsight_archive* archive, const void* start);
int hindsight_ar_is_whole(const hindsight_archive* archive, const void* start);

// A block that the program's own code allocated. `kind` is how.
enum { HINDSIGHT_MALLOC = 1, HINDSIGHT_NEW = 2, HINDSIGHT_NEW_ARRAY = 3 };
typedef struct hindsight_block {
  const void* base;
  uint64_t bytes;      // as they were asked for
  uint32_t kind;
  uint32_t alignment;  // as it was asked for; 0: none was
} hindsight_block;
// 1 and the block that `address` lies in; 0: none is known. Programs that are not linked with client/heap.h's flags know none.
int hindsight_heap_block(const void* address, hindsight_block* block);

// What a raw pointer points to. `index` is the dynamic type's: 0 for a type without virtual functions.
typedef struct hindsight_pointee {
  uint64_t bytes;    // 0: not known (void, an incomplete class)
  uint64_t cookie;   // what `new T[n]` puts in front of the elements
  uint32_t is_function, is_text, is_number;
  uint32_t looked_at;  // bytes of what nothing else is known of: no state, but it is seen when they change
  // Polymorphic classes, else null: the type's index (-1: not one that is known), where the whole object begins, and its size.
  int64_t (*dynamic)(const void* pointer, const void** start, uint64_t* bytes);
  // Visits `count` elements, the first at `first`.
  void (*visit)(hindsight_archive* archive, void* first, uint64_t count, int64_t index);
  // A new block like this one, its elements constructed; null: it cannot be made. With `only_ask` nothing is made; not null: it could be.
  void* (*make)(const hindsight_block* like, uint64_t count, int64_t index, int only_ask);
  const char* (*name)(const void* object, int64_t index);  // of the class; `object` (may be null) if the index is -1
} hindsight_pointee;
// The pointer at `slot` is part of the state. It is visited, with what it points to, when all else has been. `pointee` is borrowed for ever.
void hindsight_ar_pointer(hindsight_archive* archive, void* slot, const hindsight_pointee* pointee);

// A function object of the standard library, taken apart by who knows its layout. What it calls is stored by its symbol, what that holds as bytes.
enum { HINDSIGHT_CALLABLE_BYTES = 16 };
typedef struct hindsight_callable {
  const void* code;     // null: it is empty
  const void* manager;  // the library's, which belongs to the code
  const void* held;     // what the code is called on, where it lies in memory of its own; null: in the object
  uint64_t bytes;       // of `inside`
  uint32_t is_function; // the first bytes of `inside` are a pointer to a function
  unsigned char inside[HINDSIGHT_CALLABLE_BYTES];  // what it holds in itself; bytes that a copy of it does not write are zero
} hindsight_callable;
// Visits it at the current path. 1: LOAD, and the object is to become what `callable` has now, which is inside the object.
int hindsight_ar_callable(hindsight_archive* archive, hindsight_callable* callable);

// Variables that live: pointers of the state may lead into them. What a variable of one type is:
typedef struct hindsight_live_type {
  uint64_t type;
  uint64_t bytes;
  uint64_t element;    // bytes of one of an array's; 0: it is none
  uint64_t is_number;  // it, or each of an array's
  void (*visit)(hindsight_archive* archive, void* object);
} hindsight_live_type;
// Lives in the face's object, from enter to leave, at one address; `mark` is 0 if the variable is not known to the client.
typedef struct hindsight_live {
  uint64_t mark;
  uint64_t at;
} hindsight_live;
// To be called by the function whose scope it is. `name`, `object` and `type` are borrowed until leave, which comes if `mark` is not 0 then.
// Where a scope is left without it (longjmp), the client finds out.
void hindsight_live_enter(hindsight_live* live, const char* name, const void* object, const hindsight_live_type* type);
void hindsight_live_leave(hindsight_live* live);
// Scopes of functions that the caller called are gone: helps to find those that longjmp has left.
void hindsight_live_settle(void);

// ---- draws ------------------------------------------------------------------------------------------------------

// The program took `*number` from outside itself; on replay it becomes what was recorded. `source` is wire::Draw.
enum { HINDSIGHT_DRAW_TORCH_SEED = 3 };
void hindsight_draw(uint32_t source, uint64_t* number);
// The expression of a probe begins (1) or ends (0) in this thread: what it draws is none of the program's. Returns whether it may change the program's
// state; ambient state is then put back behind it.
int hindsight_probing(int begins);

// ---- loops ------------------------------------------------------------------------------------------------------

// Lives in the face's loop object, from enter to leave, at one address. Its content is the client's.
typedef struct hindsight_frame {
  uint64_t opaque[40];
} hindsight_frame;

enum { HINDSIGHT_RUN = 0, HINDSIGHT_JUMPED = 1, HINDSIGHT_SKIPPED = 2 };
enum { HINDSIGHT_LOOP_NO_JUMP = 1 };  // flags: it cannot be entered in the middle

// `roots` is borrowed until leave. Returns 0 if there is no host: then no other call is made for this frame.
int hindsight_loop_enter(hindsight_frame* frame, const hindsight_site* site, const hindsight_root* roots, uint32_t count,
                         uint32_t flags);
// The first `count` roots are variables that the loop itself declares: they are gone when it is left, and no part of its exit. After enter, before
// the first head.
void hindsight_loop_own(hindsight_frame* frame, uint32_t count);
// What the loop's iterations only read from outside; named, borrowed until leave. After enter, before the first head.
void hindsight_loop_watch(hindsight_frame* frame, const hindsight_root* roots, uint32_t count);
// Before iteration *ordinal. JUMPED: a later head's state was restored and *ordinal is its iteration. SKIPPED: the loop's exit was
// restored; leave follows.
int hindsight_loop_head(hindsight_frame* frame, uint64_t* ordinal);
// Iteration `ordinal` begins. `tentative`: only if its condition, not yet evaluated, holds.
void hindsight_loop_begin(hindsight_frame* frame, uint64_t ordinal, int has_label, int64_t label, int tentative);
// The loop came to its natural end after `ordinal` iterations.
void hindsight_loop_exit(hindsight_frame* frame, uint64_t ordinal);
// The loop is left; without an exit before it, it was abandoned.
void hindsight_loop_leave(hindsight_frame* frame);
// LOOP_NO_JUMP and the like found out late: ends the replaying process with `reason`, since a jump was ordered that cannot be made.
void hindsight_loop_refuse(hindsight_frame* frame, const char* reason);

// ---- statistics -------------------------------------------------------------------------------------------------

typedef struct hindsight_statistics {
  double numel, nan, inf, min, max, sum, mean, std, norm;
} hindsight_statistics;
// Over `count` numbers of `dtype` (bool to f64, f16 and bf16 too), in f64. The floating-point environment is as it was afterwards.
void hindsight_statistics_of(uint8_t dtype, const void* data, uint64_t count, hindsight_statistics* result);

#ifdef __cplusplus
}
#endif
