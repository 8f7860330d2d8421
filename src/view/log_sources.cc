#include "view/log_sources.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>

#include <fmt/format.h>

#include "base/content.h"
#include "base/text.h"
#include "base/yaml.h"

namespace landwarden::view {
namespace {

std::string bad_shape(const std::string& what) {
  return "log-source table: " + what;
}

// Text of a list of scalars, or of one scalar.
Result<std::vector<std::string>> texts(const yaml::Node& node, const std::string& file) {
  std::vector<std::string> out;
  if (node.is_scalar()) {
    out.push_back(node.text);
    return out;
  }
  for (const yaml::Node& item : node.items) {
    if (!item.is_scalar())
      return fail(ErrorCode::invalid, bad_shape("a list of texts is wanted here"), item.place(file));
    out.push_back(item.text);
  }
  return out;
}

Result<std::vector<std::string>> folded_texts(const yaml::Node& node, const std::string& file) {
  auto out = texts(node, file);
  if (out) {
    for (std::string& text : *out) text = text::folded(text);
  }
  return out;
}

Result<View> read_view(const std::string& name, const yaml::Node& node, const std::string& file) {
  View view{.name = name, .fields = {}};
  for (const auto& [key, value] : node.entries) {
    const yaml::Node* field = value.find("field");
    if (field == nullptr)
      return fail(ErrorCode::invalid, bad_shape("a view's entry needs `field`"), value.place(file));
    FieldSource source{.field = field->text};
    if (const yaml::Node* transform = value.find("transform")) {
      if (transform->text != "hex_to_decimal") {
        return fail(ErrorCode::invalid, bad_shape("unknown transform: " + transform->text),
                    transform->place(file), "known: hex_to_decimal");
      }
      source.transform = Transform::hex_to_decimal;
    }
    view.fields.emplace(key.text, std::move(source));
  }
  return view;
}

bool flag_of(const yaml::Node& node, std::string_view key, bool otherwise) {
  const yaml::Node* value = node.find(key);
  return value == nullptr ? otherwise : value->flag;
}

}  // namespace

std::string apply(Transform transform, std::string_view text) {
  if (transform == Transform::hex_to_decimal && (text.starts_with("0x") || text.starts_with("0X"))) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), number, 16);
    if (error == std::errc() && end == text.data() + text.size()) return std::to_string(number);
  }
  return std::string(text);
}

bool Source::covers(const event::Shape& shape) const {
  if (shape.product != product) return false;
  if (!event_ids.empty()) {
    if (!shape.event_id || std::find(event_ids.begin(), event_ids.end(), *shape.event_id) == event_ids.end())
      return false;
  }
  if (channels.empty()) return true;
  return std::any_of(channels.begin(), channels.end(),
                     [&](const std::string& channel) { return text::equal_folded(channel, shape.channel); });
}

struct LogSources::Tables {
  struct Product {
    std::map<std::string, std::vector<Source>, std::less<>> categories;
    std::map<std::string, std::vector<std::string>, std::less<>> services;  ///< folded channels
    std::map<std::string, std::string, std::less<>> unmapped_categories, unmapped_services;
  };
  std::map<std::string, Product, std::less<>> products;
  std::deque<View> views;  ///< stable addresses

  Result<void> read_services(const yaml::Node& node, const std::string& file, Product& product);
  Result<void> read_categories(const yaml::Node& node, const std::string& file, const std::string& name,
                               Product& product,
                               const std::map<std::string, const View*, std::less<>>& by_name);
};

LogSources::LogSources() : tables_(std::make_unique<Tables>()) {}
LogSources::~LogSources() = default;
LogSources::LogSources(LogSources&&) noexcept = default;
LogSources& LogSources::operator=(LogSources&&) noexcept = default;

Result<LogSources> LogSources::built_in() {
  LogSources out;
  for (const content::BuiltIn& file : content::built_in()) {
    const std::string_view name = file.name;
    if (!name.starts_with("logsources/") || !name.ends_with(".yaml")) continue;
    if (auto added = out.add(file.bytes(), "content/" + std::string(name)); !added)
      return std::unexpected(added.error());
  }
  return out;
}

Result<void> LogSources::Tables::read_services(const yaml::Node& node, const std::string& file,
                                               Product& product) {
  for (const auto& [key, value] : node.entries) {
    auto channels = folded_texts(value, file);
    if (!channels) return std::unexpected(channels.error());
    product.services[key.text] = std::move(*channels);
  }
  return {};
}

