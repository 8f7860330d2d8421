// Reads one Windows event written as XML into a flat list of values, each with its path, so that the layout
// "event xml" names them as decode/evtx does.
//
// Paths are "Event", the elements below it, and "@attribute"; <Data Name="X"> gives its name as the last key.
// The prefix that <Event> has is taken off all names. Bytes that are not UTF-8 become U+FFFD. Values view the
// text, or this object's own memory until the next record. One worker's.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decode/json/paths.h"
#include "decode/xml/scanner.h"

namespace landwarden::decode::xml {

class EventValues {
 public:
  /// `paths` must outlive it.
  explicit EventValues(json::Paths& paths) : paths_(paths) {}

  /// `event` reaches from "<Event" to behind "</Event>". Gives the reason if it is refused.
  [[nodiscard]] const char* read(std::string_view event);
  /// The one event that stands in a text, whatever is around it.
  [[nodiscard]] const char* read_text(std::string_view text);

  [[nodiscard]] std::vector<json::Item>& items() { return items_; }
  [[nodiscard]] json::Needs meets() const { return meets_; }
  /// Bytes of the last record that were not UTF-8 were replaced.
  [[nodiscard]] bool mended() const { return mended_; }

 private:
  struct Element {
    std::string_view name;
    std::size_t outer_path = 0;  ///< length of the path around it
    bool data = false;           ///< <Data>
    bool attributes = false, elements = false;
    std::string_view text;
    bool has_text = false;
  };

  [[nodiscard]] const char* parse(std::string_view event);
  [[nodiscard]] const char* open();
  [[nodiscard]] const char* close(std::string_view name);
  [[nodiscard]] static bool says_nothing(const Element& leaf);
  void end_element();
  [[nodiscard]] const char* add_text(std::string_view text);
  void add_attributes(Element& element);
  void add(bool null, std::string_view text);
  void push(std::string_view key);
  [[nodiscard]] std::string_view local(std::string_view name) const;

  json::Paths& paths_;
  Scanner scanner_;
  std::vector<json::Item> items_;
  json::Needs meets_ = 0;
  bool mended_ = false;
  json::PathEntry* before_ = nullptr;
  std::string path_, prefix_, mended_event_;
  std::vector<Element> open_;
  std::size_t event_size_ = 0;
  std::string joined_;  ///< texts that stood in several pieces; reserved, so that views stay
};

}  // namespace landwarden::decode::xml
