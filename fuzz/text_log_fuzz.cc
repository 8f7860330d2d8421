// Any bytes as a text log (text_unit.h): the first byte says whether as lines of logs or as a shell's
// history.

#include <array>

#include "text_unit.h"

namespace {

using namespace landwarden;

template <std::size_t form>
const std::shared_ptr<const decode::TextSource>& source() {
  static constexpr std::array kHistories = {"", "bash", "zsh", "fish", "powershell"};
  static const auto made = [] {
    decode::TextSource out;
    out.modified = from_unix(1'700'000'000);
    out.history = kHistories[form];
    out.user = "ann";
    out.product = "linux";
    return std::make_shared<const decode::TextSource>(out);
  }();
  return made;
}

template <std::size_t form>
void split(decode::ByteStream& stream, decode::Splitting& to) {
  decode::split_text(stream, source<form>(), to);
}

template <std::size_t form>
fuzz::TextFormat format() {
  return {.format = decode::Format::text,
          .split = split<form>,
          .header = nullptr,
          .keeps_all_bytes = true,
          .text = source<form>()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::Worker worker;
  static const std::array kFormats = {format<0>(), format<1>(), format<2>(), format<3>(), format<4>()};
  if (size == 0) return 0;
  // Logs have the most to get wrong: half of all first bytes are theirs.
  const std::size_t form = data[0] % 8 < kFormats.size() ? data[0] % 8 : 0;
  fuzz::try_text_unit(worker, kFormats[form], {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
