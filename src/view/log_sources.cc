#include "view/log_sources.h"

#include <algorithm>
#include <deque>
#include <map>

#include <fmt/format.h>

#include "base/content.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/yaml.h"
#include "view/command_field.h"

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

bool flag_of(const yaml::Node& node, std::string_view key, bool otherwise) {
  const yaml::Node* value = node.find(key);
  return value == nullptr ? otherwise : value->flag;
}

/// A key that is not known says something that nobody would hear.
Result<void> check_keys(const yaml::Node& map, std::initializer_list<std::string_view> known,
                        const std::string& file) {
  if (map.kind != yaml::Node::Kind::map)
    return fail(ErrorCode::invalid, bad_shape("keys with values are wanted here"), map.place(file));
  for (const auto& [key, value] : map.entries) {
    if (std::ranges::find(known, key.text) != known.end()) continue;
    return fail(ErrorCode::invalid, bad_shape("unknown key: " + key.text), key.place(file),
                fmt::format("known: {}", fmt::join(known, ", ")));
  }
  return {};
}

Result<Transform> read_transform(const yaml::Node& node, const std::string& file) {
  const yaml::Node* named = node.find("transform");
  if (named == nullptr) return Transform{};
  auto transform = parse_transform(named->text);
  if (!transform) {
    return fail(ErrorCode::invalid, bad_shape("unknown transform: " + named->text), named->place(file),
                "known: " + transform_names());
  }
  return *transform;
}

Result<JoinedPart> read_part(const yaml::Node& node, const std::string& file) {
  if (auto known = check_keys(node, {"front", "from", "transform", "needed"}, file); !known)
    return std::unexpected(known.error());
  const yaml::Node* field = node.find("from");
  if (field == nullptr)
    return fail(ErrorCode::invalid, bad_shape("a part of `join` needs `from`"), node.place(file));
  auto transform = read_transform(node, file);
  if (!transform) return std::unexpected(transform.error());
  const yaml::Node* front = node.find("front");
  return JoinedPart{.front = front == nullptr ? std::string() : front->text,
                    .field = field->text,
                    .transform = std::move(*transform),
                    .needed = flag_of(node, "needed", true)};
}

Result<FieldSource> read_field_source(const yaml::Node& node, const std::string& file) {
  if (auto known = check_keys(node, {"field", "join", "with", "transform"}, file); !known)
    return std::unexpected(known.error());
  FieldSource source;
  const yaml::Node* field = node.find("field");
  const yaml::Node* parts = node.find("join");
  if ((field == nullptr) == (parts == nullptr)) {
    return fail(ErrorCode::invalid, bad_shape("a view's entry needs `field`, or else `join`"),
                node.place(file));
  }
  auto transform = read_transform(node, file);
  if (!transform) return std::unexpected(transform.error());
  source.transform = std::move(*transform);
  if (field != nullptr) source.field = field->text;
  if (parts == nullptr) return source;
  if (parts->items.empty() || parts->items.size() > limits::kViewParts)
    return fail(ErrorCode::invalid, bad_shape("`join` takes a list of fields"), parts->place(file));
  for (const yaml::Node& item : parts->items) {
    auto part = read_part(item, file);
    if (!part) return std::unexpected(part.error());
    source.parts.push_back(std::move(*part));
  }
  if (const yaml::Node* separator = node.find("with")) source.separator = separator->text;
  return source;
}

Result<View> read_view(const std::string& name, const yaml::Node& node, const std::string& file) {
  View view{.name = name, .fields = {}};
  if (node.kind != yaml::Node::Kind::map)
    return fail(ErrorCode::invalid, bad_shape("a view is Sigma fields with their sources"), node.place(file));
  for (const auto& [key, value] : node.entries) {
    auto source = read_field_source(value, file);
    if (!source) return std::unexpected(source.error());
    view.fields.emplace(key.text, std::move(*source));
  }
  return view;
}

