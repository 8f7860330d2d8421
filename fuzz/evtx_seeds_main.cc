// Writes the seeds of the EVTX fuzz targets with our own writer: fuzz/seeds/evtx_{file,chunk,binxml,carve}.
//
//   lw_evtx_seeds FOLDER

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/assert.h"
#include "decode/evtx/format.h"
#include "decode/evtx/writer.h"

namespace {

using namespace landwarden;
namespace write = decode::evtx::write;
using write::Value;

const std::byte kBytes[] = {std::byte{1}, std::byte{0xAB}};

write::Element leaf(std::string name, write::Node content) {
  return {.name = std::move(name), .attributes = {}, .children = {std::move(content)}};
}

write::EventRecord event(const char* provider) {
  write::EventRecord record;
  record.provider = {.name = provider, .guid = {}, .event_source_name = {}};
  record.event_id = 1;
  record.time = *parse_time("2026-03-02T07:15:00.1234567Z");
  record.channel = "Log/Operational";
  record.computer = "ws1";
  return record;
}

write::EventRecord every_type() {
  const auto guid = *write::Guid::parse("{5770385f-c22a-43e0-bf4c-06f5698ffbd9}");
  const auto sid = *write::Sid::parse("S-1-5-18");
  const Time time = *parse_time("2026-03-02T07:15:00Z");
  const std::string texts[] = {"one", "", "three"};
  const Value numbers[] = {Value::uint32(1), Value::uint32(2)};
  write::EventRecord record = event("Types");
  record.user = sid;
  record.data = write::EventData{.fields = {{"a", Value::text("t\xC3\xA4")},
                                            {"b", Value::ansi("a\x83\x41")},
                                            {"c", Value::int8(-1)},
                                            {"d", Value::uint16(2)},
                                            {"e", Value::int64(-3)},
                                            {"f", Value::float32(1.5F)},
                                            {"g", Value::float64(0.1)},
                                            {"h", Value::boolean(1)},
                                            {"i", Value::binary(kBytes)},
                                            {"j", Value::guid(guid)},
                                            {"k", Value::size64(9)},
                                            {"l", Value::filetime(time)},
                                            {"m", Value::systemtime(time)},
                                            {"n", Value::sid(sid)},
                                            {"o", Value::hex32(16)},
                                            {"p", Value::hex64(17)},
                                            {"q", Value::texts(texts)},
                                            {"r", Value::array(write::ValueType::uint32, numbers)},
                                            {"s", Value::null()},
                                            {"t", Value::raw(0x20, kBytes)}},
                                 .name = "Named",
                                 .binary = std::vector<std::byte>(std::begin(kBytes), std::end(kBytes))};
  return record;
}

write::Element odd_tree() {
  write::Element data{.name = "EventData", .attributes = {}, .children = {}};
  data.children = {
      leaf("Data", write::Cdata{"cdata"}), leaf("Data", write::CharacterReference{0x41}),
      leaf("Data", write::EntityReference{"amp"}),
      leaf("Data", write::ProcessingInstruction{"target", "data"}),
      write::Element{.name = "Data", .attributes = {{"Name", {write::Text{"n"}}}}, .children = {}}};
  write::Element system{.name = "System", .attributes = {}, .children = {leaf("EventID", write::Text{"7"})}};
  return {.name = "Event", .attributes = {}, .children = {system, data}};
}

std::vector<write::Record> kinds() {
  write::EventRecord classic = event("Classic"), user = event("User");
  classic.provider.literal = true;
  classic.data = write::ClassicData{.strings = {"one", "two"}, .binary = {std::byte{1}}};
  user.data = write::UserData{.tree = leaf("Wrapper", leaf("Name", Value::text("n")))};
  std::vector<write::Record> out;
  for (const write::EventRecord& record : {every_type(), classic, user, every_type()})
    out.push_back({.written = record.time, .content = write::lay_out(record, 1), .record_id = {}});
  out.push_back({.written = {}, .content = odd_tree(), .record_id = {}});
  out.push_back({.written = {}, .content = write::instantiate(odd_tree()), .record_id = {}});
  return out;
}

/// A log of these records, up to the live end of its chunk.
std::string log_of(const std::vector<write::Record>& records) {
  decode::evtx::Writer writer;
  for (const write::Record& record : records) LW_ASSERT(writer.add(record).has_value());
  const std::vector<std::byte> file = writer.finish();
  const std::size_t live =
      decode::evtx::load<std::uint32_t>(file.data() + decode::evtx::kFileHeaderBytes + 48);
  return {reinterpret_cast<const char*>(file.data()), decode::evtx::kFileHeaderBytes + live};
}

void put(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) return std::fprintf(stderr, "usage: lw_evtx_seeds FOLDER\n"), 2;
  const std::filesystem::path folder = words[1];
  const std::string file = log_of(kinds());
  const std::string chunk = file.substr(decode::evtx::kFileHeaderBytes);
  put(folder / "evtx_file" / "every_kind", file);
  put(folder / "evtx_chunk" / "every_kind", std::string(1, '\0') + chunk);
  put(folder / "evtx_carve" / "chunk_in_noise", "noise" + chunk + "**");
  put(folder / "evtx_carve" / "log_with_slack", file + chunk.substr(decode::evtx::kChunkHeaderBytes));
  put(folder / "evtx_carve" / "lone_records", chunk.substr(decode::evtx::kChunkHeaderBytes));
  std::size_t number = 0;
  for (const write::Record& record : kinds()) {
    // The first record of a chunk holds all definitions that it needs.
    const std::string whole =
        log_of({record}).substr(decode::evtx::kFileHeaderBytes + decode::evtx::kChunkHeaderBytes);
    put(folder / "evtx_binxml" / ("record_" + std::to_string(++number)),
        whole.substr(decode::evtx::kRecordHeaderBytes, whole.size() - decode::evtx::kRecordFrameBytes));
  }
  return 0;
}
