#include "assess/host_view.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"

namespace landwarden::assess {
namespace {

/// Behind the last moment, since ranges are half-open.
Time after(Time time) {
  return {time.ticks + 1};
}

struct Piece {
  std::uint64_t first_number = 0, last_number = 0;
  Time first, last;
};

/// A log without holes: what is known of its pieces, which may lie in several files, put together where one
/// goes on with the number after another's last.
TimeSet joined(std::vector<Piece> pieces) {
  std::ranges::sort(pieces, {}, &Piece::first_number);
  TimeSet out;
  const Piece* before = nullptr;
  for (const Piece& piece : pieces) {
    out.add({piece.first, after(piece.last)});
    if (before != nullptr && piece.first_number <= before->last_number + 1 && piece.last >= before->first)
      out.add({std::min(before->last, piece.first), after(std::max(before->last, piece.first))});
    if (before == nullptr || piece.last_number > before->last_number) before = &piece;
  }
  return out;
}

}  // namespace

const char* to_text(Blindness why) {
  switch (why) {
    case Blindness::no_log:
      return "no-log";
    case Blindness::numbers_gone:
      return "numbers-gone";
    case Blindness::off:
      return "off";
    case Blindness::field_empty:
      return "field-empty";
    case Blindness::unproven:
      return "unproven";
  }
  return "";
}

TimeSet Sight::blind_at_all() const {
  TimeSet out;
  for (const TimeSet& part : blind) out.add(part);
  return out;
}

HostView::HostView(const triage::Survey& survey, const SettingTable& table, std::string host, bool estate)
    : table_(table), host_(std::move(host)), estate_(estate) {
  std::map<std::string, std::uint64_t> products;
  const auto mine = std::ranges::equal_range(survey.arrivals, host_, {}, &triage::Arrival::host);
  for (const triage::Arrival& arrival : estate ? std::ranges::subrange(survey.arrivals) : mine) {
    arrivals_.push_back(&arrival);
    products[arrival.product] += arrival.records;
    records_ += arrival.records;
    alive_.add(TimeSet::of_days(arrival.days));
  }
  for (const triage::SourceSurvey& source : survey.sources) {
    for (const triage::LogSurvey& log : source.logs) {
      if (!estate && log.host != host_) continue;
      logs_.push_back(&log);
      if (!log.first.known()) continue;
      if (!seen_.begin.known() || log.first < seen_.begin) seen_.begin = log.first;
      if (!seen_.end.known() || log.last > seen_.end) seen_.end = log.last;
    }
  }
  if (estate) return;
  for (const auto& [product, records] : products) {
    if (product_.empty() || records > products[product_]) product_ = product;
  }
  for (const auto& [role, kinds] : table.roles()) {
    for (const RecordKind& kind : kinds) {
      const auto shows = [&](const triage::Arrival* arrival) { return kind.covers(*arrival); };
      if (std::ranges::any_of(arrivals_, shows)) give_role(role);
    }
  }
}

void HostView::give_role(std::string role) {
  if (!has_role(role)) roles_.push_back(std::move(role));
}

bool HostView::has_role(std::string_view role) const {
  return std::ranges::find(roles_, role) != roles_.end();
}

bool HostView::applies(const Setting& setting) const {
  if (setting.estate || estate_) {
    const auto of_product = [&](const triage::Arrival* arrival) {
      return arrival->product == setting.records.product;
    };
    return setting.estate && estate_ && (setting.missed || std::ranges::any_of(arrivals_, of_product));
  }
  return setting.records.product == product_ && (setting.role.empty() || has_role(setting.role));
}

TimeSet HostView::days_of(const RecordKind& kind, std::uint32_t mask, std::uint64_t* records) const {
  TimeSet out;
  for (const triage::Arrival* arrival : arrivals_) {
    if (!kind.covers(*arrival)) continue;
    if (records != nullptr) *records += arrival->records;
    out.add(TimeSet::of_days(arrival->days, mask));
  }
  return out;
}

/// A log that went quiet for no longer than it did before is taken to have been kept until the host's last
/// record: nothing more was written.
void HostView::extend_quiet_end(const RecordKind& kind, TimeSet& covered) const {
  if (covered.empty() || !seen_.end.known()) return;
  const Time end = covered.ranges().back().end;
  std::int64_t longest = triage::kTicksPerDay;
  const TimeSet days = days_of({kind.product, kind.channels, {}, {}}, 0, nullptr);
  for (std::size_t i = 1; i < days.ranges().size(); ++i)
    longest = std::max(longest, days.ranges()[i].begin.ticks - days.ranges()[i - 1].end.ticks);
  if (seen_.end > end && seen_.end.ticks - end.ticks <= longest) covered.add({end, after(seen_.end)});
}

HostView::Kept HostView::kept(const RecordKind& kind) const {
  Kept out;
  std::map<std::string, std::vector<Piece>> pieces;
  bool weak = false;
  for (const triage::LogSurvey* log : logs_) {
    if (!kind.has_channel(log->channel) || !log->first.known()) continue;
    if (!log->numbered || log->excerpt || log->gaps_total > log->gaps.size()) {
      weak = true;
      continue;
    }
    pieces[log->host + '\n' + log->channel].push_back(
        {log->first_number, log->last_number, log->first, log->last});
    for (const triage::NumberGap& gap : log->gaps) {
      if (gap.after_time.known() && gap.before_time.known())
        out.numbers_gone.add(
            {std::min(gap.after_time, gap.before_time), after(std::max(gap.after_time, gap.before_time))});
    }
  }
  for (auto& [name, some] : pieces) out.covered.add(joined(std::move(some)));
  extend_quiet_end(kind, out.covered);
  out.whole = !weak && !out.covered.empty();
  if (weak) {
    // Of an excerpt only the days with records are known to be there.
    out.covered.add(days_of({kind.product, kind.channels, {}, {}}, 0, nullptr));
  }
  out.covered = out.covered.without(out.numbers_gone);
  return out;
}

Sight HostView::look(const Setting& setting, TimeRange period) const {
  Sight out;
  const TimeSet all(period);
  const std::uint32_t mask = setting.filled ? 1U << *setting.filled : 0;
  const TimeSet days = days_of(setting.records, mask, &out.records);
  const TimeSet unfilled = mask == 0 ? TimeSet() : days_of(setting.records, 0, nullptr).without(days);
  const Kept log = kept(setting.records);
  TimeSet proven = log.covered;  // of the covered time
  TimeSet off;
  const bool steady_log = std::ranges::any_of(setting.records.channels, [&](const std::string& channel) {
    return table_.is_steady_channel(setting.records.product, channel);
  });
  const TimeSet channel_days =
      days_of({setting.records.product, setting.records.channels, {}, {}}, 0, nullptr);
  if (setting.rhythm == Rhythm::steady) {
    // A host that wrote nothing at all that day was not in use, if its log goes on without a hole.
    const TimeSet in_use = log.whole ? alive_ : all;
    off = in_use.without(days);
  } else if (steady_log) {
    off = alive_.without(channel_days);
  }
  if (setting.witness) {
    const TimeSet witnessed = days_of(*setting.witness, 0, nullptr);
    off.add(witnessed.without(days));
  }
  proven = proven.without(off);
  const bool never = days.empty();
  const bool unproven =
      (setting.rhythm == Rhythm::rare || (setting.rhythm == Rhythm::always && !log.whole)) && never;
  out.looked = unproven ? TimeSet() : proven.common(all);
  TimeSet rest = all.without(out.looked);
  const auto take = [&](Blindness why, const TimeSet& where) {
    TimeSet& part = out.blind[static_cast<std::size_t>(why)];
    part = rest.common(where);
    rest = rest.without(part);
  };
  take(Blindness::numbers_gone, log.numbers_gone);
  if (mask != 0) take(Blindness::field_empty, unfilled);
  take(Blindness::off, off.common(log.covered));
  if (unproven) take(Blindness::unproven, log.covered);
  take(Blindness::no_log, rest);
  return out;
}

std::vector<HostView> views_of(const triage::Survey& survey, const SettingTable& table,
                               const std::vector<std::pair<std::string, std::string>>& roles) {
  std::set<std::string> names;
  for (const triage::Arrival& arrival : survey.arrivals) names.insert(arrival.host);
  std::vector<HostView> out;
  out.emplace_back(survey, table, "", true);
  for (const std::string& name : names) {
    HostView view(survey, table, name, false);
    // A network sensor or a cloud's account is no host that settings of machines apply to.
    const auto of_machine = [&](const Setting& setting) {
      return !setting.estate && setting.records.product == view.product();
    };
    if (std::ranges::none_of(table.settings(), of_machine)) continue;
    for (const auto& [host, role] : roles) {
      const std::string_view whole = name;
      if (text::equal_folded(host, whole) || text::equal_folded(host, whole.substr(0, whole.find('.'))))
        view.give_role(role);
    }
    out.push_back(std::move(view));
  }
  return out;
}

}  // namespace landwarden::assess