Result<std::vector<std::uint32_t>> read_event_ids(const yaml::Node& node, const std::string& file) {
  std::vector<std::uint32_t> out;
  const yaml::Node* ids = node.find("event_id");
  if (ids == nullptr) return out;
  if (ids->kind != yaml::Node::Kind::list)
    return fail(ErrorCode::invalid, bad_shape("`event_id` is a list of numbers"), ids->place(file));
  for (const yaml::Node& id : ids->items) {
    if (id.kind != yaml::Node::Kind::integer || id.integer < 0 || id.integer > 0xFFFFFFFF)
      return fail(ErrorCode::invalid, bad_shape("an event id is a number"), id.place(file));
    out.push_back(static_cast<std::uint32_t>(id.integer));
  }
  return out;
}

bool is_one_of(const std::vector<std::string>& folded, std::string_view name) {
  return std::ranges::any_of(folded, [&](const std::string& one) { return text::equal_folded(one, name); });
}

bool has_id(const std::vector<std::uint32_t>& ids, const event::Shape& shape) {
  return ids.empty() || (shape.event_id && std::ranges::find(ids, *shape.event_id) != ids.end());
}

}  // namespace

bool VirtualFields::covers(const event::Shape& shape) const {
  return shape.product == product && has_id(event_ids, shape) && text::equal_folded(channel, shape.channel);
}

bool CommandLines::covers(const event::Shape& shape) const {
  return shape.product == product && has_id(event_ids, shape) && text::equal_folded(channel, shape.channel);
}

bool Source::covers(const event::Shape& shape) const {
  return (product.empty() || shape.product == product) && has_id(event_ids, shape) &&
         (channels.empty() || is_one_of(channels, shape.channel)) &&
         (providers.empty() || is_one_of(providers, shape.provider));
}

struct LogSources::Tables {
  struct Product {
    std::map<std::string, std::vector<Source>, std::less<>> categories;
    std::map<std::string, std::vector<std::string>, std::less<>> services;  ///< folded channels
    std::map<std::string, std::string, std::less<>> unmapped_categories, unmapped_services;
    /// Services that are another product's here.
    std::map<std::string, std::pair<std::string, std::string>, std::less<>> elsewhere;
    bool readable = true;  ///< some decoder gives records of the product
  };
  using Views = std::map<std::string, const View*, std::less<>>;

  std::map<std::string, Product, std::less<>> products;  ///< "" holds what is of no product
  std::deque<View> views;                                ///< stable addresses
  std::vector<VirtualFields> virtual_fields;
  std::vector<CutText> cut_texts;
  std::vector<CommandLines> command_lines;
  std::uint64_t fingerprint = 0;

  Result<void> read_document(const yaml::Node& document, const std::string& file);
  Result<Views> read_views(const yaml::Node& document, const std::string& file);
  Result<void> read_virtual(const yaml::Node& list, const std::string& product, const std::string& file);
  Result<void> read_command_lines(const yaml::Node& list, const std::string& product,
                                  const std::string& file);
  Result<void> read_cut_texts(const yaml::Node& list, const std::string& product, const std::string& file);
  [[nodiscard]] Source whole(const std::string& product) const;

  Result<void> read_services(const yaml::Node& node, const std::string& file, Product& product);
  static Result<void> read_elsewhere(const yaml::Node& node, const std::string& file, Product& product);
  Result<void> read_categories(const yaml::Node& node, const std::string& file, const std::string& name,
                               Product& product, const Views& by_name);
  void add_sources(const std::string& name, const Product& product, std::string_view category,
                   std::string_view service, Resolution& out) const;
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
    auto& all = product.services[key.text];
    all.insert(all.end(), channels->begin(), channels->end());
  }
  return {};
}

Result<void> LogSources::Tables::read_elsewhere(const yaml::Node& node, const std::string& file,
                                                Product& product) {
  for (const auto& [service, where] : node.entries) {
    const std::size_t slash = where.text.find('/');
    if (slash == std::string::npos) {
      return fail(ErrorCode::invalid, bad_shape("`elsewhere` takes services as product/service"),
                  where.place(file));
    }
    product.elsewhere[service.text] = {where.text.substr(0, slash), where.text.substr(slash + 1)};
  }
  return {};
}

