#include <fmt/format.h>

#include "report/coverage_json_parts.h"
#include "report/coverage_report.h"

namespace landwarden::report {
namespace {

void settings(JsonWriter& json, const assess::HostCoverage& host, const assess::SettingTable& table) {
  list(json, "settings", host.settings, [&](const assess::SettingOnHost& setting) {
    json.begin_flat();
    json.open('{');
    json.key("setting").text(table.settings()[setting.setting].id);
    json.key("state").text(assess::to_text(setting.state));
    json.key("events").number(setting.sight.records);
    ranges(json, "looked", setting.sight.looked);
    json.key("blind").open('[');
    for (std::size_t i = 0; i < assess::kBlindnesses; ++i) {
      if (setting.sight.blind[i].empty()) continue;
      json.open('{');
      json.key("why").text(assess::to_text(static_cast<assess::Blindness>(i)));
      ranges(json, "times", setting.sight.blind[i]);
      json.close('}');
    }
    json.close(']');
    json.close('}');
    json.end_flat();
  });
}

void channels(JsonWriter& json, const assess::HostCoverage& host, const assess::SettingTable& table) {
  lines(json, "channels", host.channels, [&](const assess::ChannelCoverage& channel) {
    json.key("channel").text(channel.channel);
    json.key("events").number(channel.records);
    json.key("kinds").number(channel.kinds);
    times(json, channel.first, channel.last);
    json.key("numbered").truth(channel.numbered);
    json.key("excerpt").truth(channel.excerpt);
    json.key("gaps").number(channel.gaps);
    json.key("numbers_missing").number(channel.numbers_missing);
    json.key("filled").open('{');
    json.key("time").number(channel.records - channel.without_time);
    json.key("time_with_fraction").number(channel.records - channel.without_time - channel.whole_seconds);
    json.key("record_number").number(channel.records - channel.without_number);
    for (std::size_t i = 0; i < channel.filled.size(); ++i)
      json.key(table.watches()[i].name).number(channel.filled[i]);
    json.close('}');
  });
}

void host_object(JsonWriter& json, const assess::HostCoverage& host, const assess::SettingTable& table) {
  json.open('{');
  json.key("host");
  if (host.estate) {
    json.null();
  } else {
    json.text(host.host);
  }
  json.key("product").text(host.product);
  json.key("roles").open('[');
  for (const std::string& role : host.roles) json.text(role);
  json.close(']');
  json.key("events").number(host.records);
  times(json, host.seen.begin, host.seen.end);
  json.key("rules_can").number(host.rules_can);
  json.key("rules").number(host.rules);
  json.key("techniques_can").number(host.techniques_can);
  json.key("techniques").number(host.techniques);
  json.key("clock").open('{');
  json.key("trusted").truth(!host.clock.doubtful());
  json.key("set").number(host.clock.sets);
  json.key("went_back").number(host.clock.jumps);
  json.key("farthest_seconds").number(host.clock.farthest_seconds);
  json.key("events_without_time").number(host.clock.without_time);
  json.key("time_zone").text(host.clock.time_zone);
  json.close('}');
  lines(json, "signs", host.signs, [&](const assess::SignSeen& sign) {
    json.key("title").text(table.signs()[sign.sign].title.en);
    json.key("title_ja").text(table.signs()[sign.sign].title.ja);
    json.key("events").number(sign.records);
    json.key("days").open('[');
    for (const triage::DayRun& run : sign.days) {
      json.text(to_rfc3339(triage::start_of(run.first)).substr(0, 10));
      if (run.last > run.first) json.text(to_rfc3339(triage::start_of(run.last)).substr(0, 10));
    }
    json.close(']');
  });
  channels(json, host, table);
  settings(json, host, table);
  json.close('}');
}

}  // namespace

std::string coverage_json(const assess::Coverage& coverage, const assess::SettingTable& table,
                          const triage::Survey& survey) {
  JsonWriter json;
  json.open('{');
  evidence_facts(json, survey, coverage.period);
  json.key("rules").number(coverage.rules);
  json.key("rules_somewhere").number(coverage.rules_somewhere);
  json.key("rules_without_evidence_kind").number(coverage.rules_without_way);
  json.key("techniques").number(coverage.techniques);
  json.key("techniques_somewhere").number(coverage.techniques_somewhere);
  list(json, "plan", coverage.plan, [&](const assess::PlanStep& step) {
    json.open('{');
    texts(json, "techniques", step.techniques);
    texts(json, "hosts", step.hosts);
    json.key("rules").number(step.rules);
    json.key("host_rules").number(step.host_rules);
    json.key("host_techniques").number(step.host_techniques);
    json.key("settings").open('[');
    for (const std::size_t setting : step.settings) setting_object(json, table.settings()[setting]);
    json.close(']');
    json.close('}');
  });
  lines(json, "costs", coverage.costs, [&](const assess::SettingCost& cost) {
    json.key("setting").text(table.settings()[cost.setting].id);
    json.key("hosts_on").number(cost.hosts_on);
    json.key("hosts_partly").number(cost.hosts_partly);
    json.key("hosts_without").number(cost.hosts_without);
    json.key("hosts_unproven").number(cost.hosts_unproven);
    json.key("rules").number(cost.rules);
    json.key("techniques").open('[');
    for (const std::string& technique : cost.techniques) json.text(technique);
    json.close(']');
  });
  list(json, "hosts", coverage.hosts,
       [&](const assess::HostCoverage& host) { host_object(json, host, table); });
  json.close('}');
  return json.take();
}

}  // namespace landwarden::report
