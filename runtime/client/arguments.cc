// The values that `record --set NAME=VALUE` gives to hindsight::arg.
#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <initializer_list>

#include "runtime/client/engine.h"

namespace hindsight::client {
namespace {

// Numbers are read as C writes them, whatever the program's locale.
locale_t c_locale() {
  static locale_t made = newlocale(LC_ALL_MASK, "C", nullptr);
  return made;
}

struct Read {
  const char* text;
  char* rest;
  bool whole() const { return rest != text && *rest == 0 && !isspace(static_cast<unsigned char>(*text)); }
};

int refused(const char* name, const char* type) {
  hindsight_arg_refused(name, type);
  return -1;
}

}  // namespace
}  // namespace hindsight::client

using namespace hindsight::client;

extern "C" {

int hindsight_arg_text(const char* name, const char** text, size_t* size) {
  if (!alive()) return 0;
  const char* const value = setting("arg", name);
  if (value == nullptr) return 0;
  *text = value;
  *size = strlen(value);
  return 1;
}

int hindsight_arg_int(const char* name, int64_t least, int64_t most, int64_t* value) {
  Read read = {};
  size_t size;
  if (hindsight_arg_text(name, &read.text, &size) == 0) return 0;
  const Undisturbed undisturbed;
  errno = 0;
  const long long number = strtoll(read.text, &read.rest, 10);
  if (!read.whole() || errno != 0 || number < least || number > most) return refused(name, "an integer of its type");
  *value = number;
  return 1;
}

int hindsight_arg_uint(const char* name, uint64_t most, uint64_t* value) {
  Read read = {};
  size_t size;
  if (hindsight_arg_text(name, &read.text, &size) == 0) return 0;
  const Undisturbed undisturbed;
  errno = 0;
  const unsigned long long number = strtoull(read.text, &read.rest, 10);
  if (!read.whole() || errno != 0 || number > most || *read.text == '-') return refused(name, "an integer of its type");
  *value = number;
  return 1;
}

int hindsight_arg_f32(const char* name, float* value) {
  Read read = {};
  size_t size;
  if (hindsight_arg_text(name, &read.text, &size) == 0) return 0;
  const Undisturbed undisturbed;
  const float number = strtof_l(read.text, &read.rest, c_locale());
  if (!read.whole()) return refused(name, "a number");
  *value = number;
  return 1;
}

int hindsight_arg_f64(const char* name, double* value) {
  Read read = {};
  size_t size;
  if (hindsight_arg_text(name, &read.text, &size) == 0) return 0;
  const Undisturbed undisturbed;
  const double number = strtod_l(read.text, &read.rest, c_locale());
  if (!read.whole()) return refused(name, "a number");
  *value = number;
  return 1;
}

int hindsight_arg_bool(const char* name, int* value) {
  const char* text;
  size_t size;
  if (hindsight_arg_text(name, &text, &size) == 0) return 0;
  for (const char* yes : {"true", "1", "yes", "on"}) {
    if (strcmp(text, yes) == 0) return *value = 1;
  }
  for (const char* no : {"false", "0", "no", "off"}) {
    if (strcmp(text, no) == 0) {
      *value = 0;
      return 1;
    }
  }
  return refused(name, "true or false");
}

void hindsight_arg_refused(const char* name, const char* type) {
  const char* text = "";
  size_t size;
  hindsight_arg_text(name, &text, &size);
  const Undisturbed undisturbed;
  char sentence[400];
  size_t used = 0;
  for (const char* part : {"argument '", name, "': '", text, "' is not ", type, "; the program's default is used"}) {
    const size_t length = strnlen(part, sizeof sentence - 1 - used);
    memcpy(sentence + used, part, length);
    used += length;
  }
  sentence[used] = 0;
  complain(sentence);
  hindsight_note(sentence);
}

}  // extern "C"