namespace {

Result<Source> read_source(const yaml::Node& node, const std::string& file, const std::string& product) {
  if (auto known = check_keys(node,
                              {"product", "channel", "dataset", "provider", "event_id", "where",
                               "alternative", "strict", "fuller", "view"},
                              file);
      !known) {
    return std::unexpected(known.error());
  }
  Source source{.product = product};
  if (const yaml::Node* other = node.find("product")) source.product = other->text;
  for (const std::string_view key : {"channel", "dataset"}) {
    const yaml::Node* names = node.find(key);
    if (names == nullptr) continue;
    auto channels = folded_texts(*names, file);
    if (!channels) return std::unexpected(channels.error());
    source.channels = std::move(*channels);
  }
  if (const yaml::Node* providers = node.find("provider")) {
    auto names = folded_texts(*providers, file);
    if (!names) return std::unexpected(names.error());
    source.providers = std::move(*names);
  }
  if (source.channels.empty() && source.providers.empty()) {
    return fail(ErrorCode::invalid, bad_shape("a source needs `channel`, `dataset` or `provider`"),
                node.place(file));
  }
  auto ids = read_event_ids(node, file);
  if (!ids) return std::unexpected(ids.error());
  source.event_ids = std::move(*ids);
  if (const yaml::Node* where = node.find("where")) {
    for (const auto& [field, values] : where->entries) {
      auto wanted = texts(values, file);
      if (!wanted) return std::unexpected(wanted.error());
      source.where.push_back({field.text, std::move(*wanted)});
    }
  }
  source.alternative = flag_of(node, "alternative", false);
  source.strict = flag_of(node, "strict", !source.alternative);
  source.fuller = flag_of(node, "fuller", true);
  return source;
}

}  // namespace

