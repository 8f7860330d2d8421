#include "assess/verdict.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace landwarden::assess {
namespace {

constexpr sigma::Level kLevels[] = {sigma::Level::critical, sigma::Level::high, sigma::Level::medium,
                                    sigma::Level::low, sigma::Level::informational};

/// Findings by rule, of the whole hunt.
using FindingsOf = std::map<std::uint32_t, triage::RuleFindings>;

FindingsOf findings_of(const triage::Summary& found) {
  FindingsOf out;
  for (const sigma::Level level : kLevels) {
    for (triage::RuleFindings& findings : found.findings(level))
      out.emplace(findings.rule, std::move(findings));
  }
  return out;
}

/// A host with what each setting shows there; worked out once.
class Watcher {
 public:
  Watcher(const HostView& view, const SettingTable& table, TimeRange period)
      : view_(view), table_(table), period_(period) {}

  [[nodiscard]] const HostView& view() const { return view_; }
  [[nodiscard]] bool applies(const Way& way) const {
    return std::ranges::all_of(way, [&](std::size_t one) { return view_.applies(table_.settings()[one]); });
  }
  [[nodiscard]] TimeSet looked(const Way& way) {
    TimeSet out(period_);
    for (const std::size_t setting : way) out = out.common(sight(setting).looked);
    return out;
  }
  /// What one way lacked in `times`.
  [[nodiscard]] std::vector<BlindPart> lacking(const Way& way, TimeSet times) {
    std::vector<BlindPart> out;
    for (const std::size_t setting : way) {
      for (std::size_t i = 0; i < kBlindnesses; ++i) {
        BlindPart part{.why = static_cast<Blindness>(i), .settings = {setting}, .times = {}};
        part.times = sight(setting).blind[i].common(times).inside(period_);
        if (part.times.empty()) continue;
        const auto same = std::ranges::find_if(
            out, [&](const BlindPart& other) { return other.why == part.why && other.times == part.times; });
        if (same == out.end()) {
          out.push_back(std::move(part));
        } else {
          same->settings.push_back(setting);
        }
      }
    }
    return out;
  }

 private:
  const Sight& sight(std::size_t setting) {
    const auto [at, fresh] = sights_.try_emplace(setting);
    if (fresh) at->second = view_.look(table_.settings()[setting], period_);
    return at->second;
  }

  const HostView& view_;
  const SettingTable& table_;
  TimeRange period_;
  std::map<std::size_t, Sight> sights_;
};

class Judge {
 public:
  Judge(const Advisory& advisory, const triage::Survey& survey, const triage::Summary& found,
        const SettingTable& table, const CoverageOptions& options)
      : advisory_(advisory),
        found_(found),
        findings_(findings_of(found)),
        period_(period_of(survey, options.since, options.until)),
        views_(views_of(survey, table, options.roles)) {
    for (const HostView& view : views_) watchers_.emplace_back(view, table, period_);
  }

  [[nodiscard]] Assessment judge() {
    Assessment out;
    out.period = period_;
    for (std::size_t i = 0; i < advisory_.steps.size(); ++i) out.steps.push_back(judge_step(i));
    out.settings = settings_for(out);
    return out;
  }

 private:
  [[nodiscard]] StepVerdict judge_step(std::size_t index) {
    const Step& step = advisory_.steps[index];
    StepVerdict out{.step = index};
    collect_hits(step, out);
    bool any_looked = false, any_blind = false;
    for (Watcher* watcher : watchers_for(step, out)) {
      Watched one = watch(*watcher, step);
      any_looked |= !one.looked.empty();
      any_blind |= !TimeSet(period_).without(one.looked).inside(period_).empty();
      add(std::move(one), out.watched);
    }
    if (!out.hits.empty()) {
      out.verdict = Verdict::found;
    } else if (any_looked) {
      out.verdict = any_blind ? Verdict::partly_blind : Verdict::not_found;
    }
    return out;
  }

