#include "triage/event_titles.h"

#include "base/content.h"
#include "base/text.h"
#include "base/yaml.h"

namespace landwarden::triage {
namespace {

constexpr std::string_view kFiles[] = {"event_titles/windows.yaml", "event_titles/linux.yaml"};
/// Lists of event ids stay readable.
constexpr std::size_t kLongest = 48;

}  // namespace

Result<EventTitles> EventTitles::built_in() {
  EventTitles out;
  for (const std::string_view file : kFiles) {
    const auto bytes = content::find(file);
    if (!bytes)
      return fail(ErrorCode::invalid, "the titles of events are not built in", {std::string(file), 0, 0, {}});
    auto titles = parse(*bytes, std::string(file));
    if (!titles) return titles;
    out.titles_.merge(titles->titles_);
  }
  return out;
}

Result<EventTitles> EventTitles::parse(std::string_view bytes, const std::string& file) {
  const auto documents = yaml::parse(bytes, file);
  if (!documents) return std::unexpected(documents.error());
  EventTitles out;
  for (const yaml::Node& document : *documents) {
    for (const auto& [provider, events] : document.entries) {
      for (const auto& [id, title] : events.entries) {
        if (id.kind != yaml::Node::Kind::integer || id.integer < 0 || id.integer > 0xffff'ffff)
          return fail(ErrorCode::invalid, "not an event id: " + id.text, id.place(file));
        if (!title.is_scalar() || title.text.empty() || title.text.size() > kLongest)
          return fail(ErrorCode::invalid, "a title has 1 to 48 characters", title.place(file));
        out.titles_.emplace(std::pair(text::folded(provider.text), static_cast<std::uint32_t>(id.integer)),
                            title.text);
      }
    }
  }
  return out;
}

std::string_view EventTitles::title(std::string_view provider, std::uint32_t event_id) const {
  const auto at = titles_.find({text::folded(provider), event_id});
  return at == titles_.end() ? std::string_view() : std::string_view(at->second);
}

}  // namespace landwarden::triage