Result<void> LogSources::Tables::read_categories(
    const yaml::Node& node, const std::string& file, const std::string& name, Product& product,
    const std::map<std::string, const View*, std::less<>>& by_name) {
  for (const auto& [category, sources] : node.entries) {
    if (sources.kind != yaml::Node::Kind::list) {
      return fail(ErrorCode::invalid, bad_shape("a category is a list of sources"), category.place(file),
                  "write a dash before each source");
    }
    for (const yaml::Node& item : sources.items) {
      auto source = read_source(item, file, name);
      if (!source) return std::unexpected(source.error());
      source->readable = product.readable;
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

Result<LogSources::Tables::Views> LogSources::Tables::read_views(const yaml::Node& document,
                                                                 const std::string& file) {
  Views by_name;
  for (const View& view : views) by_name[view.name] = &view;
  const yaml::Node* list = document.find("views");
  if (list == nullptr) return by_name;
  for (const auto& [key, value] : list->entries) {
    auto view = read_view(key.text, value, file);
    if (!view) return std::unexpected(view.error());
    by_name[key.text] = &views.emplace_back(std::move(*view));
  }
  return by_name;
}

Result<void> LogSources::Tables::read_virtual(const yaml::Node& list, const std::string& product,
                                              const std::string& file) {
  for (const yaml::Node& item : list.items) {
    if (auto known = check_keys(item, {"channel", "event_id", "fields"}, file); !known) return known;
    const yaml::Node* channel = item.find("channel");
    const yaml::Node* fields = item.find("fields");
    if (channel == nullptr || fields == nullptr) {
      return fail(ErrorCode::invalid, bad_shape("`virtual` takes entries of `channel` and `fields`"),
                  item.place(file));
    }
    auto ids = read_event_ids(item, file);
    if (!ids) return std::unexpected(ids.error());
    auto view = read_view("", *fields, file);
    if (!view) return std::unexpected(view.error());
    virtual_fields.push_back({product, text::folded(channel->text), std::move(*ids), std::move(*view)});
  }
  return {};
}

Result<void> LogSources::Tables::read_command_lines(const yaml::Node& list, const std::string& product,
                                                    const std::string& file) {
  for (const yaml::Node& item : list.items) {
    if (auto known = check_keys(
            item, {"channel", "event_id", "line", "image", "original_name", "origin", "folder"}, file);
        !known)
      return known;
    const yaml::Node* channel = item.find("channel");
    const yaml::Node* line = item.find("line");
    const yaml::Node* origin = item.find("origin");
    if (channel == nullptr || line == nullptr || origin == nullptr) {
      return fail(ErrorCode::invalid,
                  bad_shape("`command_lines` takes entries of `channel`, `line` and `origin`"),
                  item.place(file));
    }
    auto ids = read_event_ids(item, file);
    if (!ids) return std::unexpected(ids.error());
    const auto text_of = [&](const char* key) {
      const yaml::Node* field = item.find(key);
      return field == nullptr ? std::string() : field->text;
    };
    command_lines.push_back({product, text::folded(channel->text), *ids, line->text, text_of("image"),
                             text_of("original_name"), origin->text, text_of("folder")});
    FieldSource source{
        .field = {}, .transform = {}, .parts = {{.front = {}, .field = line->text}}, .separator = {}};
    for (const auto& [key, mark] :
         {std::pair{"image", kCommandImage}, std::pair{"original_name", kCommandMaker}}) {
      if (const yaml::Node* field = item.find(key)) {
        source.parts.push_back({.front = std::string(mark), .field = field->text, .needed = false});
      }
    }
    View view;
    for (const std::string_view field : kCommandFields) {
      const auto transform = parse_transform(fmt::format("command {} {}", field, origin->text));
      if (!transform) {
        return fail(ErrorCode::invalid, "`origin` is process, powershell or unix", origin->place(file));
      }
      source.transform = *transform;
      view.fields.emplace(fmt::format("lw.{}", field), source);
    }
    virtual_fields.push_back({product, text::folded(channel->text), std::move(*ids), std::move(view)});
  }
  return {};
}

Result<void> LogSources::Tables::read_cut_texts(const yaml::Node& list, const std::string& product,
                                                const std::string& file) {
  for (const yaml::Node& item : list.items) {
    if (auto known = check_keys(item, {"channel", "event_id", "text", "key", "number", "total"}, file);
        !known)
      return known;
    auto ids = read_event_ids(item, file);
    if (!ids) return std::unexpected(ids.error());
    CutText made{.product = product, .channel = {}, .event_id = ids->empty() ? 0 : ids->front()};
    for (const auto& [key, into] :
         {std::pair{"channel", &made.channel}, std::pair{"text", &made.text}, std::pair{"key", &made.key},
          std::pair{"number", &made.number}, std::pair{"total", &made.total}}) {
      const yaml::Node* value = item.find(key);
      if (value == nullptr || !value->is_scalar() || ids->size() != 1) {
        return fail(ErrorCode::invalid,
                    bad_shape("`cut` takes entries of channel, event_id, text, key, number and total"),
                    item.place(file));
      }
      *into = value->text;
    }
    made.channel = text::folded(made.channel);
    cut_texts.push_back(std::move(made));
  }
  return {};
}

Result<void> LogSources::Tables::read_document(const yaml::Node& document, const std::string& file) {
  if (auto known = check_keys(document,
                              {"product", "readable", "services", "categories", "unmapped", "elsewhere",
                               "views", "virtual", "command_lines", "cut"},
                              file);
      !known) {
    return known;
  }
  const yaml::Node* name = document.find("product");
  if (name == nullptr)
    return fail(ErrorCode::invalid, bad_shape("`product` is missing"), document.place(file));
  Product& product = products[name->text];
  product.readable = flag_of(document, "readable", product.readable);
  const auto by_name = read_views(document, file);
  if (!by_name) return std::unexpected(by_name.error());
  if (const yaml::Node* services = document.find("services")) {
    if (auto done = read_services(*services, file, product); !done) return done;
  }
  if (const yaml::Node* categories = document.find("categories")) {
    if (auto done = read_categories(*categories, file, name->text, product, *by_name); !done) return done;
  }
  if (const yaml::Node* elsewhere = document.find("elsewhere")) {
    if (auto done = read_elsewhere(*elsewhere, file, product); !done) return done;
  }
  if (const yaml::Node* list = document.find("virtual")) {
    if (auto done = read_virtual(*list, name->text, file); !done) return done;
  }
  if (const yaml::Node* list = document.find("command_lines")) {
    if (auto done = read_command_lines(*list, name->text, file); !done) return done;
  }
  if (const yaml::Node* list = document.find("cut")) {
    if (auto done = read_cut_texts(*list, name->text, file); !done) return done;
  }
  if (const yaml::Node* unmapped = document.find("unmapped")) {
    if (auto known = check_keys(*unmapped, {"categories", "services"}, file); !known) return known;
    for (const auto& [kind, list] : unmapped->entries) {
      auto& target = kind.text == "services" ? product.unmapped_services : product.unmapped_categories;
      for (const auto& [key, reason] : list.entries) target[key.text] = reason.text;
    }
  }
  return {};
}

Result<void> LogSources::add(std::string_view yaml_text, const std::string& file) {
  auto documents = yaml::parse(yaml_text, file);
  if (!documents) return std::unexpected(documents.error());
  for (const yaml::Node& document : *documents) {
    if (auto done = tables_->read_document(document, file); !done) return done;
  }
  tables_->fingerprint = hash_combine(tables_->fingerprint, hash_text(yaml_text));
  return {};
}

const std::vector<CutText>& LogSources::cut_texts() const {
  return tables_->cut_texts;
}

const std::vector<CommandLines>& LogSources::command_lines() const {
  return tables_->command_lines;
}

std::uint64_t LogSources::fingerprint() const {
  return tables_->fingerprint;
}

Source LogSources::Tables::whole(const std::string& product) const {
  return {.product = product,
          .readable = products.at(product).readable,
          .virtual_fields = virtual_fields.empty() ? nullptr : &virtual_fields};
}

/// What one product has for the log source, or why it has nothing.
void LogSources::Tables::add_sources(const std::string& name, const Product& product,
                                     std::string_view category, std::string_view service,
                                     Resolution& out) const {
  const std::vector<std::string>* channels = nullptr;
  if (!service.empty()) {
    const auto found = product.services.find(service);
    if (found == product.services.end()) {
      const auto why = product.unmapped_services.find(service);
      if (why == product.unmapped_services.end() && !out.reason.empty()) return;
      out.reason = fmt::format("no evidence of service '{}' can be read here", service);
      if (why != product.unmapped_services.end()) out.reason += ": " + why->second;
      return;
    }
    channels = &found->second;
  }
  if (category.empty()) {
    Source& source = out.sources.emplace_back(whole(name));
    if (channels != nullptr) source.channels = *channels;
    return;
  }
  const auto found = product.categories.find(category);
  if (found == product.categories.end()) {
    const auto why = product.unmapped_categories.find(category);
    if (why == product.unmapped_categories.end() && !out.reason.empty()) return;
    out.reason = fmt::format("no evidence of category '{}' can be read here", category);
    if (why != product.unmapped_categories.end()) out.reason += ": " + why->second;
    return;
  }
  bool any = false;
  for (const Source& source : found->second) {
    // A service beside a category narrows it down to the service's channels.
    const bool inside = channels == nullptr || std::ranges::any_of(source.channels, [&](const auto& c) {
                          return std::ranges::find(*channels, c) != channels->end();
                        });
    if (!inside) continue;
    any = true;
    out.sources.push_back(source);
    out.sources.back().virtual_fields = virtual_fields.empty() ? nullptr : &virtual_fields;
  }
  if (!any) out.reason = fmt::format("category '{}' has no records of service '{}'", category, service);
}

Resolution LogSources::resolve(std::string_view category, std::string_view product,
                               std::string_view service) const {
  Resolution out;
  bool product_known = false;
  for (const auto& [name, table] : tables_->products) {
    if (!product.empty() && name != product) continue;
    if (const auto found = table.elsewhere.find(service); !product.empty() && found != table.elsewhere.end())
      return resolve(category, found->second.first, found->second.second);
    product_known = true;
    const bool whole = category.empty() && service.empty();
    if (whole && !name.empty()) out.sources.push_back(tables_->whole(name));
    if (!whole) tables_->add_sources(name, table, category, service, out);
  }
  if (!product_known) out.reason = fmt::format("no evidence of product '{}' can be read here", product);
  if (!out.sources.empty()) out.reason.clear();
  return out;
}

}  // namespace landwarden::view
