#include "sigma/field_order.h"

#include <algorithm>
#include <iterator>

namespace landwarden::sigma {
namespace {

constexpr std::string_view kSystem[] = {"Provider_Name",
                                        "Provider_Guid",
                                        "Provider_EventSourceName",
                                        "EventID",
                                        "EventID_Qualifiers",
                                        "Version",
                                        "Level",
                                        "Task",
                                        "Opcode",
                                        "Keywords",
                                        "TimeCreated_SystemTime",
                                        "TimeCreated_RawTime",
                                        "EventRecordID",
                                        "Correlation_ActivityID",
                                        "Correlation_RelatedActivityID",
                                        "Execution_ProcessID",
                                        "Execution_ThreadID",
                                        "Execution_ProcessorID",
                                        "Execution_SessionID",
                                        "Execution_KernelTime",
                                        "Execution_UserTime",
                                        "Execution_ProcessorTime",
                                        "Channel",
                                        "Computer",
                                        "Security_UserID"};

}  // namespace

std::pair<std::size_t, std::string_view> field_order(std::string_view name) {
  if (!name.starts_with(kSystemPrefix)) return {std::size(kSystem) + 1, name};
  const auto known = std::ranges::find(kSystem, name.substr(kSystemPrefix.size()));
  return {static_cast<std::size_t>(known - std::begin(kSystem)), name};
}

}  // namespace landwarden::sigma
