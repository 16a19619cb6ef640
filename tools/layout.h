// Text in aligned columns. Pure.
#pragma once

#include <string>
#include <vector>

namespace hindsight::tools {

enum class Align { kLeft, kRight };

// Rows as lines, columns two spaces apart, no spaces at the ends of lines; every line ends with a newline.
// Rows may be shorter than `align`. Widths are counted in characters of UTF-8.
std::string lay_out(const std::vector<std::vector<std::string>>& rows, const std::vector<Align>& align);

// Characters (not bytes) of UTF-8 text.
std::size_t width_of(const std::string& text);

}  // namespace hindsight::tools
