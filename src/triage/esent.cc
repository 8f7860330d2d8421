#include "triage/esent.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/text.h"

namespace landwarden::triage {
namespace {

/// Where an event of this id has what; kNone: nowhere.
struct Layout {
  std::uint32_t event_id;
  EsentKind kind;
  std::size_t path, moved_to, seconds, timings;
};
constexpr std::size_t kNone = 99;
constexpr std::array<Layout, 8> kLayouts = {{
    {102, EsentKind::starting, kNone, kNone, kNone, kNone},
    {103, EsentKind::stopped, kNone, kNone, kNone, kNone},
    {105, EsentKind::started, kNone, kNone, 4, 5},
    {216, EsentKind::moved, 3, 4, kNone, kNone},
    {325, EsentKind::created, 4, kNone, 5, 6},
    {326, EsentKind::attached, 4, kNone, 5, 6},
    {327, EsentKind::detached, 4, kNone, 5, 6},
    {330, EsentKind::held, 3, kNone, kNone, kNone},
}};

const Layout* layout_of(std::uint32_t event_id) {
  const auto found = std::ranges::find(kLayouts, event_id, &Layout::event_id);
  return found == kLayouts.end() ? nullptr : &*found;
}

template <typename T>
std::optional<T> number(std::string_view text) {
  T out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return out;
}

/// "[1] 0.000, [2] 0.016 +J(0)." added up. The seconds that stand beside them are whole ones.
std::optional<double> added_up(std::string_view timings) {
  std::optional<double> out;
  for (std::size_t at = timings.find("] "); at != std::string_view::npos; at = timings.find("] ", at + 2)) {
    if (const auto one = number<double>(timings.substr(at + 2))) out = out.value_or(0) + *one;
  }
  return out;
}

/// EvtxECmd and Wazuh write the list as one text: "ntdsutil, 4412,D,50, , 2, C:\x\ntds.dit, 0, [1] 0.000, [2]
/// 0.016".
std::vector<std::string> parted(std::string_view list) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t end = list.starts_with('[') ? std::string_view::npos : list.find(", ");
    out.emplace_back(list.substr(0, end));
    if (end == std::string_view::npos) return out;
    list.remove_prefix(end + 2);
  }
}

}  // namespace

std::string_view to_text(EsentKind kind) {
  constexpr std::array<std::string_view, 8> kTexts = {"starting", "stopped",  "started",  "moved",
                                                      "created",  "attached", "detached", "held"};
  return kTexts[static_cast<std::size_t>(kind)];
}

bool is_esent(std::string_view provider, std::uint32_t event_id) {
  return text::equal_folded("esent", provider) && layout_of(event_id) != nullptr;
}

std::optional<EsentEvent> read_esent(std::uint32_t event_id, std::span<const std::string> values) {
  const Layout* layout = layout_of(event_id);
  std::vector<std::string> apart;
  if (values.size() == 1) {
    apart = parted(values[0]);
    values = apart;
  }
  if (layout == nullptr || values.size() < 3) return std::nullopt;
  const auto value = [&](std::size_t at) {
    return at < values.size() ? std::string_view(values[at]) : std::string_view();
  };
  EsentEvent out;
  out.kind = layout->kind;
  out.program = values[0];
  out.process_id = number<std::uint32_t>(values[1]).value_or(0);  // "4412,D,50"
  std::string_view instance = value(2);
  while (instance.ends_with(' ') || instance.ends_with(':')) instance.remove_suffix(1);
  out.instance = instance;
  out.path = value(layout->path);
  out.moved_to = value(layout->moved_to);
  if (layout->path != kNone && out.path.empty()) return std::nullopt;
  out.seconds = added_up(value(layout->timings));
  if (!out.seconds || *out.seconds < 0.5) {
    const auto whole = number<double>(value(layout->seconds));
    if (whole && *whole > out.seconds.value_or(-1)) out.seconds = whole;
  }
  return out;
}

bool is_database_tool(std::string_view program) {
  constexpr std::array<std::string_view, 6> kTools = {"ntdsutil",  "esentutl", "dsdbutil",
                                                      "ntdsaudit", "vshadow",  "diskshadow"};
  return std::ranges::find(kTools, text::folded(program)) != kTools.end();
}

std::optional<ShadowPath> in_shadow_copy(std::string_view path) {
  const std::string folded = text::folded(path);
  constexpr std::string_view kDevice = "harddiskvolumeshadowcopy";
  if (const std::size_t at = folded.find(kDevice); at != std::string::npos) {
    const std::size_t end = std::min(folded.find('\\', at), folded.size());
    return ShadowPath{std::string(path.substr(0, end)), std::string(path.substr(end))};
  }
  const std::size_t snap = folded.find("\\$snap_");
  if (snap == std::string::npos) return std::nullopt;
  const std::size_t end = std::min(folded.find('\\', snap + 1), folded.size());
  // C:\$SNAP_202603040137_VOLUMEC$: made at 01:37 on that day, local time, of volume C.
  constexpr std::string_view kVolume = "_volume";
  const std::size_t volume = folded.find(kVolume, snap);
  std::string out;
  if (volume != std::string::npos && volume + kVolume.size() + 1 < end &&
      folded[volume + kVolume.size() + 1] == '$') {
    out += path[volume + kVolume.size()];
    out += ':';
  }
  return ShadowPath{std::string(path.substr(0, end)), out + std::string(path.substr(end))};
}

}  // namespace landwarden::triage
