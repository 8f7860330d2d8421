#include "range/layouts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "decode/decoded_rows.h"
#include "range/estate.h"

namespace landwarden::range {
namespace {

namespace fs = std::filesystem;
using decode::DecodedRow;
/// Host, channel, record number: what a record is known by in any layout.
using Key = std::tuple<std::string, std::string, std::uint64_t>;
using Rows = std::map<Key, DecodedRow>;

class LayoutsTest : public testing::Test {
 protected:
  /// Only what two machines wrote in three days: every kind of event is in it.
  static Rows read(const std::string& layout) {
    const fs::path folder =
        fs::path(testing::TempDir()) / ("lw_layout_" + layout + "_" + std::to_string(::getpid()));
    const auto written = write_estate(
        folder, {.seed = 3, .layout = layout == "evtx" ? "" : layout, .machines = {"EVW-DC01", "EVW-PC102"}});
    EXPECT_TRUE(written.has_value()) << (written ? "" : written.error().to_string());
    Rows rows;
    for (const EstateFile& file : written->files) {
      std::ifstream in(folder / file.name, std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
      decode::DecodedRows decoded = decode::decode_rows(bytes);
      EXPECT_EQ(decoded.receipt.records_quarantined, 0U) << layout << ' ' << file.name;
      EXPECT_EQ(decoded.receipt.records_decoded, file.records) << layout << ' ' << file.name;
      for (DecodedRow& row : decoded.rows)
        rows.emplace(Key{row.host, row.shape.channel, row.record_id}, std::move(row));
    }
    fs::remove_all(folder);
    return rows;
  }
};

/// What a layout does not carry of an event; in docs/evidence.md in words.
struct Lost {
  std::set<std::string> fields;
  bool sensor = false;  ///< another sensor: fields that are there must be right, others may be absent
  std::size_t digits = 7;
};

Lost lost_in(const std::string& layout) {
  Lost lost;
  // The name of EventData itself is not a value of the event.
  lost.fields = {"EventData_Name", "UserData_Name"};
  if (layout.starts_with("winlogbeat")) lost = {{"Data", "EventData_Name"}, false, 3};
  if (layout == "nxlog") lost = {{"Data", "Binary", "EventData_Name", "Channel"}, false, 6};
  if (layout == "velociraptor") lost.fields.insert("Binary");
  if (layout.starts_with("powershell")) lost.fields.insert("Binary");
  if (layout == "powershell-5") lost.digits = 3;
  if (layout.starts_with("evtxecmd") || layout == "wazuh") lost.fields.insert("Data");
  if (layout == "wazuh")
    lost.fields.insert({"updateTitle", "updateGuid", "updateRevisionNumber", "serviceGuid", "listenerName",
                        "Param1", "Param2", "Param3"});
  if (layout == "helk") lost = {{}, true, 3};
  if (layout == "flat-csv" || layout.starts_with("defender") || layout == "elastic-defend")
    lost.sensor = true;
  return lost;
}

TEST_F(LayoutsTest, CarryTheSameEventsWithTheSameFields) {
  const Rows evtx = read("evtx");
  ASSERT_GT(evtx.size(), 1000U);
  for (const LogLayout& layout : log_layouts()) {
    const Lost lost = lost_in(layout.name);
    const Rows rows = read(layout.name);
    EXPECT_GT(rows.size(), 100U) << layout.name;
    if (!lost.sensor && !std::string_view(layout.name).starts_with("syslog")) {
      EXPECT_EQ(rows.size(), evtx.size()) << layout.name;
    }
    std::map<std::string, std::size_t> wrong;
    for (const auto& [key, row] : rows) {
      const auto at = evtx.find(key);
      ASSERT_NE(at, evtx.end()) << layout.name << ' ' << std::get<1>(key) << ' ' << std::get<2>(key);
      const DecodedRow& same = at->second;
      // A deleted file that Sysmon archived or did not archive is one event to other sensors.
      EXPECT_EQ(row.shape.event_id, same.shape.event_id) << layout.name;
      if (row.time.substr(0, 20 + lost.digits) != same.time.substr(0, 20 + lost.digits)) ++wrong["time"];
      for (const auto& [name, value] : same.fields) {
        if (name.starts_with("System.") || value.empty() || value == "(null)" || lost.fields.contains(name))
          continue;
        const std::string there = row.field(name);
        if (lost.sensor && (there == "(absent)" || name == "Hashes" || name == "FileVersion")) continue;
        if (there != value && wrong[name]++ == 0)
          ADD_FAILURE() << layout.name << ' ' << row.shape.event_id.value_or(0) << ' ' << name << ": "
                        << value << " became " << there;
      }
    }
    EXPECT_EQ(wrong["time"], 0U) << layout.name;
  }
}

TEST_F(LayoutsTest, AreFoundByName) {
  EXPECT_NE(find_log_layout("wevtutil"), nullptr);
  EXPECT_EQ(find_log_layout("evtx"), nullptr);
  EXPECT_FALSE(write_estate(testing::TempDir() + "/lw_no_layout", {.layout = "fortran"}).has_value());
}

}  // namespace
}  // namespace landwarden::range
