#include "decode/csv/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace landwarden::decode::csv {
namespace {

using event::ValueType;

constexpr const char* kOpen = "a quoted value is not closed";
constexpr const char* kTooWide = "too many values";
constexpr const char* kShort = "the row has fewer values than there are names";
constexpr const char* kLong = "the row has more values than there are names";

std::vector<std::string> names_of(std::string_view header) {
  if (header.starts_with("\xEF\xBB\xBF")) header.remove_prefix(3);
  std::vector<std::string> names;
  Row row;
  std::size_t at = 0;
  if (row.read(header, at, separator_of(header)) != Row::What::whole) return names;
  for (const std::string_view value : row.values()) {
    std::string& name = names.emplace_back();
    text::append_valid_utf8(name, value);
  }
  return names;
}

}  // namespace

struct Reader::UnitState {
  const WorkUnit& unit;
  event::Receipt& receipt;
  json::LayoutRows::Seen seen;
  std::uint64_t mended = 0;
};

Reader::Reader(event::BatchBuilder& builder)
    : builder_(builder), paths_(json::known_layouts()), rows_(builder, json::known_layouts(), paths_) {}

void Reader::look_up_names() {
  json::PathEntry* before = nullptr;
  entries_.clear();
  for (const std::string& name : names_) {
    before = &paths_.find(name, before);
    entries_.push_back(before);
  }
}

void Reader::decode_unit(const WorkUnit& unit, event::Receipt& receipt) {
  UnitState state{.unit = unit, .receipt = receipt, .seen = rows_.begin()};
  builder_.begin_unit(unit.source);
  const std::string_view text = unit.bytes;
  const std::string_view header = unit.header ? std::string_view(*unit.header) : std::string_view();
  const char separator = separator_of(header);
  names_ = names_of(header);
  rows_.make_room();
  look_up_names();
  std::uint64_t line = unit.line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const Row::What what = row_.read(text, at, separator);
    const bool blank = row_.values().size() == 1 && row_.values()[0].empty();
    if (what == Row::What::whole && blank) {
      ++line;
      continue;
    }
    // Quotes that do not close, or too many values: the row ends with its line.
    if (what != Row::What::whole) at = std::min(text.find('\n', begin), text.size() - 1) + 1;
    ++receipt.records_seen;
    const char* reason = what == Row::What::open       ? kOpen
                         : what == Row::What::too_wide ? kTooWide
                                                       : read_one(state, begin, at);
    if (reason != nullptr)
      event::quarantine(receipt, {unit.offset + begin, at - begin, fmt::format("line {}: {}", line, reason)});
    line += static_cast<std::uint64_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                                  text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  }
  builder_.end_unit();
  rows_.end(state.seen, "csv", receipt);
  if (state.mended == 0) return;
  event::Receipt more;
  more.notes.emplace_back("bytes that are not UTF-8 were replaced");
  receipt.add(more);
}

const char* Reader::read_one(UnitState& state, std::size_t begin, std::size_t end) {
  const auto& values = row_.values();
  if (values.size() < names_.size()) return kShort;
  // A separator behind the last value is no value.
  const bool trailing = values.size() == names_.size() + 1 && values.back().empty();
  if (values.size() > names_.size() && !trailing) return kLong;
  items_.clear();
  mended_.clear();
  json::Needs meets = 0;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    std::string_view value = values[i];
    meets |= entries_[i]->meets;
    if (value.empty()) continue;
    if (!text::is_utf8(value)) {
      std::string& mended = mended_.emplace_back();
      text::append_valid_utf8(mended, value);
      value = mended;
    }
    items_.push_back({entries_[i], ValueType::text, false, value});
  }
  state.mended += mended_.empty() ? 0 : 1;
  ++state.receipt.records_decoded;
  const std::string_view original = std::string_view(state.unit.bytes).substr(begin, end - begin);
  rows_.put(state.seen, items_, meets, original, state.unit.offset + begin);
  return nullptr;
}

bool same_width(std::string_view header, std::string_view sample) {
  Row row;
  std::size_t at = 0;
  const std::size_t names = names_of(header).size();
  return names > 1 && row.read(sample, at, separator_of(header)) == Row::What::whole &&
         row.values().size() == names;
}

Recogniser::Recogniser() : paths_(json::known_layouts()) {}

bool Recogniser::is_table(std::string_view header, std::string_view sample) {
  paths_.trim();
  const std::vector<std::string> names = names_of(header);
  Row row;
  std::size_t at = 0;
  const bool whole = row.read(sample, at, separator_of(header)) == Row::What::whole;
  std::vector<json::Item> items;
  json::Needs meets = 0;
  json::PathEntry* before = nullptr;
  for (std::size_t i = 0; i < names.size(); ++i) {
    before = &paths_.find(names[i], before);
    meets |= before->meets;
    if (whole && i < row.values().size() && !row.values()[i].empty())
      items.push_back({before, ValueType::text, false, row.values()[i]});
  }
  return paths_.recognise(items, meets) < json::known_layouts().size();
}

}  // namespace landwarden::decode::csv