  void collect_hits(const Step& step, StepVerdict& out) const {
    for (const std::uint32_t rule : step.shown_by) {
      const auto findings = findings_.find(rule);
      if (findings == findings_.end()) continue;
      if (triage::level_of(found_.rules()[rule]) < step.level) {
        out.everyday += findings->second.count;
        continue;
      }
      for (const triage::Finding* finding : findings->second.findings)
        out.hits.push_back(
            {rule, finding->host, finding->count, finding->first, finding->last, finding->example});
    }
    std::ranges::stable_sort(out.hits, {},
                             [](const Hit& hit) { return std::tie(hit.first, hit.host, hit.rule); });
    if (out.hits.size() <= kAssessHits) return;
    out.hits_left_out = out.hits.size() - kAssessHits;
    out.hits.resize(kAssessHits);
  }

  /// Hosts that the step could have happened on. Where machines can show it, sensors count only if they look.
  [[nodiscard]] std::vector<Watcher*> watchers_for(const Step& step, StepVerdict& out) {
    std::vector<Watcher*> machines, estate;
    for (Watcher& watcher : watchers_) {
      const auto can = [&](const Way& way) { return watcher.applies(way); };
      if (std::ranges::none_of(step.seen_by, can)) continue;
      const HostView& view = watcher.view();
      if (view.estate()) {
        estate.push_back(&watcher);
      } else if (step.hosts != "estate" && (step.hosts.empty() || view.has_role(step.hosts))) {
        machines.push_back(&watcher);
      }
    }
    out.no_such_host = machines.empty() && !step.hosts.empty() && step.hosts != "estate";
    if (machines.empty() && !out.no_such_host) return estate;
    for (Watcher* watcher : estate) {
      if (!watch(*watcher, step).looked.empty()) machines.push_back(watcher);
    }
    return machines;
  }

  [[nodiscard]] Watched watch(Watcher& watcher, const Step& step) const {
    Watched out{
        .hosts = {watcher.view().host()}, .estate = watcher.view().estate(), .looked = {}, .blind = {}};
    const Way* best = nullptr;
    std::int64_t most = -1;
    for (const Way& way : step.seen_by) {
      if (!watcher.applies(way)) continue;
      const TimeSet looked = watcher.looked(way);
      out.looked.add(looked);
      if (looked.seconds() > most) {
        most = looked.seconds();
        best = &way;
      }
    }
    const TimeSet blind = TimeSet(period_).without(out.looked).inside(period_);
    if (best != nullptr && !blind.empty()) out.blind = watcher.lacking(*best, blind);
    // Hosts that saw everything but short edges saw alike.
    if (blind.empty()) out.looked = TimeSet(period_);
    return out;
  }

  static void add(Watched one, std::vector<Watched>& all) {
    const auto alike = std::ranges::find_if(all, [&](const Watched& other) {
      return other.estate == one.estate && other.looked == one.looked && other.blind == one.blind;
    });
    if (alike == all.end()) {
      all.push_back(std::move(one));
    } else {
      alike->hosts.push_back(std::move(one.hosts.front()));
    }
  }

  [[nodiscard]] static std::vector<std::size_t> settings_for(const Assessment& assessment) {
    std::map<std::size_t, std::set<std::size_t>> steps;
    for (const StepVerdict& step : assessment.steps) {
      if (step.verdict == Verdict::found) continue;
      for (const Watched& watched : step.watched) {
        for (const BlindPart& part : watched.blind) {
          for (const std::size_t setting : part.settings) steps[setting].insert(step.step);
        }
      }
    }
    std::vector<std::size_t> out;
    for (const auto& [setting, some] : steps) out.push_back(setting);
    std::ranges::stable_sort(out, std::greater{}, [&](std::size_t setting) { return steps[setting].size(); });
    return out;
  }

  const Advisory& advisory_;
  const triage::Summary& found_;
  FindingsOf findings_;
  TimeRange period_;
  std::vector<HostView> views_;
  std::vector<Watcher> watchers_;
};

}  // namespace

const char* to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::found:
      return "found";
    case Verdict::not_found:
      return "not-found";
    case Verdict::partly_blind:
      return "partly-blind";
    case Verdict::blind:
      return "blind";
  }
  return "";
}

std::size_t Assessment::count(Verdict verdict) const {
  return static_cast<std::size_t>(std::ranges::count(steps, verdict, &StepVerdict::verdict));
}

Assessment assess(const Advisory& advisory, const triage::Survey& survey, const triage::Summary& found,
                  const SettingTable& table, const CoverageOptions& options) {
  return Judge(advisory, survey, found, table, options).judge();
}

}  // namespace landwarden::assess
