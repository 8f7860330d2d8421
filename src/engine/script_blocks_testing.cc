#include "engine/script_blocks_testing.h"

#include <gtest/gtest.h>

#include "decode/evtx/writer.h"

namespace landwarden::engine {

std::string log_of(const std::vector<Block>& blocks) {
  namespace write = decode::evtx::write;
  decode::evtx::Writer writer;
  for (const Block& block : blocks) {
    write::EventRecord event;
    event.provider.name = "Microsoft-Windows-PowerShell";
    event.event_id = 4104;
    event.version = 1;
    event.time = from_unix(1'772'000'000);
    event.channel = "Microsoft-Windows-PowerShell/Operational";
    event.computer = "pump-01";
    write::EventData data;
    data.fields.emplace_back("MessageNumber", write::Value::text(std::to_string(block.number)));
    data.fields.emplace_back("MessageTotal", write::Value::text(std::to_string(block.total)));
    data.fields.emplace_back("ScriptBlockText", write::Value::text(block.text));
    data.fields.emplace_back("ScriptBlockId", write::Value::text(block.id));
    event.data = std::move(data);
    EXPECT_TRUE(writer.add(event).has_value());
  }
  const auto bytes = writer.finish();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace landwarden::engine