namespace {

Result<Source> read_source(const yaml::Node& node, const std::string& file, const std::string& product) {
  Source source{.product = product};
  if (const yaml::Node* channel = node.find("channel")) {
    auto channels = folded_texts(*channel, file);
    if (!channels) return std::unexpected(channels.error());
    source.channels = std::move(*channels);
  }
  if (const yaml::Node* ids = node.find("event_id")) {
    for (const yaml::Node& id : ids->items) {
      if (id.kind != yaml::Node::Kind::integer || id.integer < 0 || id.integer > 0xFFFFFFFF) {
        return fail(ErrorCode::invalid, bad_shape("an event id is a number"), id.place(file));
      }
      source.event_ids.push_back(static_cast<std::uint32_t>(id.integer));
    }
  }
  if (const yaml::Node* where = node.find("where")) {
    for (const auto& [field, values] : where->entries) {
      auto wanted = texts(values, file);
      if (!wanted) return std::unexpected(wanted.error());
      source.where.push_back({field.text, std::move(*wanted)});
    }
  }
  source.alternative = flag_of(node, "alternative", false);
  source.strict = flag_of(node, "strict", !source.alternative);
  return source;
}

}  // namespace

Result<void> LogSources::Tables::read_categories(
    const yaml::Node& node, const std::string& file, const std::string& name, Product& product,
    const std::map<std::string, const View*, std::less<>>& by_name) {
  for (const auto& [category, sources] : node.entries) {
    for (const yaml::Node& item : sources.items) {
      auto source = read_source(item, file, name);
      if (!source) return std::unexpected(source.error());
      if (const yaml::Node* view = item.find("view")) {
        const auto found = by_name.find(view->text);
        if (found == by_name.end()) {
          return fail(ErrorCode::invalid, bad_shape("no such view: " + view->text), view->place(file));
        }
        source->view = found->second;
      }
      product.categories[category.text].push_back(std::move(*source));
    }
  }
  return {};
}

Result<void> LogSources::add(std::string_view yaml_text, const std::string& file) {
  auto documents = yaml::parse(yaml_text, file);
  if (!documents) return std::unexpected(documents.error());
  for (const yaml::Node& document : *documents) {
    const yaml::Node* name = document.find("product");
    if (name == nullptr)
      return fail(ErrorCode::invalid, bad_shape("`product` is missing"), document.place(file));
    Tables::Product& product = tables_->products[name->text];
    std::map<std::string, const View*, std::less<>> by_name;
    for (const View& view : tables_->views) by_name[view.name] = &view;
    if (const yaml::Node* views = document.find("views")) {
      for (const auto& [key, value] : views->entries) {
        auto view = read_view(key.text, value, file);
        if (!view) return std::unexpected(view.error());
        by_name[key.text] = &tables_->views.emplace_back(std::move(*view));
      }
    }
    if (const yaml::Node* services = document.find("services")) {
      if (auto done = tables_->read_services(*services, file, product); !done) return done;
    }
    if (const yaml::Node* categories = document.find("categories")) {
      if (auto done = tables_->read_categories(*categories, file, name->text, product, by_name); !done)
        return done;
    }
    if (const yaml::Node* unmapped = document.find("unmapped")) {
      for (const auto& [kind, list] : unmapped->entries) {
        auto& target = kind.text == "services" ? product.unmapped_services : product.unmapped_categories;
        for (const auto& [key, reason] : list.entries) target[key.text] = reason.text;
      }
    }
  }
  return {};
}

Resolution LogSources::resolve(std::string_view category, std::string_view product,
                               std::string_view service) const {
  Resolution out;
  bool product_known = false;
  for (const auto& [name, table] : tables_->products) {
    if (!product.empty() && name != product) continue;
    product_known = true;
    if (category.empty() && service.empty()) {
      out.sources.push_back({.product = name});
      continue;
    }
    const std::vector<std::string>* channels = nullptr;
    if (!service.empty()) {
      const auto found = table.services.find(service);
      if (found == table.services.end()) {
        const auto why = table.unmapped_services.find(service);
        out.reason = fmt::format("no evidence of service '{}' can be read here", service);
        if (why != table.unmapped_services.end()) out.reason += ": " + why->second;
        continue;
      }
      channels = &found->second;
    }
    if (category.empty()) {
      out.sources.push_back({.product = name, .channels = *channels});
      continue;
    }
    const auto found = table.categories.find(category);
    if (found == table.categories.end()) {
      const auto why = table.unmapped_categories.find(category);
      out.reason = fmt::format("no evidence of category '{}' can be read here", category);
      if (why != table.unmapped_categories.end()) out.reason += ": " + why->second;
      continue;
    }
    for (const Source& source : found->second) {
      // A service beside a category narrows it down to the service's channels.
      const bool inside = channels == nullptr ||
                          std::any_of(source.channels.begin(), source.channels.end(), [&](const auto& c) {
                            return std::find(channels->begin(), channels->end(), c) != channels->end();
                          });
      if (inside) out.sources.push_back(source);
    }
    if (out.sources.empty()) {
      out.reason = fmt::format("category '{}' has no records of service '{}'", category, service);
    }
  }
  if (!product_known) out.reason = fmt::format("no evidence of product '{}' can be read here", product);
  if (!out.sources.empty()) out.reason.clear();
  return out;
}

}  // namespace landwarden::view
